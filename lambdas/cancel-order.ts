import { createEventPublisher } from './adapters/event-publisher.ts'
import { createOrderRepository, type OrderRepository } from './adapters/order-repository.ts'
import { orderView } from './domain/order.ts'
import { cancelled } from './domain/order-changes.ts'
import { amendOrder, assertUntouched } from './runtime/amend-order.ts'
import { type AnnounceParts, announce } from './runtime/announce.ts'
import { cancelOrderEnv, dayMs, parseEnv } from './runtime/env.ts'
import { createHttpHandler } from './runtime/http-handler.ts'
import { liveClock, liveDynamoDb, liveEventBridge } from './runtime/live.ts'
import { createTelemetry } from './runtime/powertools.ts'
import { Problem } from './runtime/problem.ts'

/** What cancelling works with. */
export interface CancelOrderParts extends AnnounceParts {
  repository: OrderRepository
  graceMs: number
  retentionMs: number
  now: () => number
}

/** POST /orders/{orderId}/cancellation: calls an order off while the carrier has certainly not taken it on. */
export const createHandler = (parts: CancelOrderParts) =>
  createHttpHandler(parts.telemetry, async (request) => {
    const { order, amended } = await amendOrder(parts.repository, request, async (current) => {
      if (current.status === 'CANCELLED') return undefined
      assertUntouched(current)
      // A debt is paid before it is replaced: cancelling overwrites the mark of ORDER_NEEDS_ATTENTION.
      if (current.deadLettered !== undefined && current.outboxEventId !== undefined)
        if (!(await announce(parts, current)))
          throw new Problem(503, 'Events cannot be published now; try again.')
      const { graceMs, retentionMs } = parts
      return cancelled(current, { now: parts.now(), graceMs, retentionMs })
    })
    if (amended) {
      const { orderId, correlationId } = order
      parts.telemetry.info('Order cancelled', { orderId, correlationId })
      await announce(parts, order)
    }
    return { status: 200, body: orderView(order) }
  })

function live(): CancelOrderParts {
  const env = parseEnv(cancelOrderEnv)
  return {
    repository: createOrderRepository(liveDynamoDb().documents, env.ORDER_TABLE_NAME),
    publisher: createEventPublisher(liveEventBridge(), env.EVENT_BUS_NAME),
    telemetry: createTelemetry(),
    graceMs: env.OUTBOX_GRACE_MS,
    retentionMs: env.ORDER_RETENTION_DAYS * dayMs,
    now: liveClock,
  }
}

export const handler = createHandler(live())
