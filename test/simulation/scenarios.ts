import { unservedLine, type VendorTraits } from './models/vendor.ts'
import type { Scenario } from './run.ts'

/** The sorts of vendors that docs/vendor-contract.md knows. */
export const vendorSorts = {
  'honours keys': { honoursIdempotencyKey: true, canBeLookedUp: true },
  'look-up only': { honoursIdempotencyKey: false, canBeLookedUp: true },
  'keys only': { honoursIdempotencyKey: true, canBeLookedUp: false },
  neither: { honoursIdempotencyKey: false, canBeLookedUp: false },
  asynchronous: { honoursIdempotencyKey: true, canBeLookedUp: true, asyncMs: 40_000 },
  'asynchronous, look-up only': { honoursIdempotencyKey: false, canBeLookedUp: true, asyncMs: 40_000 },
} as const satisfies Record<string, VendorTraits>
export type VendorSort = keyof typeof vendorSorts

const minuteMs = 60_000

const request = (line1: string) => ({
  ...{ reference: '10248', currency: 'EUR', customer: { name: 'Paul Henriot' } },
  shippingAddress: { name: 'Vins et alcools Chevalier', line1, city: 'Reims', country: 'FR' },
  items: [{ sku: 'NW-011', quantity: 12, unitPrice: 1400 }],
})

const oneOrder = (line1: string) => [{ owner: 'shop', key: 'k1', atMs: 1000, request: request(line1) }]

/** A calm world with one order, in which nothing goes wrong but what a plan says. */
const calm = (name: string, sort: VendorSort, more: Partial<Scenario> = {}): Scenario => ({
  name,
  ...{ seed: 1, skewMs: 0, indexLagMs: 0, coldStartRate: 0, isWild: false, poison: [], outages: [] },
  vendors: { logistics: vendorSorts[sort], wms: vendorSorts[sort] },
  wishes: oneOrder("59 rue de l'Abbaye"),
  operator: { maxRedrives: 0 },
  expects: {
    doneByMs: 30 * minuteMs,
    mayDeadLetter: sort === 'neither' ? /^OUTCOME_UNKNOWN:/ : /^never$/,
  },
  ...more,
})

/** The paths of one order of which every cut and every pair of cuts is played. */
export const paths = {
  straight: (sort: VendorSort) => calm('straight', sort),
  /** The carrier refuses the address, the shop corrects it, an operator redrives. */
  'corrected and redriven': (sort: VendorSort) =>
    calm('corrected and redriven', sort, {
      wishes: oneOrder(unservedLine),
      operator: { redriveAfterMs: 30_000, maxRedrives: 5 },
      expects: { doneByMs: 60 * minuteMs, mayDeadLetter: /^(ADDRESS_NOT_SERVED|OUTCOME_UNKNOWN:)/ },
    }),
}
export type PathName = keyof typeof paths
