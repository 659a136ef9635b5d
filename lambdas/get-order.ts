import type { OrderRepository } from './adapters/order-repository.ts'
import { orderNotFound } from './application/rejection.ts'
import type { Telemetry } from './application/telemetry.ts'
import { orderView } from './domain/order.ts'
import { parseEnv, readOrdersEnv } from './runtime/env.ts'
import { clientOf, createHttpHandler, hasScope, orderIdIn, ownerOf } from './runtime/http-handler.ts'
import { createOrdersDeps } from './runtime/orders-deps.ts'

/** GET /orders/{orderId}: the order's state and how it got there. Support may read every order, on record. */
export const createHandler = (deps: { repository: OrderRepository; telemetry: Telemetry }) =>
  createHttpHandler(deps.telemetry, async (request) => {
    const orderId = orderIdIn(request)
    const order = await deps.repository.get(orderId)
    const isOwn = order?.ownerId === ownerOf(request)
    if (order === undefined || !(isOwn || hasScope(request, 'orders/read:all'))) throw orderNotFound(orderId)
    if (!isOwn) deps.telemetry.info("Another owner's order read", { orderId, client: clientOf(request) })
    return { status: 200, body: orderView(order) }
  })

export const handler = createHandler(createOrdersDeps(parseEnv(readOrdersEnv)))
