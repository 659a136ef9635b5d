import type { EventPublisher } from '../adapters/event-publisher.ts'
import type { OrderRepository } from '../adapters/order-repository.ts'
import { laneOf } from '../domain/events.ts'
import type { Order } from '../domain/order.ts'
import { asError, type Telemetry } from './telemetry.ts'

/** Dependencies of {@link announce}. */
export interface AnnounceDeps {
  repository: Pick<OrderRepository, 'clearMark'>
  publisher: EventPublisher
  telemetry: Telemetry
}

const factsOf = ({ orderId, correlationId, outboxEventId: eventId }: Order) => ({
  orderId,
  correlationId,
  eventId,
})

/** Publishes an order's event and returns whether EventBridge accepted it; if not, the relay will send it. */
export async function publishNow(
  { publisher, telemetry }: Pick<AnnounceDeps, 'publisher' | 'telemetry'>,
  order: Order,
): Promise<boolean> {
  const [published] = await publisher.publish([order])
  if (published?.error === undefined) return true
  telemetry.warn('Event not accepted, the relay will send it', {
    ...factsOf(order),
    error: published.error,
  })
  return false
}

/** Like {@link publishNow}, and clears the mark of an accepted event that no step consumes. */
export async function announce(deps: AnnounceDeps, order: Order): Promise<boolean> {
  if (!(await publishNow(deps, order))) return false
  const isTakenUp = order.deadLettered === undefined && laneOf(order) !== undefined
  if (isTakenUp) return true
  await deps.repository.clearMark(order).catch((error) =>
    deps.telemetry.warn('Mark not cleared, the relay will send its event again', {
      ...factsOf(order),
      error: asError(error),
    }),
  )
  return true
}
