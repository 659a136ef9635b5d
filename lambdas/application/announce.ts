import type { EventPublisher } from '../adapters/event-publisher.ts'
import type { OrderRepository } from '../adapters/order-repository.ts'
import { laneOf } from '../domain/events.ts'
import type { Order } from '../domain/order.ts'
import type { Telemetry } from './telemetry.ts'

/** What announcing works with. */
export interface AnnounceDeps {
  repository: Pick<OrderRepository, 'clearMark'>
  publisher: EventPublisher
  telemetry: Telemetry
}

/** Publishes what an order owes. Where EventBridge does not accept it, the mark is there for the relay. */
export async function publishNow(
  { publisher, telemetry }: Pick<AnnounceDeps, 'publisher' | 'telemetry'>,
  order: Order,
): Promise<boolean> {
  const [published] = await publisher.publish([order])
  if (published?.error === undefined) return true
  telemetry.warn('Event not accepted, the relay will send it', {
    orderId: order.orderId,
    correlationId: order.correlationId,
    eventId: order.outboxEventId,
    error: published.error,
  })
  return false
}

/** A mark that stays is the relay's to clear: what was done for the order is done all the same. */
async function clearMark({ repository, telemetry }: AnnounceDeps, order: Order): Promise<void> {
  try {
    await repository.clearMark(order)
  } catch (error) {
    telemetry.warn('Mark not cleared, the relay will send its event again', {
      orderId: order.orderId,
      correlationId: order.correlationId,
      eventId: order.outboxEventId,
      error: error instanceof Error ? error : String(error),
    })
  }
}

/**
 * Publishes what an order owes at once. Where no step of ours takes the event up, that clears the mark.
 * @returns whether EventBridge accepted it; where it did not, the mark is there for the relay
 */
export async function announce(deps: AnnounceDeps, order: Order): Promise<boolean> {
  if (!(await publishNow(deps, order))) return false
  const isTakenUp = order.deadLettered === undefined && laneOf(order) !== undefined
  if (!isTakenUp) await clearMark(deps, order)
  return true
}
