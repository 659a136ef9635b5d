import { realOrders } from '../../test/e2e/orders.ts'

/** API Gateway's events for POST /orders, one for each of the first real orders. */
export const requests = (count: number): object[] =>
  realOrders.slice(0, count).map((order, index) => ({
    version: '2.0',
    routeKey: 'POST /orders',
    headers: { 'content-type': 'application/json', 'idempotency-key': `bench-${index}` },
    requestContext: { requestId: `bench-${index}`, authorizer: { jwt: { claims: { sub: 'shop-1' } } } },
    body: JSON.stringify(order),
    isBase64Encoded: false,
  }))

/** A batch of SQS messages, each with ORDER_CREATED of the same order. */
export function batch(orderId: string, size: number): object {
  const eventId = `${orderId}:CREATED`
  const detail = { metadata: { eventId }, data: { orderId, ownerId: 'shop-1', status: 'CREATED' } }
  return {
    Records: Array.from({ length: size }, (_, index) => ({
      messageId: `message-${index}`,
      receiptHandle: `handle-${index}`,
      body: JSON.stringify({ 'detail-type': 'ORDER_CREATED', source: 'orders', detail }),
      attributes: { ApproximateReceiveCount: '1' },
      messageAttributes: {},
      eventSource: 'aws:sqs',
    })),
  }
}
