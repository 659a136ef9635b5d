import type { CallResult, VendorClient } from '../adapters/vendor-client.ts'
import type { StepName } from '../domain/chain.ts'
import type { Outcome, UncertainSince } from '../domain/failure.ts'
import type { Order } from '../domain/order.ts'
import type { Reason } from '../domain/reasons.ts'

/** What a vendor promises; docs/vendor-contract.md says what each promise demands. */
export interface VendorTraits {
  honoursIdempotencyKey: boolean
  canBeLookedUp: boolean
  /** How long after the last call a "not there" is not yet believed, in ms. */
  settleMs: number
}

/** What came of asking, and the last answer that it rests on, which tells how the vendor is. */
export interface Asked<Answer> {
  outcome: Outcome<Answer>
  last?: CallResult<Answer>
}

/**
 * Asks the vendor to do its work for an order, never twice: while an earlier outcome is unknown, a vendor that
 * honours keys is called with the same key again, one that can be looked up is asked first, and one that can
 * do neither is left alone.
 */
export async function askVendor<Answer>(
  order: Order,
  step: StepName,
  client: VendorClient<Answer>,
  traits: VendorTraits,
  now: () => number,
): Promise<Asked<Answer>> {
  const { honoursIdempotencyKey, canBeLookedUp, settleMs } = traits
  const canFindOut = honoursIdempotencyKey || canBeLookedUp
  const earlier = order.unknownOutcome
  let uncertainSince: UncertainSince = earlier && Date.parse(earlier.at)

  const asked = (last: CallResult<Answer>, isCreate: boolean): Asked<Answer> => {
    // What a look-up leaves open was open before; a create may have opened it anew.
    const since = (certain: boolean) => (isCreate && !certain ? now() : uncertainSince)
    /** What is left open, or the end of it where nobody can find out. */
    const pending = <Left extends object>(certain: boolean, reason: Reason, left: Left) => {
      const open = since(certain)
      return open !== undefined && !canFindOut
        ? { last, outcome: { kind: 'undecidable' as const, reason, uncertainSince: open } }
        : { last, outcome: { ...left, reason, uncertainSince: open } }
    }
    const waits = (reason: Reason, certain: boolean, waitMs?: number) =>
      pending(certain, reason, { kind: 'waiting' as const, waitMs })
    const fails = (reason: Reason, certain: boolean) =>
      // Whoever was not reached is the only one who certainly did nothing, and said nothing.
      pending(certain, reason, { kind: 'transient' as const, reached: !certain })
    switch (last.kind) {
      case 'done':
        return { last, outcome: last }
      case 'refused':
        return { last, outcome: { kind: 'permanent', reason: last.reason } }
      case 'accepted':
        return waits('NOT_READY_YET', false, last.retryAfterMs)
      case 'paused':
        return waits(last.reason, last.certain, last.retryAfterMs)
      case 'failed':
        return fails(last.reason, last.certain)
      case 'conflict':
      case 'not-there':
        return fails('CONFLICT', false)
    }
  }

  if (uncertainSince !== undefined && !honoursIdempotencyKey) {
    if (!canBeLookedUp)
      return { outcome: { kind: 'undecidable', reason: 'NO_WAY_TO_FIND_OUT', uncertainSince } }
    const found = await client.lookUp(order)
    if (found.kind !== 'not-there') return asked(found, false)
    const settledAt = uncertainSince + settleMs
    if (now() < settledAt) return { last: found, outcome: { kind: 'settling', until: settledAt } }
    uncertainSince = undefined
  }
  const created = await client.create(order, `${order.orderId}:${step}:${earlier?.round ?? order.round}`)
  if (created.kind !== 'conflict' || !canBeLookedUp) return asked(created, true)
  // Where the look-up cannot even be made, what the create said stands: the vendor was called.
  const found = await client.lookUp(order).catch(() => created)
  if (found.kind === 'not-there' || found.kind === 'conflict') return asked(created, true)
  uncertainSince = now()
  return asked(found, false)
}
