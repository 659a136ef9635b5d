import { readFileSync } from 'node:fs'
import * as z from 'zod/mini'
import type { OrderStatus } from '../../lambdas/domain/chain.ts'
import { fingerprintOf, orderIdOf } from '../../lambdas/domain/identity.ts'
import type { Order } from '../../lambdas/domain/order.ts'
import { cancelled, changed, transition } from '../../lambdas/domain/order-changes.ts'
import { orderRequest, totalOf } from '../../lambdas/domain/order-request.ts'
import { statusMark } from '../../lambdas/domain/outbox.ts'
import { isVendorCode } from '../../lambdas/domain/reasons.ts'
import { deadLettered, done } from '../../lambdas/domain/step-changes.ts'

const ownerId = 'shop-1'
/** The request id in all examples. */
export const exampleRequestId = 'JKJaXmPLvHcESHA='
export const exampleTraceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01'

const [firstLine = ''] = readFileSync(new URL('../../test/data/orders.jsonl', import.meta.url), 'utf8').split(
  '\n',
)
/** The body of a real order. */
export const exampleRequest: unknown = JSON.parse(firstLine)

const clickedAt = Date.parse('2026-11-02T09:30:00.000Z')
const after = (ms: number) => ({ now: clickedAt + ms, graceMs: 60_000, retentionMs: 90 * 86_400_000 })

const request = z.parse(orderRequest, exampleRequest)
const at = new Date(clickedAt).toISOString()
const orderId = orderIdOf(ownerId, { of: 'reference', value: request.reference ?? '' })
const nonce = 'k3x9q'
const created: Order = {
  ...request,
  orderId,
  ownerId,
  total: totalOf(request),
  status: 'CREATED',
  statusAt: at,
  createdAt: at,
  updatedAt: at,
  timeline: [{ at, type: 'CREATED' }],
  fingerprint: fingerprintOf(request),
  requestId: exampleRequestId,
  correlationId: 'checkout-7d3f',
  traceparent: exampleTraceparent,
  version: 1,
  attempts: 0,
  round: 0,
  nonce,
  deadLetterings: 0,
  ...statusMark({ orderId, nonce }, 'CREATED', clickedAt + 60_000),
}

const next = (order: Order, status: OrderStatus, facts: Partial<Order>, ms: number): Order =>
  changed(order, transition(order, status, facts, after(ms)))

const shipping = next(
  created,
  'AWB_GENERATED',
  { awb: '784512369087', trackingUrl: 'https://carrier.example/track/784512369087' },
  640,
)
const failedAt = new Date(clickedAt + 700).toISOString()
const failed = {
  kind: 'retry',
  reason: 'HTTP_503',
  at: clickedAt + 1_700,
  question: { since: failedAt, at: failedAt, round: 0, requestVersion: 1 },
} as const

const notServed = 'ADDRESS_NOT_SERVED'
if (!isVendorCode(notServed)) throw new Error(`No vendor says ${notServed}`)

/** One real order in each state, made by the functions of the domain. */
export const exampleOrders = {
  created,
  shipping,
  ready: next(shipping, 'READY_FOR_FULFILLMENT', { wmsReference: 'WMS-2026-004711' }, 1_210),
  cancelled: changed(created, cancelled(created, after(90_000))),
  retrying: changed(created, done(created, { name: 'logistics', to: 'AWB_GENERATED' }, failed, after(700))),
  deadLettered: changed(
    created,
    deadLettered(
      created,
      'logistics',
      { reason: notServed, question: undefined, failure: 'permanent' },
      after(700),
    ),
  ),
}
