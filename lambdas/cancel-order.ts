import { createOrderRepository } from './adapters/order-repository.ts'
import type { ExitDeps } from './application/amend-order.ts'
import { cancelOrder } from './application/cancel-order.ts'
import { cancelOrderEnv, dayMs, parseEnv } from './runtime/env.ts'
import { callersOrder, createHttpHandler, type EndpointDeps } from './runtime/http-handler.ts'
import { createPublishingDeps } from './runtime/orders-deps.ts'

/** POST /orders/{orderId}/cancellation: cancels the caller's order, at once or step by step. */
export const createHandler = (deps: ExitDeps & EndpointDeps) =>
  createHttpHandler(deps, async (request, caller) => {
    const order = await cancelOrder(deps, callersOrder(request, caller))
    return { status: order.status === 'CANCELLED' ? 200 : 202, body: caller.view(order) }
  })

const env = parseEnv(cancelOrderEnv)
export const handler = createHandler({
  ...createPublishingDeps(env, createOrderRepository),
  retentionMs: env.ORDER_RETENTION_DAYS * dayMs,
})
