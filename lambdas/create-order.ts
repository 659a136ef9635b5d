import { createEventPublisher } from './adapters/event-publisher.ts'
import { createOrderRepository } from './adapters/order-repository.ts'
import { type PlaceOrderDeps, placeOrder } from './application/place-order.ts'
import { orderReceipt } from './domain/order.ts'
import { orderBody } from './domain/order-request.ts'
import { createDynamoDb, createEventBridge, systemClock } from './runtime/aws-clients.ts'
import { createOrderEnv, parseEnv } from './runtime/env.ts'
import { createHttpHandler, ownerOf, parseBody } from './runtime/http-handler.ts'
import { createTelemetry } from './runtime/telemetry.ts'
import { traceparentOf } from './runtime/trace.ts'

/** POST /orders: validates, writes the order, publishes ORDER_CREATED, answers. Two AWS calls, no vendor. */
export const createHandler = (deps: PlaceOrderDeps) =>
  createHttpHandler(deps.telemetry, async (request) => {
    const body = parseBody(request, orderBody)
    const { headers, requestContext } = request
    const { order, replayed } = await placeOrder(deps, {
      body,
      ownerId: ownerOf(request),
      idempotencyKey: headers['idempotency-key'],
      requestId: requestContext.requestId,
      correlationId: headers['x-correlation-id'],
      traceparent: traceparentOf(headers.traceparent),
    })
    const { orderId, correlationId } = order
    deps.telemetry.info(replayed ? 'Order replayed' : 'Order created', { orderId, correlationId })
    if (!replayed) deps.telemetry.metric('OrdersCreated', 1)
    return {
      status: 201,
      headers: { location: `/orders/${orderId}`, ...(replayed && { 'idempotency-replayed': 'true' }) },
      body: orderReceipt(order),
    }
  })

function createDeps(): PlaceOrderDeps {
  const env = parseEnv(createOrderEnv)
  return {
    repository: createOrderRepository(createDynamoDb().documents, env.ORDER_TABLE_NAME),
    publisher: createEventPublisher(createEventBridge(), env.EVENT_BUS_NAME),
    telemetry: createTelemetry(),
    graceMs: env.OUTBOX_GRACE_MS,
    outboxShards: env.OUTBOX_SHARDS,
    now: systemClock,
    random: Math.random,
  }
}

export const handler = createHandler(createDeps())
