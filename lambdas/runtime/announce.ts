import type { EventPublisher } from '../adapters/event-publisher.ts'
import type { OrderRepository } from '../adapters/order-repository.ts'
import { owedBy } from '../domain/events.ts'
import type { Order } from '../domain/order.ts'
import type { Telemetry } from './powertools.ts'

/** What announcing works with. */
export interface AnnounceParts {
  repository: Pick<OrderRepository, 'clearMark'>
  publisher: EventPublisher
  telemetry: Telemetry
}

/** A mark that stays is the relay's to clear: what was done for the order is done all the same. */
async function settle({ repository, telemetry }: AnnounceParts, order: Order): Promise<void> {
  try {
    await repository.clearMark(order)
  } catch (error) {
    telemetry.warn('Mark not cleared, the relay will send its event again', {
      ...{ orderId: order.orderId, correlationId: order.correlationId, eventId: order.outboxEventId },
      error: error instanceof Error ? error : String(error),
    })
  }
}

/**
 * Publishes what an order owes at once. Where no step of ours takes the event up, that settles the mark.
 * @returns whether EventBridge accepted it; where it did not, the mark is there for the relay
 */
export async function announce(parts: AnnounceParts, order: Order): Promise<boolean> {
  const [published] = await parts.publisher.publish([order])
  if (published?.error !== undefined) {
    parts.telemetry.warn('Event not accepted, the relay will send it', {
      ...{ orderId: order.orderId, correlationId: order.correlationId, eventId: order.outboxEventId },
      error: published.error,
    })
    return false
  }
  const isTakenUp = order.deadLettered === undefined && owedBy[order.status].consumer !== undefined
  if (!isTakenUp) await settle(parts, order)
  return true
}
