import { createOrderRepository, type OrderRepository } from './adapters/order-repository.ts'
import { orderView } from './domain/order.ts'
import { parseEnv, readOrdersEnv } from './runtime/env.ts'
import { createHttpHandler, hasScope, orderIdIn, orderNotFound, ownerOf } from './runtime/http-handler.ts'
import { liveDynamoDb } from './runtime/live.ts'
import { createTelemetry, type Telemetry } from './runtime/powertools.ts'

/** GET /orders/{orderId}: where the order stands and how it got there. Support may read everybody's. */
export const createHandler = (parts: { repository: OrderRepository; telemetry: Telemetry }) =>
  createHttpHandler(parts.telemetry, async (request) => {
    const orderId = orderIdIn(request)
    const order = await parts.repository.get(orderId)
    const readable = order && (order.ownerId === ownerOf(request) || hasScope(request, 'orders/read:all'))
    if (!readable) throw orderNotFound(orderId)
    return { status: 200, body: orderView(order) }
  })

function live() {
  const env = parseEnv(readOrdersEnv)
  return {
    repository: createOrderRepository(liveDynamoDb().documents, env.ORDER_TABLE_NAME),
    telemetry: createTelemetry(),
  }
}

export const handler = createHandler(live())
