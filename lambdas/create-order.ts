import { createEventPublisher } from './adapters/event-publisher.ts'
import { createOrderRepository } from './adapters/order-repository.ts'
import { orderReceipt, orderRequest } from './domain/order.ts'
import { parseEnv, publishOrdersEnv } from './runtime/env.ts'
import { createHttpHandler, ownerOf, parseBody } from './runtime/http-handler.ts'
import { liveClock, liveDynamoDb, liveEventBridge } from './runtime/live.ts'
import { type PlaceOrderParts, placeOrder } from './runtime/place-order.ts'
import { createTelemetry } from './runtime/powertools.ts'

/** POST /orders: validates, writes the order, publishes ORDER_CREATED, answers. Two AWS calls, no vendor. */
export const createHandler = (parts: PlaceOrderParts) =>
  createHttpHandler(parts.telemetry, async (request) => {
    const body = parseBody(request, orderRequest)
    const { order, replayed } = await placeOrder(parts, request, body, ownerOf(request))
    const { orderId, correlationId } = order
    parts.telemetry.info(replayed ? 'Order replayed' : 'Order created', { orderId, correlationId })
    if (!replayed) parts.telemetry.metric('OrdersCreated', 1)
    return {
      status: 201,
      headers: { location: `/orders/${orderId}`, ...(replayed && { 'idempotency-replayed': 'true' }) },
      body: orderReceipt(order),
    }
  })

function live(): PlaceOrderParts {
  const env = parseEnv(publishOrdersEnv)
  return {
    repository: createOrderRepository(liveDynamoDb().documents, env.ORDER_TABLE_NAME),
    publisher: createEventPublisher(liveEventBridge(), env.EVENT_BUS_NAME),
    telemetry: createTelemetry(),
    graceMs: env.OUTBOX_GRACE_MS,
    now: liveClock,
  }
}

export const handler = createHandler(live())
