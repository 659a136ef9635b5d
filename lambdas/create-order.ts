import { createOrderWrites } from './adapters/order-repository.ts'
import { type PlaceOrderDeps, placeOrder } from './application/place-order.ts'
import { orderReceipt } from './domain/order.ts'
import { orderBody } from './domain/order-request.ts'
import { createOrderEnv, parseEnv } from './runtime/env.ts'
import { createHttpHandler, type EndpointDeps, parseBody, traceparentOf } from './runtime/http-handler.ts'
import { createPublishingDeps } from './runtime/orders-deps.ts'

/** POST /orders: validates, writes the order, publishes ORDER_CREATED, answers. Two AWS calls, no vendor. */
export const createHandler = (deps: PlaceOrderDeps & EndpointDeps) =>
  createHttpHandler(deps, async (request, caller) => {
    const body = parseBody(request, orderBody)
    const { headers, requestContext } = request
    const { owner, client } = caller
    const { order, replayed } = await placeOrder(deps, {
      body,
      ownerId: owner,
      client,
      idempotencyKey: headers['idempotency-key'],
      requestId: requestContext.requestId,
      correlationId: headers['x-correlation-id'],
      traceparent: traceparentOf(headers.traceparent),
    })
    const { orderId, correlationId } = order
    deps.telemetry.info(replayed ? 'Order replayed' : 'Order created', { orderId, correlationId, client })
    if (!replayed) deps.telemetry.metric('OrdersCreated', 1)
    return {
      status: 201,
      headers: { location: `/orders/${orderId}`, ...(replayed && { 'idempotency-replayed': 'true' }) },
      body: orderReceipt(order),
    }
  })

const env = parseEnv(createOrderEnv)
export const handler = createHandler({
  ...createPublishingDeps(env, createOrderWrites),
  outboxShards: env.OUTBOX_SHARDS,
  routes: env.ROUTES,
  limits: env.LIMITS,
  random: Math.random,
})
