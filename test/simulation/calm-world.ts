import type { Scenario } from './run.ts'
import { times } from './times.ts'
import { type VendorKind, vendorKinds } from './vendor-kinds.ts'

export const minuteMs = 60_000
export const hourMs = 60 * minuteMs
export const dayMs = 24 * hourMs

/** An order request of the Northwind shop. */
export const request = (line1: string, reference: string) => ({
  reference,
  currency: 'EUR',
  customer: { name: 'Paul Henriot' },
  shippingAddress: { name: 'Vins et alcools Chevalier', line1, city: 'Reims', country: 'FR' },
  items: [{ sku: 'NW-011', quantity: 12, unitPrice: 1400 }],
})

export const order = (line1: string, key = 'k1', atMs = 1000) => ({
  owner: 'shop',
  key,
  atMs,
  request: request(line1, key),
})

/** An operator who redrives dead-lettered orders after half a minute. */
export const redrives = { redriveAfterMs: 30_000, maxRedrives: 5 }

/** Whether one of these vendors gives no means to find out the outcome of a call, so that a person has to ask. */
const needsAPerson = (vendorKind: VendorKind): boolean =>
  Object.values(vendorKinds[vendorKind]).some(
    ({ honoursIdempotencyKey, canBeLookedUp }) => !honoursIdempotencyKey && !canBeLookedUp,
  )

/** A world with one order and no faults other than those that the plan injects. */
export const calm = (name: string, vendorKind: VendorKind, more: Partial<Scenario> = {}): Scenario => ({
  name,
  seed: 1,
  skewMs: 0,
  indexLagMs: 0,
  coldStartRate: 0,
  isWild: false,
  poison: [],
  outages: [],
  ourOutages: [],
  waitingLimitMs: times.waitingLimitMs,
  vendors: vendorKinds[vendorKind],
  plannedOrders: [order("59 rue de l'Abbaye")],
  operator: { maxRedrives: 0 },
  expects: {
    doneByMs: 30 * minuteMs,
    mayDeadLetter: needsAPerson(vendorKind) ? /^OUTCOME_UNKNOWN:/ : /^never$/,
  },
  ...more,
})
