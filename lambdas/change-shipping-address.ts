import { createOrderRepository, type OrderRepository } from './adapters/order-repository.ts'
import { orderView, shippingAddressRequest } from './domain/order.ts'
import { shippingAddressChanged } from './domain/order-changes.ts'
import { amendOrder, assertUntouched, callersOrder } from './runtime/amend-order.ts'
import { parseEnv, readOrdersEnv } from './runtime/env.ts'
import { createHttpHandler, parseBody } from './runtime/http-handler.ts'
import { liveClock, liveDynamoDb } from './runtime/live.ts'
import { createTelemetry, type Telemetry } from './runtime/powertools.ts'

/** What changing the address works with. */
export interface ChangeShippingAddressParts {
  repository: OrderRepository
  telemetry: Telemetry
  now: () => number
}

/** PUT /orders/{orderId}/shipping-address: corrects it while the carrier has certainly not taken the order on. */
export const createHandler = (parts: ChangeShippingAddressParts) =>
  createHttpHandler(parts.telemetry, async (request) => {
    const address = parseBody(request, shippingAddressRequest)
    const { order } = await amendOrder(parts.repository, callersOrder(request), async (current) => {
      assertUntouched(current)
      return shippingAddressChanged(current, address, parts.now())
    })
    const { orderId, correlationId } = order
    parts.telemetry.info('Shipping address changed', { orderId, correlationId })
    return { status: 200, body: orderView(order) }
  })

function live(): ChangeShippingAddressParts {
  const env = parseEnv(readOrdersEnv)
  return {
    repository: createOrderRepository(liveDynamoDb().documents, env.ORDER_TABLE_NAME),
    telemetry: createTelemetry(),
    now: liveClock,
  }
}

export const handler = createHandler(live())
