import * as z from 'zod/mini'
import { createOrderRepository } from './adapters/order-repository.ts'
import { type CorrectOrderDeps, correctOrder } from './application/correct-order.ts'
import { correctOrderEnv, parseEnv } from './runtime/env.ts'
import { callersOrder, createHttpHandler, type EndpointDeps, parseBody } from './runtime/http-handler.ts'
import { createOrdersDeps } from './runtime/orders-deps.ts'

const mergePatch = z.record(z.string(), z.unknown())

/** PATCH /orders/{orderId}: corrects data that a vendor may reject and that no vendor has worked with yet. */
export const createHandler = (deps: CorrectOrderDeps & EndpointDeps) =>
  createHttpHandler(deps, async (request, caller) => {
    const patch = parseBody(request, mergePatch, ['application/merge-patch+json', 'application/json'])
    const order = await correctOrder(deps, callersOrder(request, caller), patch)
    return { status: 200, body: caller.view(order) }
  })

const env = parseEnv(correctOrderEnv)
export const handler = createHandler({ ...createOrdersDeps(env, createOrderRepository), limits: env.LIMITS })
