import { createOrderReads, type OrderReads } from './adapters/order-reads.ts'
import { orderNotFound } from './application/rejection.ts'
import { orderView } from './domain/order.ts'
import { parseEnv, readOrdersEnv } from './runtime/env.ts'
import { createHttpHandler, type EndpointDeps, orderIdIn } from './runtime/http-handler.ts'
import { createOrdersDeps } from './runtime/orders-deps.ts'

/** GET /orders/{orderId}: the order's state and how it got there. Support may read any order, which is logged. */
export const createHandler = (deps: EndpointDeps & { repository: OrderReads }) =>
  createHttpHandler(deps, async (request, caller) => {
    const orderId = orderIdIn(request)
    const owner = caller.has('orders/read:all') ? undefined : caller.owner
    const order = await deps.repository.get(orderId)
    if (order === undefined || (owner ?? order.ownerId) !== order.ownerId) throw orderNotFound(orderId)
    if (owner === undefined) deps.telemetry.info('Order read by support', { orderId, client: caller.client })
    return { status: 200, body: orderView(order) }
  })

export const handler = createHandler(createOrdersDeps(parseEnv(readOrdersEnv), createOrderReads))
