import type { Reason } from '../../domain/reasons.ts'
import { deadLettered } from '../../domain/step-changes.ts'
import { openQuestion } from '../../domain/uncertainty.ts'
import type { createAnnouncements } from './announcements.ts'
import type { DueOrder, Failed } from './read-due.ts'
import type { RelayDeps, RelayStep } from './relay-deps.ts'

/** An order that is to be dead-lettered, and why. */
export interface Hopeless {
  order: DueOrder
  reason: Reason
}

/** Dead-letters orders that a step cannot be brought to take up. */
export function createGiveUp(
  { repository, telemetry, now, graceMs }: RelayDeps,
  { announce }: Pick<ReturnType<typeof createAnnouncements>, 'announce'>,
) {
  return async ({ order, reason }: Hopeless, { step }: RelayStep): Promise<Failed | undefined> => {
    const cause = { reason, failure: 'not-the-vendors', question: openQuestion(order) } as const
    try {
      const given = await repository.change(order, deadLettered(order, step, cause, { now: now(), graceMs }))
      if (!given.written) return undefined
      telemetry.metric('OrdersDeadLettered', 1, { step })
      telemetry.error('Order dead-lettered', { orderId: order.orderId, step, reason })
      await announce([{ ...given.order, outboxDueAt: given.order.outboxDueAt ?? order.outboxDueAt }])
      return undefined
    } catch (error) {
      return { owed: order, error }
    }
  }
}
