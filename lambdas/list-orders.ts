import { createOrderReads, type OrderReads } from './adapters/order-reads.ts'
import { accepted } from './application/rejection.ts'
import { orderPage } from './domain/order.ts'
import { cursorOf, orderQuery, thatFit } from './domain/order-query.ts'
import { parseEnv, readOrdersEnv } from './runtime/env.ts'
import { createHttpHandler, type EndpointDeps } from './runtime/http-handler.ts'
import { createOrdersDeps } from './runtime/orders-deps.ts'

/** GET /orders: the caller's own orders, newest first, page by page. */
export const createHandler = (deps: EndpointDeps & { repository: OrderReads }) =>
  createHttpHandler(deps, async (request, caller) => {
    const query = request.queryStringParameters ?? {}
    const { limit, cursor } = accepted(orderQuery, query, 'The query does not describe a page of orders.')
    const { orders, next } = await deps.repository.list(
      caller.owner,
      { limit, from: cursor },
      (orderId, error) => deps.telemetry.error('An order cannot be read', { orderId, error }),
    )
    const page = thatFit(orders)
    const last = page.length < orders.length ? page.at(-1) : next
    return { status: 200, body: orderPage(page, last && cursorOf(last)) }
  })

export const handler = createHandler(createOrdersDeps(parseEnv(readOrdersEnv), createOrderReads))
