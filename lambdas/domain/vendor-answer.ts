import type { Order, vendorFacts } from './order.ts'
import type { Reason } from './reasons.ts'

/** The data that vendors add to an order. */
export type VendorFacts = Pick<Partial<Order>, keyof ReturnType<typeof vendorFacts>>

/**
 * Who is to blame for a vendor's answer.
 * - `nobody`: it answered as it should, or asks us to slow down
 * - `order`: it refuses this order's content, and would refuse it again
 * - `vendor`: it failed, or the connection did after the request was sent
 * - `us`: our credential, account or balance
 * - `unreached`: no connection was made, which says nothing about the order
 * - `unclear`: the order, or the vendor for all orders; comparing with other orders tells which
 */
export type Blame = 'nobody' | 'order' | 'vendor' | 'us' | 'unreached' | 'unclear'

/** What an answer means. `unknown` with `nobody`: the vendor says that it has the order, or is working on it. */
export type Meaning = { blame: Blame; reason: Reason; retryAfterMs?: number | undefined } & (
  | { made: 'yes'; facts: VendorFacts }
  | { made: 'accepted' | 'no' | 'unknown' }
)
