import type { Order } from './order.ts'
import type { Meaning } from './vendor-answer.ts'

/** A call with an unknown outcome: the vendor may have made the order's AWB or shipment. */
export type UnknownOutcome = NonNullable<Order['unknownOutcome']>
/** The lease under which a worker calls its vendor for an order. */
export type Claim = NonNullable<Order['claim']>

/** What a vendor guarantees, as docs/vendor-contract.md defines it. Times are in ms. */
export interface VendorTraits {
  honoursIdempotencyKey: boolean
  canBeLookedUp: boolean
  canBeCancelled: boolean
  /** How long after the last call a "not there" is not yet trusted. */
  settleMs: number
  /** How long the vendor remembers a key. */
  keysKeptMs: number
  /** How late a call's recorded time may be, or its arrival after the decision to make it, at most. */
  claimMs: number
}

/** A claim as written. One to undo has no request version, since its requests cannot make any work. */
export const claimFor = ({ undo }: Order, { requestVersion, ...claim }: Claim): Claim =>
  undo === undefined ? { ...claim, requestVersion } : claim

/** What is uncertain, by the order's record or its claim; undefined if the work is certainly not done. */
export function openQuestion({ claim, unknownOutcome, round }: Order): UnknownOutcome | undefined {
  // A claim to undo a step's work sends no request that could make any.
  if (claim?.requestVersion === undefined) return unknownOutcome
  return {
    since: claim.until,
    round,
    requestVersion: claim.requestVersion,
    ...unknownOutcome,
    at: unknownOutcome && unknownOutcome.at > claim.until ? unknownOutcome.at : claim.until,
  }
}

/** The open question after a call that asked the vendor to do the work and ended at `endedAt` (epoch ms). */
export function questionAfter(
  before: UnknownOutcome | undefined,
  { made, blame, reason }: Meaning,
  call: { endedAt: number; round: number; requestVersion: number },
): UnknownOutcome | undefined {
  const { endedAt, round, requestVersion } = call
  const at = new Date(endedAt).toISOString()
  if (blame === 'unreached') return before
  if (before === undefined && made === 'no') return undefined
  // A refusal may be caused by an earlier call's work.
  const refused = blame === 'order' ? { refused: reason } : {}
  return { since: at, round, requestVersion, ...before, ...refused, at }
}

/** How to find out whether the work is done: by repeating the request under its key, by a look-up, or by a person. */
export function wayToFindOut(
  question: UnknownOutcome,
  { honoursIdempotencyKey, canBeLookedUp, keysKeptMs, claimMs }: VendorTraits,
  requestVersion: number,
  now: number,
): 'repeat' | 'look-up' | 'person' {
  const isRemembered = now - Date.parse(question.since) < keysKeptMs - 2 * claimMs
  const isSameRequest = question.requestVersion === requestVersion
  if (honoursIdempotencyKey && isRemembered && isSameRequest && question.refused === undefined)
    return 'repeat'
  return canBeLookedUp ? 'look-up' : 'person'
}
