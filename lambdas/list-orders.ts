import * as z from 'zod/mini'
import { createOrderRepository, type OrderRepository, type Page } from './adapters/order-repository.ts'
import { orderView } from './domain/order.ts'
import { parseEnv, readOrdersEnv } from './runtime/env.ts'
import { createHttpHandler, type HttpRequest, ownerOf } from './runtime/http-handler.ts'
import { liveDynamoDb } from './runtime/live.ts'
import { createTelemetry, type Telemetry } from './runtime/powertools.ts'
import { fieldErrors, Problem } from './runtime/problem.ts'

const position = z.object({ createdAt: z.iso.datetime(), orderId: z.string() })

const cursor = z.pipe(
  z.string(),
  z.transform((value, context): unknown => {
    try {
      return JSON.parse(Buffer.from(value, 'base64url').toString('utf8'))
    } catch {
      context.issues.push({
        code: 'custom',
        input: value,
        message: 'Must be a nextCursor of an earlier page',
      })
      return z.NEVER
    }
  }),
)

const query = z.object({
  limit: z._default(z.coerce.number().check(z.int(), z.gte(1), z.lte(100)), 20),
  cursor: z.optional(z.pipe(cursor, position)),
})

function pageIn(request: HttpRequest): { limit: number; cursor?: Page['next'] | undefined } {
  const parsed = z.safeParse(query, request.queryStringParameters ?? {})
  if (parsed.success) return parsed.data
  throw new Problem(400, 'The query does not describe a page of orders.', fieldErrors(parsed.error))
}

/** GET /orders: the caller's own orders, newest first, page by page. */
export const createHandler = (parts: { repository: OrderRepository; telemetry: Telemetry }) =>
  createHttpHandler(parts.telemetry, async (request) => {
    const { limit, cursor: from } = pageIn(request)
    const { orders, next } = await parts.repository.list(ownerOf(request), limit, from)
    const nextCursor = next && Buffer.from(JSON.stringify(next)).toString('base64url')
    return { status: 200, body: { orders: orders.map(orderView), nextCursor } }
  })

function live() {
  const env = parseEnv(readOrdersEnv)
  return {
    repository: createOrderRepository(liveDynamoDb().documents, env.ORDER_TABLE_NAME),
    telemetry: createTelemetry(),
  }
}

export const handler = createHandler(live())
