import type { Owed } from '../../adapters/outbox-repository.ts'
import { troubleOf } from '../../domain/outbox.ts'
import { asError } from '../telemetry.ts'
import { longestWait, waitAfter } from './backoff.ts'
import { inParallel } from './batches.ts'
import { leastMessageOf } from './messages.ts'
import type { Failed } from './read-due.ts'
import type { RelayDeps } from './relay-deps.ts'

/** Postpones orders that cannot be read, sent or written, and sends them to a DLQ after the waiting limit. */
export function createTroubleshooter(deps: RelayDeps) {
  const { lanes, repository, telemetry, now, backoffMs, waitingLimitMs } = deps

  /** Whether an order was postponed for as long as an order may wait, and has failed again. */
  const isHopeless = (failed: Owed): boolean => (troubleOf(failed)?.waitedMs ?? 0) >= waitingLimitMs

  /** Sends an order that cannot be updated to the DLQ of its lane, or of the last lane if it has none. */
  async function putIntoDeadLetterQueue(owed: Owed, lane: string): Promise<void> {
    const to = lanes.find(({ vendor }) => vendor === lane) ?? lanes.at(-1)
    if (to === undefined) throw new Error('The relay knows no step')
    const facts = { orderId: owed.orderId, step: to.step, kind: 'not-the-vendors', reason: 'CANNOT_BE_SENT' }
    await to.queue.deadLetter(leastMessageOf(owed, to), facts)
    telemetry.metric('OrdersDeadLettered', 1, { lane })
  }

  async function postpone(owed: Owed, lane: string): Promise<void> {
    const trouble = troubleOf(owed)
    const waitedMs = trouble?.waitedMs ?? 0
    const inDeadLetterQueue = isHopeless(owed)
    if (inDeadLetterQueue && !trouble?.inDeadLetterQueue) await putIntoDeadLetterQueue(owed, lane)
    // As long as the total wait so far: 1, 1, 2, 4, … minutes.
    const waitMs = Math.min(Math.max(waitedMs, waitAfter(1, backoffMs)), longestWait(backoffMs))
    const next = { eventId: owed.outboxEventId ?? '', waitedMs: waitedMs + waitMs, inDeadLetterQueue }
    await repository.postponeMark(owed, new Date(now() + waitMs).toISOString(), next)
  }

  return {
    isHopeless,

    async lookAfter(failed: readonly Failed[], lane: string): Promise<void> {
      if (failed.length === 0) return
      telemetry.metric('OrdersPostponed', failed.length, { lane })
      await inParallel(failed, async ({ owed, error }) => {
        const { orderId, outboxEventId: eventId } = owed
        telemetry.warn('The relay could not process an order, and will try again', {
          orderId,
          eventId,
          error: asError(error),
        })
        try {
          await postpone(owed, lane)
        } catch (failure) {
          telemetry.error('An order cannot be postponed', { orderId, error: asError(failure) })
        }
      })
    },
  }
}
