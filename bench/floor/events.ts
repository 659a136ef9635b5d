import { realOrders } from '../../test/e2e/orders.ts'

/** API Gateway events for POST /orders with the first `count` real orders. */
export const requests = (count: number): object[] =>
  realOrders.slice(0, count).map((order, index) => ({
    version: '2.0',
    routeKey: 'POST /orders',
    headers: { 'content-type': 'application/json', 'idempotency-key': `bench-${index}` },
    requestContext: { requestId: `bench-${index}`, authorizer: { jwt: { claims: { sub: 'shop-1' } } } },
    body: JSON.stringify(order),
    isBase64Encoded: false,
  }))
