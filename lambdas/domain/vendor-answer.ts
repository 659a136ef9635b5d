import type { Order, vendorFacts } from './order.ts'
import type { Reason } from './reasons.ts'

/** What a vendor gives an order. */
export type VendorFacts = Pick<Partial<Order>, keyof ReturnType<typeof vendorFacts>>

/**
 * Who is to blame for a vendor's answer.
 * - `nobody`: it answered as it should, or asks us to slow down
 * - `order`: it refuses this order's content, and would refuse it again
 * - `vendor`: it failed, or the way to it did after the request had left
 * - `us`: our credential, account or balance
 * - `unreached`: the connection was never made, which says nothing of the order
 * - `unclear`: the order, or the vendor for everybody: a comparison with other orders tells
 */
export type Blame = 'nobody' | 'order' | 'vendor' | 'us' | 'unreached' | 'unclear'

/** What an answer means. `unknown` and `nobody`: the vendor says that it has the order, or works on it. */
export type Meaning = { blame: Blame; reason: Reason; retryAfterMs?: number | undefined } & (
  | { made: 'yes'; facts: VendorFacts }
  | { made: 'accepted' | 'no' | 'unknown' }
)
