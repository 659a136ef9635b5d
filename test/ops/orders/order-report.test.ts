import { describe, expect, test } from '@jest/globals'
import type { Order } from '../../../lambdas/domain/order.ts'
import {
  attemptFailed,
  type Change,
  changed,
  deadLettered,
  redacted,
  redriven,
  shippingAddressChanged,
  transition,
  waiting,
} from '../../../lambdas/domain/order-changes.ts'
import { story, storyView } from '../../../ops/orders/order-report.ts'
import { graceMs, orderBody, orderId, personalData, storedOrder, t0, without } from '../../builders.ts'

const [second, minute] = [1000, 60_000]
const times = (ms: number) => ({ now: t0 + ms, graceMs, retentionMs: 86_400_000 })
const live = (...changes: ((order: Order) => Change)[]): Order =>
  changes.reduce((order, change) => changed(order, change(order)), storedOrder())

const fails = (ms: number) => (order: Order) =>
  attemptFailed(
    order,
    'logistics',
    { reason: 'TIME_OUT', uncertainSince: t0 + ms, nextAt: t0 + ms + 5 * second },
    times(ms),
  )
const waits =
  (ms: number, reason = 'CIRCUIT_OPEN:TIME_OUT') =>
  (order: Order) =>
    waiting(order, 'logistics', { reason, uncertainSince: undefined, until: t0 + ms + minute }, times(ms))
const dies =
  (ms: number, reason = 'ADDRESS_NOT_SERVED') =>
  (order: Order) =>
    deadLettered(order, 'logistics', { reason, failure: 'permanent', uncertainSince: undefined }, times(ms))
const isRedriven = (ms: number) => (order: Order) =>
  redriven(
    order,
    'logistics',
    { step: 'logistics', id: 'c', until: new Date(t0 + ms + minute).toISOString() },
    times(ms),
  )
const getsAwb = (ms: number) => (order: Order) =>
  transition(order, 'AWB_GENERATED', { awb: 'AWB-1' }, times(ms))
const isReady = (ms: number) => (order: Order) =>
  transition(order, 'READY_FOR_FULFILLMENT', { wmsReference: 'WMS-1' }, times(ms))

describe('an order’s story', () => {
  test('tells everything that happened, when, and how long it took', () => {
    const order = live(
      fails(400),
      waits(6 * second),
      dies(2 * minute),
      (each) => shippingAddressChanged(each, orderBody.shippingAddress, t0 + 3 * minute),
      isRedriven(4 * minute),
      getsAwb(4 * minute + 200),
      isReady(4 * minute + 350),
      (each) => redacted(each, t0 + 5 * minute),
    )

    expect(
      story(without(order, 'outboxDueAt'), 'local', t0 + 10 * minute),
    ).toBe(`${orderId}  READY_FOR_FULFILLMENT
reference shop-1 · owner shop · EUR 31.30 for 3 pieces · placed 2026-11-22 12:00:00 UTC, 10 min ago

  2026-11-22 12:00:00.000               placed
  2026-11-22 12:00:00.400  +400 ms      attempt 1 at the carrier failed (TIME_OUT: the carrier did not answer in time); next 5 s later
  2026-11-22 12:00:06.000  +5.6 s       began to wait for the carrier (CIRCUIT_OPEN:TIME_OUT: calls to the carrier are stopped for now: the carrier did not answer in time)
  2026-11-22 12:02:00.000  +1 min 54 s  dead-lettered at the carrier (ADDRESS_NOT_SERVED: the carrier refuses this order)
  2026-11-22 12:03:00.000  +1 min       the shop corrected the shipping address
  2026-11-22 12:04:00.000  +1 min       redriven to the carrier by an operator
  2026-11-22 12:04:00.200  +200 ms      the carrier took it on, AWB AWB-1
  2026-11-22 12:04:00.350  +150 ms      the warehouse took it on as WMS-1: ready for fulfillment
  2026-11-22 12:05:00.000  +59 s        personal data redacted by an operator

Click to AWB 4 min, AWB to ready 150 ms, click to ready 4 min.
It is finished.`)
  })

  test('says what an operator has to do about a refused address, in the environment that it is in', () => {
    const text = story(live(dies(second)), 'prod', t0 + minute)

    expect(text).toContain('It is dead-lettered, since the carrier refuses this order (ADDRESS_NOT_SERVED).')
    expect(text).toContain(`correct it with PUT /orders/${orderId}/shipping-address`)
    expect(text).toContain(`npm run dlq -- redrive --order ${orderId} --env prod`)
    expect(text).toContain(`npm run order -- cancel ${orderId} --env prod`)
  })

  test('tells nothing personal, to people and to scripts', () => {
    const order = live(dies(second))
    const told = story(order, 'local', t0) + JSON.stringify(storyView(order, 'local', t0))

    for (const secret of personalData) expect(told).not.toContain(secret)
  })

  test('gives scripts the order with every event in words', () => {
    expect(storyView(live(fails(400)), 'local', t0 + second)).toMatchObject({
      orderId,
      status: 'CREATED',
      total: 3130,
      currency: 'EUR',
      attention: { state: 'retrying', reason: 'TIME_OUT' },
      timeline: [
        { type: 'CREATED', text: 'placed' },
        { type: 'ATTEMPT_FAILED', attempt: 1 },
      ],
      advice: [],
    })
  })
})
