import * as z from 'zod/mini'
import type { Order } from '../domain/order.ts'
import { createVendorClient, type VendorClient } from './vendor-client.ts'
import type { VendorHttp } from './vendor-http.ts'

const answer = z.object({
  awb: z.string().check(z.minLength(1), z.maxLength(100)),
  trackingUrl: z.optional(z.url().check(z.maxLength(1000))),
})
/** What the carrier gives an order: its tracking number (air waybill), and where a buyer can follow it. */
export type Awb = z.output<typeof answer>

function requestFor(order: Order) {
  const { orderId, shippingService, customer, shippingAddress, items, total, currency } = order
  const { name, ...address } = shippingAddress
  // A weight that leaves some items out would be declared too light: then better none.
  const weighed = items.every((item) => item.weightGrams !== undefined)
  const weightGrams = items.reduce((sum, item) => sum + (item.weightGrams ?? 0) * item.quantity, 0)
  return {
    reference: orderId,
    shippingService,
    recipient: { name, phone: customer.phone, email: customer.email, address },
    parcel: {
      ...(weighed && { weightGrams }),
      items: items.map(({ sku, quantity }) => ({ sku, quantity })),
    },
    declaredValue: { amount: total, currency },
  }
}

/** Asks the carrier for AWBs: docs/logistics-api.openapi.json. */
export const createLogisticsClient = (http: VendorHttp): VendorClient<Awb> =>
  createVendorClient(http, { path: '/awbs', answer, requestFor })
