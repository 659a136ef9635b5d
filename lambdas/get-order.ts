import type { OrderRepository } from './adapters/order-repository.ts'
import { orderNotFound } from './application/rejection.ts'
import type { Telemetry } from './application/telemetry.ts'
import { orderView } from './domain/order.ts'
import { parseEnv, readOrdersEnv } from './runtime/env.ts'
import { createHttpHandler, hasScope, orderIdIn, ownerOf } from './runtime/http-handler.ts'
import { createOrdersDeps } from './runtime/orders-deps.ts'

/** GET /orders/{orderId}: the order's state and how it got there. Support may read every order. */
export const createHandler = (deps: { repository: OrderRepository; telemetry: Telemetry }) =>
  createHttpHandler(deps.telemetry, async (request) => {
    const orderId = orderIdIn(request)
    const order = await deps.repository.get(orderId)
    const readable = order && (order.ownerId === ownerOf(request) || hasScope(request, 'orders/read:all'))
    if (!readable) throw orderNotFound(orderId)
    return { status: 200, body: orderView(order) }
  })

export const handler = createHandler(createOrdersDeps(parseEnv(readOrdersEnv)))
