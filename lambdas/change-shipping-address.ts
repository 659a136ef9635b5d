import { createOrderRepository, type OrderRepository } from './adapters/order-repository.ts'
import { amendOrder, assertUntouched } from './application/amend-order.ts'
import type { Telemetry } from './application/telemetry.ts'
import { shippingAddressChanged } from './domain/amendments.ts'
import { orderView } from './domain/order.ts'
import { shippingAddress } from './domain/order-request.ts'
import { createDynamoDb, systemClock } from './runtime/aws-clients.ts'
import { parseEnv, readOrdersEnv } from './runtime/env.ts'
import { callersOrder, createHttpHandler, parseBody } from './runtime/http-handler.ts'
import { createTelemetry } from './runtime/telemetry.ts'

/** What changing the address works with. */
export interface ChangeShippingAddressDeps {
  repository: OrderRepository
  telemetry: Telemetry
  now: () => number
}

/** PUT /orders/{orderId}/shipping-address: corrects it while no step has begun to work on the order. */
export const createHandler = (deps: ChangeShippingAddressDeps) =>
  createHttpHandler(deps.telemetry, async (request) => {
    const address = parseBody(request, shippingAddress)
    const { order } = await amendOrder(deps.repository, callersOrder(request), async (current) => {
      assertUntouched(current)
      return shippingAddressChanged(current, address, deps.now())
    })
    const { orderId, correlationId } = order
    deps.telemetry.info('Shipping address changed', { orderId, correlationId })
    return { status: 200, body: orderView(order) }
  })

function createDeps(): ChangeShippingAddressDeps {
  const env = parseEnv(readOrdersEnv)
  return {
    repository: createOrderRepository(createDynamoDb().documents, env.ORDER_TABLE_NAME),
    telemetry: createTelemetry(),
    now: systemClock,
  }
}

export const handler = createHandler(createDeps())
