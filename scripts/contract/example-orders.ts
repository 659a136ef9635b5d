import { readFileSync } from 'node:fs'
import * as z from 'zod/mini'
import { cancelling } from '../../lambdas/domain/cancellation.ts'
import { linkOf, type StepName } from '../../lambdas/domain/chain.ts'
import { fingerprintOf, orderIdOf } from '../../lambdas/domain/identity.ts'
import type { Order } from '../../lambdas/domain/order.ts'
import { orderRequest, totalOf } from '../../lambdas/domain/order-request.ts'
import { statusMark } from '../../lambdas/domain/outbox.ts'
import { isVendorCode } from '../../lambdas/domain/reasons.ts'
import { deadLettered, done } from '../../lambdas/domain/step-changes.ts'
import type { VendorFacts } from '../../lambdas/domain/vendor-answer.ts'
import { changed, vendors } from '../../test/builders.ts'

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
  vendors,
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
  made: {},
  nonce,
  deadLetterings: 0,
  ...statusMark({ orderId, nonce, status: 'CREATED', vendors }, clickedAt + 60_000),
}

const next = (order: Order, step: StepName, facts: VendorFacts, ms: number): Order =>
  changed(order, done(order, linkOf(step), { kind: 'advance', facts, round: order.round }, after(ms)))
const cancel = (order: Order): Order => changed(order, cancelling(order, after(90_000)))

const shipping = next(
  created,
  'logistics',
  { awb: '784512369087', trackingUrl: 'https://carrier.example/track/784512369087' },
  640,
)
const ready = next(shipping, 'wms', { wmsReference: 'WMS-2026-004711' }, 1_210)
const failedAt = new Date(clickedAt + 700).toISOString()
const failed = {
  kind: 'retry',
  reason: 'HTTP_503',
  at: clickedAt + 1_700,
  question: { since: failedAt, at: failedAt, round: 0, requestVersion: 1 },
} as const

const notServed = 'ADDRESS_NOT_SERVED'
if (!isVendorCode(notServed)) throw new Error(`No vendor says ${notServed}`)

/** One real order in each state, created by the domain's functions. */
export const exampleOrders = {
  created,
  shipping,
  ready,
  cancelling: cancel(shipping),
  cancelled: cancel(created),
  cancellationRefused: changed(
    cancel(ready),
    done(cancel(ready), linkOf('wms'), { kind: 'too-late' }, after(91_000)),
  ),
  retrying: changed(created, done(created, linkOf('logistics'), failed, after(700))),
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
