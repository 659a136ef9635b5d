import { describe, expect, test } from '@jest/globals'
import { linkOf } from '../../../lambdas/domain/chain.ts'
import type { Change } from '../../../lambdas/domain/change.ts'
import { corrected, redacted } from '../../../lambdas/domain/correction.ts'
import type { Decision } from '../../../lambdas/domain/decision.ts'
import { type Attention, type Order, timelineEntry } from '../../../lambdas/domain/order.ts'
import type { Reason } from '../../../lambdas/domain/reasons.ts'
import { done, redriven } from '../../../lambdas/domain/step-changes.ts'
import { advice, reportJson, reportLines, summary } from '../../../ops/orders/order-report.ts'
import {
  at,
  changed,
  graceMs,
  lanes,
  orderBody,
  orderId,
  personalData,
  storedOrder,
  t0,
  transition,
  unknownSince,
  vendorCode,
  without,
} from '../../builders.ts'

const [second, minute] = [1000, 60_000]
const local = { flags: '', vendors: lanes, relayIntervalMs: 60_000 }
const times = (ms: number) => ({ now: t0 + ms, graceMs, retentionMs: 86_400_000 })
const live = (...changes: ((order: Order) => Change)[]): Order =>
  changes.reduce((order, change) => changed(order, change(order)), storedOrder())

const does = (order: Order, decision: Decision, ms: number) =>
  done(order, linkOf('logistics'), decision, times(ms))
const fails = (ms: number) => (order: Order) =>
  does(order, { kind: 'retry', reason: 'TIME_OUT', question: unknownSince(ms), at: t0 + ms + 5 * second }, ms)
const waits =
  (ms: number, reason: Reason = 'CIRCUIT_OPEN:TIME_OUT') =>
  (order: Order) =>
    does(
      order,
      {
        kind: 'wait',
        reason,
        until: t0 + ms + minute,
        keepsMessage: false,
        isFailure: false,
        question: undefined,
      },
      ms,
    )
const dies =
  (ms: number, reason: Reason = vendorCode('ADDRESS_NOT_SERVED')) =>
  (order: Order) =>
    does(order, { kind: 'dead-letter', reason, failure: 'permanent', question: undefined }, ms)
const isRedriven = (ms: number) => (order: Order) =>
  redriven(
    order,
    'logistics',
    { step: 'logistics', id: 'c', until: new Date(t0 + ms + minute).toISOString(), requestVersion: 1 },
    times(ms),
  )
const getsAwb = (ms: number) => (order: Order) =>
  transition(order, 'AWB_GENERATED', { awb: 'AWB-1' }, times(ms))
const isReady = (ms: number) => (order: Order) =>
  transition(order, 'READY_FOR_FULFILLMENT', { wmsReference: 'WMS-1' }, times(ms))

describe('the report of an order', () => {
  test('shows what happened, when, and how long after the previous entry', () => {
    const order = live(
      fails(400),
      waits(6 * second),
      dies(2 * minute),
      (each) => corrected(each, orderBody, t0 + 3 * minute),
      isRedriven(4 * minute),
      getsAwb(4 * minute + 200),
      isReady(4 * minute + 350),
      (each) => redacted(each, t0 + 5 * minute),
    )

    expect(
      reportLines(without(order, 'outboxDueAt'), local, t0 + 10 * minute).join('\n'),
    ).toBe(`${orderId}  READY_FOR_FULFILLMENT
reference shop-1 · owner shop · placed 2026-11-22 12:00:00 UTC, 10 min ago

  2026-11-22 12:00:00.000               placed
  2026-11-22 12:00:00.400  +400 ms      attempt 1 at carrier failed (TIME_OUT: carrier did not answer in time); next 5 s later
  2026-11-22 12:00:06.000  +5.6 s       waiting for carrier (CIRCUIT_OPEN:TIME_OUT: calls to carrier are stopped for now: carrier did not answer in time)
  2026-11-22 12:02:00.000  +1 min 54 s  dead-lettered at carrier (ADDRESS_NOT_SERVED: carrier answered with this code of its own)
  2026-11-22 12:03:00.000  +1 min       corrected
  2026-11-22 12:04:00.000  +1 min       redriven to carrier, by an operator
  2026-11-22 12:04:00.200  +200 ms      accepted by carrier, AWB AWB-1
  2026-11-22 12:04:00.350  +150 ms      accepted by warehouse as WMS-1: ready for fulfillment
  2026-11-22 12:05:00.000  +59 s        personal data redacted

It is finished.`)
  })

  test('says what to do about a refused address, with commands for its environment', () => {
    const text = reportLines(live(dies(second)), { ...local, flags: ' --env prod' }, t0 + minute).join('\n')

    expect(text).toContain(
      'It is dead-lettered: carrier answered with this code of its own (ADDRESS_NOT_SERVED).',
    )
    expect(text).toContain(`correct it with PATCH /orders/${orderId}`)
    expect(text).toContain(`npx orderctl dlq redrive --order ${orderId} --note "…" --env prod`)
    expect(text).toContain(`npx orderctl order cancel ${orderId} --note "…" --env prod`)
  })

  test('contains no personal data, neither as text nor as JSON', () => {
    const order = live(dies(second))
    const told = reportLines(order, local, t0) + JSON.stringify(reportJson(order, local, t0))

    for (const secret of personalData) expect(told).not.toContain(secret)
  })

  test('names the vendor that had the order at that time', () => {
    const failed = { type: 'ATTEMPT_FAILED', step: 'logistics', reason: 'TIME_OUT', attempt: 1 } as const
    const order = storedOrder({
      vendors: { logistics: 'courier', wms: 'warehouse' },
      timeline: [
        { at: at(), type: 'CREATED' },
        { at: at(1000), ...failed },
        { at: at(2000), type: 'REROUTED', step: 'logistics', from: 'carrier' },
        { at: at(3000), ...failed },
      ],
    })

    const lines = reportLines(order, local, t0 + 4000)

    expect(lines.filter((line) => line.includes('at carrier'))).toHaveLength(1)
    expect(lines.filter((line) => line.includes('rerouted from carrier'))).toHaveLength(1)
    expect(lines.filter((line) => line.includes('at courier'))).toHaveLength(1)
  })

  test('has the text of every timeline entry in the JSON', () => {
    expect(reportJson(live(fails(400)), local, t0 + second)).toMatchObject({
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

const stuck = (attention: Partial<Attention>, change: Partial<Order> = {}): Order =>
  storedOrder({
    attention: {
      state: 'dead-lettered',
      step: 'logistics',
      reason: 'TIME_OUT',
      attempts: 5,
      since: at(),
      ...attention,
    },
    ...change,
  })
const adviceOn = (order: Order) => advice(order, local, t0).join('\n')

describe('the advice on an order', () => {
  test.each([
    { name: 'it is in progress', order: storedOrder() },
    { name: 'it is retried automatically', order: stuck({ state: 'retrying' }) },
    { name: 'its vendor is down', order: stuck({ state: 'waiting', reason: 'CIRCUIT_OPEN:HTTP_500' }) },
    { name: 'its vendor is busy', order: stuck({ state: 'waiting', reason: 'RATE_LIMITED' }) },
    {
      name: 'it is finished',
      order: without(storedOrder({ status: 'READY_FOR_FULFILLMENT' }), 'outboxDueAt'),
    },
  ])('is empty if $name', ({ order }) => {
    expect(adviceOn(order)).toBe('')
  })

  test.each([
    { reason: 'TIME_OUT', says: 'Ask carrier what is wrong' },
    { reason: 'WAITED_TOO_LONG:HTTP_503', says: 'Ask carrier what is wrong' },
    {
      reason: 'NO_SUCH_STREET',
      says: 'If NO_SUCH_STREET is about what the shop ordered: let the shop correct it',
    },
    { reason: 'NEVER_CONSUMED', says: "Look at the worker's logs" },
    { reason: 'WAITED_TOO_LONG:CREDENTIAL_REFUSED', says: 'Put the right credential into the secret' },
    { reason: 'WAITED_TOO_LONG:BALANCE_EMPTY', says: 'Top up our account at carrier' },
    {
      reason: 'WAITED_TOO_LONG:HTTP_404',
      says: 'Check the url of carrier in bin/environments.ts',
    },
  ])('on a dead-letter with $reason is to fix the cause and redrive', ({ reason, says }) => {
    expect(adviceOn(stuck({ reason }))).toContain(says)
    expect(adviceOn(stuck({ reason }))).toContain(`npx orderctl dlq redrive --order ${orderId} --note "…"`)
  })

  test.each(['CREDENTIAL_REFUSED', 'CIRCUIT_OPEN:CREDENTIAL_REFUSED'])(
    'says what to fix if an order waits because of our access: %s',
    (reason) => {
      expect(adviceOn(stuck({ state: 'waiting', reason }))).toContain('Put the right credential')
    },
  )

  test('has the command to resume if the vendor is paused', () => {
    const order = stuck({ state: 'waiting', step: 'wms', reason: 'PAUSED_BY_OPERATOR' })

    expect(advice(order, { ...local, flags: ' --env staging' }, t0)).toEqual([
      'When calls may resume: npx orderctl vendor resume warehouse --note "…" --env staging',
    ])
  })

  describe('if another vendor of the step can take the order', () => {
    const courier = { name: 'courier', step: 'logistics', ratePerSecond: 5, limits: {} } as const
    const site = { ...local, vendors: { ...lanes, courier } }
    const reroute = `npx orderctl order reroute ${orderId} --to courier --note "…"`
    const waiting = stuck({ state: 'waiting', reason: 'CIRCUIT_OPEN:HTTP_500' })

    test('is to reroute it if it cannot wait any longer', () => {
      expect(advice(waiting, site, t0)).toEqual([
        `If it cannot wait any longer, give it to another vendor: ${reroute}`,
      ])
      expect(advice(waiting, local, t0)).toEqual([])
    })

    test('is also to reroute it if it is dead-lettered and its vendor has certainly made nothing', () => {
      expect(advice(stuck({}), site, t0)).toContain(`Or give it to another vendor: ${reroute}`)
      expect(advice(stuck({}, { unknownOutcome: unknownSince(0) }), site, t0).join()).not.toContain('reroute')
    })
  })

  test('includes a cancellation until one is requested or refused', () => {
    const refused = { from: 'AWB_GENERATED', refusedIn: 'AWB_GENERATED' } as const

    expect(adviceOn(stuck({}, { unknownOutcome: unknownSince(0) }))).toContain('npx orderctl order cancel')
    expect(adviceOn(stuck({ step: 'wms' }, { status: 'AWB_GENERATED' }))).toContain(
      'npx orderctl order cancel',
    )
    expect(
      adviceOn(stuck({ step: 'wms' }, { status: 'AWB_GENERATED', cancellation: refused })),
    ).not.toContain('cancel')
    expect(adviceOn(stuck({}, { status: 'CANCELLING' }))).not.toContain('npx orderctl order cancel')
  })

  test.each(['NO_WAY_TO_CANCEL', 'TOO_LATE'])('is to settle an order whose vendor answers %s', (reason) => {
    const cancelling = { status: 'CANCELLING', undo: 'logistics', made: {} } as const
    const settle = `npx orderctl order settle ${orderId}`

    expect(adviceOn(stuck({ reason }, cancelling))).toContain(`${settle} --voided | --shipped --note`)
    expect(
      adviceOn(stuck({ reason }, { ...cancelling, cancellation: { from: 'AWB_GENERATED', undone: true } })),
    ).toContain(`${settle} --voided --note`)
    expect(adviceOn(stuck({ reason }, { ...cancelling, unknownOutcome: unknownSince(0) }))).toContain(
      `${settle} --awb … | --nothing-made | --voided | --shipped --note`,
    )
  })

  test('is to settle an unknown outcome, until that is done', () => {
    const reason = 'OUTCOME_UNKNOWN:TIME_OUT'

    expect(adviceOn(stuck({ reason }, { unknownOutcome: unknownSince(0) }))).toContain(
      `whether it has accepted our reference ${orderId}.\nRecord its answer: npx orderctl order settle ${orderId} --awb … | --nothing-made --note`,
    )
    expect(adviceOn(stuck({ reason }))).not.toContain('Ask carrier')
  })

  test('includes a correction only while one is possible', () => {
    const change = { step: 'wms', reason: 'BLOCKED' } as const

    expect(adviceOn(stuck(change, { status: 'AWB_GENERATED' }))).toContain('PATCH')
    expect(adviceOn(stuck(change, { status: 'CANCELLING' }))).not.toContain('PATCH')
    expect(adviceOn(stuck(change, { status: 'CANCELLING' }))).toContain('Ask warehouse what BLOCKED means.')
  })

  test('suspects the relay if an order is long overdue', () => {
    const rare = { ...local, relayIntervalMs: 300_000 }

    expect(advice(storedOrder(), local, t0 + 10 * minute).join()).toContain('outbox-relay')
    expect(advice(storedOrder(), rare, t0 + 10 * minute)).toEqual([])
  })
})

test('each kind of timeline entry has words of its own, and the report names the vendors', () => {
  const types = Object.values(timelineEntry().shape.type.def.entries)
  const timeline = types.map((type) => ({ at: at(0), type }))
  const told = reportJson(storedOrder({ timeline, awb: 'AWB1', wmsReference: 'WMS-1' }), local, t0)

  // What a step of an application's own is told by, without words of its own.
  expect(told.timeline.map(({ text }) => text)).not.toContain('accepted by carrier')
  expect(told).toMatchObject({ vendors: { logistics: 'carrier', wms: 'warehouse' } })
})

describe('the summary of an order', () => {
  test.each([
    [
      storedOrder(),
      'It is in progress; if nothing happens, the relay sends it on after 2026-11-22 12:01:00.',
    ],
    [
      storedOrder({ claim: { step: 'logistics', id: 'c', until: at(1), requestVersion: 1 } }),
      'A worker is calling carrier for it right now.',
    ],
    [
      stuck({ state: 'waiting', reason: 'RATE_LIMITED', nextAttemptAt: at(60_000) }),
      'It is waiting: carrier limits our rate (RATE_LIMITED). It is checked again automatically, at 2026-11-22 12:01:00.',
    ],
    [
      stuck({ state: 'retrying', attempts: 2, nextAttemptAt: at(5000) }),
      'Attempt 2 failed: carrier did not answer in time (TIME_OUT). It is retried automatically, at 2026-11-22 12:00:05.',
    ],
    [storedOrder({ status: 'CANCELLED' }), 'It is cancelled.'],
    [
      storedOrder({ status: 'CANCELLING' }),
      'It is being cancelled; if nothing happens, the relay sends it on after 2026-11-22 12:01:00.',
    ],
  ])('is one or two sentences', (order, words) => {
    expect(summary(order, t0)).toBe(words)
  })
})
