import type { EventPublisher } from '../adapters/event-publisher.ts'
import type { OrderRepository } from '../adapters/order-repository.ts'
import { fingerprintOf, type OrderKey, orderIdOf, parseIdempotencyKey } from '../domain/identity.ts'
import { type Order, type OrderRequest, totalOf } from '../domain/order.ts'
import { statusMark } from '../domain/outbox.ts'
import type { HttpRequest } from './http-handler.ts'
import type { Telemetry } from './powertools.ts'
import { Problem } from './problem.ts'
import { traceparentOf } from './trace.ts'

/** What places an order works with. */
export interface PlaceOrderParts {
  repository: OrderRepository
  publisher: EventPublisher
  telemetry: Telemetry
  /** How long after the click the relay looks after an order that went nowhere, in ms. */
  graceMs: number
  now: () => number
}

/**
 * What the client recognizes this order by.
 * @throws {Problem} 400 where there is neither a valid key nor a reference
 */
function orderKeyOf(request: HttpRequest, body: OrderRequest): OrderKey {
  const header = request.headers['idempotency-key']
  if (header !== undefined) {
    const value = parseIdempotencyKey(header)
    if (value !== undefined) return { of: 'idempotency-key', value }
    throw new Problem(400, 'The Idempotency-Key header must be 1 to 255 visible ASCII characters.', [
      { path: 'Idempotency-Key', message: 'Must be 1 to 255 visible ASCII characters, bare or quoted' },
    ])
  }
  if (body.reference !== undefined) return { of: 'reference', value: body.reference }
  const message = 'Send the Idempotency-Key header, or a reference in the body'
  throw new Problem(400, 'An order needs an Idempotency-Key header or a reference, to be placed only once.', [
    { path: 'Idempotency-Key', message },
    { path: 'reference', message },
  ])
}

const correlationId = /^[\x21-\x7e]{1,128}$/

function newOrder(
  request: HttpRequest,
  body: OrderRequest,
  ownerId: string,
  now: number,
  graceMs: number,
): Order {
  const orderId = orderIdOf(ownerId, orderKeyOf(request, body))
  const at = new Date(now).toISOString()
  const { requestId } = request.requestContext
  const given = request.headers['x-correlation-id']
  return {
    ...body,
    ...{
      orderId,
      ownerId,
      total: totalOf(body),
      status: 'CREATED',
      statusAt: at,
      createdAt: at,
      updatedAt: at,
    },
    ...{ timeline: [{ at, type: 'CREATED' }], fingerprint: fingerprintOf(body), requestId },
    correlationId: given !== undefined && correlationId.test(given) ? given : requestId,
    traceparent: traceparentOf(request.headers.traceparent),
    ...{ version: 1, attempts: 0, round: 0, deadLetterings: 0 },
    ...statusMark(orderId, 'CREATED', now + graceMs),
  }
}

/**
 * Places an order: one conditional write, one event. A repeat of the same request gets the stored order;
 * where its event is overdue, it is published again.
 * @throws {Problem} 422 where the key or reference was used for another order
 */
export async function placeOrder(
  parts: PlaceOrderParts,
  request: HttpRequest,
  body: OrderRequest,
  ownerId: string,
): Promise<{ order: Order; replayed: boolean }> {
  const { repository, publisher, telemetry, graceMs, now } = parts
  const wanted = newOrder(request, body, ownerId, now(), graceMs)
  const { order } = await repository.create(wanted)
  if (order === undefined) throw new Error('DynamoDB refused an order that is not there')
  if (order.ownerId !== ownerId || order.fingerprint !== wanted.fingerprint)
    throw new Problem(422, 'This Idempotency-Key or reference was used for another order already.')
  // A failed condition that shows our own request is the SDK's retry of a write whose answer was lost.
  const replayed = order.requestId !== wanted.requestId
  const overdue = order.outboxDueAt !== undefined && Date.parse(order.outboxDueAt) <= now()
  if (!replayed || overdue) {
    const [published] = await publisher.publish([order])
    if (published?.error !== undefined)
      telemetry.warn('Event not accepted, the relay will send it', {
        ...{ orderId: order.orderId, eventId: order.outboxEventId, correlationId: order.correlationId },
        error: published.error,
      })
  }
  return { order, replayed }
}
