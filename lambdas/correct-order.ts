import * as z from 'zod/mini'
import { createOrderRepository } from './adapters/order-repository.ts'
import { type CorrectOrderDeps, correctOrder } from './application/correct-order.ts'
import { orderView } from './domain/order.ts'
import { createDynamoDb, systemClock } from './runtime/aws-clients.ts'
import { parseEnv, readOrdersEnv } from './runtime/env.ts'
import { callersOrder, createHttpHandler, parseBody } from './runtime/http-handler.ts'
import { createTelemetry } from './runtime/telemetry.ts'

const mergePatch = z.record(z.string(), z.unknown())

/** PATCH /orders/{orderId}: corrects what a vendor may refuse, and what no vendor has worked on. */
export const createHandler = (deps: CorrectOrderDeps) =>
  createHttpHandler(deps.telemetry, async (request) => {
    const patch = parseBody(request, mergePatch, ['application/merge-patch+json', 'application/json'])
    const order = await correctOrder(deps, callersOrder(request), patch)
    return { status: 200, body: orderView(order) }
  })

function createDeps(): CorrectOrderDeps {
  const env = parseEnv(readOrdersEnv)
  return {
    repository: createOrderRepository(createDynamoDb().documents, env.ORDER_TABLE_NAME),
    telemetry: createTelemetry(),
    now: systemClock,
  }
}

export const handler = createHandler(createDeps())
