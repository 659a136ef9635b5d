import type { Owed } from '../../adapters/outbox-repository.ts'
import { troubleOf } from '../../domain/outbox.ts'
import { asError } from '../telemetry.ts'
import { longestWait, waitAfter } from './backoff.ts'
import { inParallel } from './batches.ts'
import { createDeadLetters } from './dead-letters.ts'
import type { Failed } from './read-due.ts'
import type { RelayDeps } from './relay-deps.ts'

/** Postpones what cannot be read, sent or written, and puts it into a DLQ after the waiting limit. */
export function createTroubleshooter(deps: RelayDeps) {
  const { repository, telemetry, now, backoffMs, waitingLimitMs } = deps
  const { putUnsendable } = createDeadLetters(deps)

  /** Whether an order was put off for as long as an order may wait, and has failed again. */
  const isHopeless = (failed: Owed): boolean => (troubleOf(failed)?.waitedMs ?? 0) >= waitingLimitMs

  async function isInDeadLetterQueue(owed: Owed, lane: string): Promise<boolean> {
    try {
      await putUnsendable(owed, lane)
      telemetry.metric('OrdersDeadLettered', 1, { lane })
      return true
    } catch (error) {
      telemetry.error('The DLQ does not take a message', { orderId: owed.orderId, error: asError(error) })
      return false
    }
  }

  async function postpone(owed: Owed, lane: string): Promise<void> {
    const { outboxEventId: eventId = '', orderId } = owed
    const trouble = troubleOf(owed)
    const waitedMs = trouble?.waitedMs ?? 0
    const inDeadLetterQueue =
      trouble?.inDeadLetterQueue || (isHopeless(owed) && (await isInDeadLetterQueue(owed, lane)))
    // As long as it was put off already: 1, 1, 2, 4, … minutes.
    const waitMs = Math.min(Math.max(waitedMs, waitAfter(1, backoffMs)), longestWait(backoffMs))
    try {
      const dueAt = new Date(now() + waitMs).toISOString()
      const next = { eventId, waitedMs: waitedMs + waitMs, inDeadLetterQueue }
      await repository.postponeMark(owed, dueAt, next)
    } catch (error) {
      telemetry.error('An order cannot be postponed', { orderId, error: asError(error) })
    }
  }

  return {
    isHopeless,

    /** Postpones what failed. */
    async lookAfter(failed: readonly Failed[], lane: string): Promise<void> {
      if (failed.length === 0) return
      telemetry.metric('OrdersPostponed', failed.length, { lane })
      await inParallel(failed, async ({ owed, error }) => {
        const { orderId, outboxEventId: eventId } = owed
        telemetry.warn('The relay could not bring an order on, and will try again', {
          orderId,
          eventId,
          error: asError(error),
        })
        await postpone(owed, lane)
      })
    },
  }
}
