import type { EventPublisher } from '../adapters/event-publisher.ts'
import type { OrderRepository } from '../adapters/order-repository.ts'
import { placed } from '../domain/chain.ts'
import { fingerprintOf, type OrderKey, orderIdOf, parseIdempotencyKey } from '../domain/identity.ts'
import { type FieldError, type Limits, limitsOf, withinLimits } from '../domain/limits.ts'
import type { Order } from '../domain/order.ts'
import { type OrderRequest, totalOf } from '../domain/order-request.ts'
import { shardOf, statusMark } from '../domain/outbox.ts'
import { type Routes, routed } from '../domain/routing.ts'
import { publishNow } from './announce.ts'
import { Rejection, unshippable } from './rejection.ts'
import type { Telemetry } from './telemetry.ts'

/** Dependencies of {@link placeOrder}. */
export interface PlaceOrderDeps {
  repository: Pick<OrderRepository, 'create' | 'clearMark'>
  publisher: EventPublisher
  telemetry: Telemetry
  /** How long after the click the relay picks up an order that no worker has claimed. */
  graceMs: number
  outboxShards: number
  routes: Routes
  /** Each vendor's limits, by vendor name. */
  limits: Readonly<Record<string, Limits>>
  now: () => number
  random: () => number
}

/** A request to place an order. */
export interface Click {
  body: OrderRequest
  ownerId: string
  /** The shop's client that sent it. */
  client: string
  idempotencyKey: string | undefined
  requestId: string
  /** The caller's correlation id, unvalidated; if it is missing or invalid, the request id is used. */
  correlationId: string | undefined
  traceparent: string
}

/** Identifies an order by its reference, or else by its Idempotency-Key. Throws a Rejection if there is neither. */
function orderKeyOf({ idempotencyKey, body }: Click): OrderKey {
  const key = idempotencyKey === undefined ? undefined : parseIdempotencyKey(idempotencyKey)
  if (idempotencyKey !== undefined && key === undefined)
    throw new Rejection('invalid', 'The Idempotency-Key header must be 1 to 255 visible ASCII characters.', [
      { path: 'Idempotency-Key', message: 'Must be 1 to 255 visible ASCII characters, bare or quoted' },
    ])
  if (body.reference !== undefined) return { of: 'reference', value: body.reference }
  if (key !== undefined) return { of: 'idempotency-key', value: key }
  const message = 'Send the Idempotency-Key header, or a reference in the body'
  throw new Rejection(
    'invalid',
    'An order needs an Idempotency-Key header or a reference, to be placed only once.',
    [
      { path: 'Idempotency-Key', message },
      { path: 'reference', message },
    ],
  )
}

const correlationIdPattern = /^[\x21-\x7e]{1,128}$/

/** Number of possible nonces: five base-36 digits. */
const nonces = 36 ** 5

function newOrder(
  click: Click,
  { now: clock, graceMs, outboxShards, routes, limits, random }: PlaceOrderDeps,
): { wanted: Order; errors: FieldError[] } {
  const { body, ownerId, client, requestId, correlationId, traceparent } = click
  const orderId = orderIdOf(ownerId, orderKeyOf(click))
  const now = clock()
  const at = new Date(now).toISOString()
  const nonce = Math.floor(random() * nonces)
    .toString(36)
    .padStart(5, '0')
  const vendors = routed({ ...body, ownerId }, routes)
  const outboxShard = shardOf({ ownerId, orderId }, outboxShards)
  const standing = { orderId, nonce, status: placed.status, vendors, outboxShard }
  const { order: request, errors } = withinLimits(body, limitsOf(vendors, limits))
  const wanted: Order = {
    ...request,
    ...standing,
    statusAt: at,
    ownerId,
    total: totalOf(body),
    createdAt: at,
    updatedAt: at,
    timeline: [{ at, type: 'CREATED', by: 'shop' }],
    audit: [{ at, action: 'CREATED', by: 'shop', who: client }],
    fingerprint: fingerprintOf(body),
    requestId,
    correlationId:
      correlationId !== undefined && correlationIdPattern.test(correlationId) ? correlationId : requestId,
    traceparent,
    version: 1,
    attempts: 0,
    round: 0,
    made: {},
    deadLetterings: 0,
    ...statusMark(standing, now + graceMs),
  }
  return { wanted, errors }
}

/** Places an order with one conditional write and one event; a repeat gets the stored order. Throws a Rejection. */
export async function placeOrder(
  deps: PlaceOrderDeps,
  click: Click,
): Promise<{ order: Order; replayed: boolean }> {
  const { repository, now } = deps
  const { wanted, errors } = newOrder(click, deps)
  // A repeat gets its order, even if the vendors' limits have changed since.
  const { order } = await repository.create(wanted, errors.length > 0)
  if (order === undefined && errors.length > 0) throw unshippable(errors)
  if (order === undefined) throw new Error('DynamoDB rejected a new order, but no order has its id')
  if (order.ownerId !== wanted.ownerId || order.fingerprint !== wanted.fingerprint)
    throw new Rejection(
      'refused',
      `This Idempotency-Key or reference was used for another order already: ${order.orderId}.`,
    )
  if (order.status === 'CANCELLED' || order.status === 'CANCELLING')
    throw new Rejection('conflict', `This order exists and is ${order.status}: ${order.orderId}.`)
  // If the condition failed on our own request, the SDK has retried a write whose response was lost.
  const replayed = order.requestId !== wanted.requestId
  const overdue = order.outboxDueAt !== undefined && Date.parse(order.outboxDueAt) <= now()
  if (!replayed || overdue) await publishNow(deps, order)
  return { order, replayed }
}
