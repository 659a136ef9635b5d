import { createEventPublisher } from './adapters/event-publisher.ts'
import { createOrderRepository } from './adapters/order-repository.ts'
import { orderView } from './domain/order.ts'
import { callersOrder } from './runtime/amend-order.ts'
import { type CancelOrderParts, cancelOrder } from './runtime/cancel.ts'
import { cancelOrderEnv, dayMs, parseEnv } from './runtime/env.ts'
import { createHttpHandler } from './runtime/http-handler.ts'
import { liveClock, liveDynamoDb, liveEventBridge } from './runtime/live.ts'
import { createTelemetry } from './runtime/powertools.ts'

/** POST /orders/{orderId}/cancellation: calls the caller's order off while that is possible. */
export const createHandler = (parts: CancelOrderParts) =>
  createHttpHandler(parts.telemetry, async (request) => ({
    status: 200,
    body: orderView(await cancelOrder(parts, callersOrder(request))),
  }))

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
