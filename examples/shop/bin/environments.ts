import { adapters, defaults, settingsOf, type Values, vendorDefaults } from 'create-order'
import * as z from 'zod/mini'

const vendor = { ...vendorDefaults, honoursIdempotencyKey: true, ratePerSecond: 20, concurrency: 4 }
const dev: Values = {
  ...defaults,
  vendors: {
    'parcel-post': {
      ...vendor,
      step: 'logistics',
      adapter: 'parcel-post',
      url: 'https://sandbox.parcel-post.example',
      honoursIdempotencyKey: false,
    },
    wrapper: { ...vendor, step: 'giftwrap', url: 'https://sandbox.wrapper.example' },
    warehouse: { ...vendor, step: 'wms', url: 'https://sandbox.warehouse.example' },
  },
  routes: {
    logistics: [{ vendor: 'parcel-post' }],
    giftwrap: [{ vendor: 'wrapper' }],
    wms: [{ vendor: 'warehouse' }],
  },
}

/** The shop's environments, and the adapters that its vendors may use. */
export const loadSettings = settingsOf(
  { dev },
  { ...adapters, 'parcel-post': { options: z.strictObject({}), calls: 1 } },
)
