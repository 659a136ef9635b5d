import { createEventPublisher } from './adapters/event-publisher.ts'
import { createOrderRepository } from './adapters/order-repository.ts'
import { type CancelOrderDeps, cancelOrder } from './application/cancel-order.ts'
import { orderView } from './domain/order.ts'
import { createDynamoDb, createEventBridge, systemClock } from './runtime/aws-clients.ts'
import { cancelOrderEnv, dayMs, parseEnv } from './runtime/env.ts'
import { callersOrder, createHttpHandler, hasScope } from './runtime/http-handler.ts'
import { createTelemetry } from './runtime/telemetry.ts'

/** POST /orders/{orderId}/cancellation: calls the caller's order off, at once or step by step. */
export const createHandler = (deps: CancelOrderDeps) =>
  createHttpHandler(deps.telemetry, async (request) => {
    const order = await cancelOrder(deps, callersOrder(request))
    const { orderId, status } = order
    // A token that may only write is not shown what others wrote.
    const body = hasScope(request, 'orders/read') ? orderView(order) : { orderId, status }
    return { status: status === 'CANCELLED' ? 200 : 202, body }
  })

function createDeps(): CancelOrderDeps {
  const env = parseEnv(cancelOrderEnv)
  return {
    repository: createOrderRepository(createDynamoDb().documents, env.ORDER_TABLE_NAME),
    publisher: createEventPublisher(createEventBridge(), env.EVENT_BUS_NAME),
    telemetry: createTelemetry(),
    graceMs: env.OUTBOX_GRACE_MS,
    retentionMs: env.ORDER_RETENTION_DAYS * dayMs,
    now: systemClock,
  }
}

export const handler = createHandler(createDeps())
