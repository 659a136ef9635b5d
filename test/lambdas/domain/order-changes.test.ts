import { describe, expect, test } from '@jest/globals'
import { cancelling } from '../../../lambdas/domain/cancellation.ts'
import { linkOf } from '../../../lambdas/domain/chain.ts'
import { type Change, onRecord } from '../../../lambdas/domain/change.ts'
import { corrected, redacted } from '../../../lambdas/domain/correction.ts'
import type { Decision } from '../../../lambdas/domain/decision.ts'
import type { Actor, Order } from '../../../lambdas/domain/order.ts'
import { done, redriven } from '../../../lambdas/domain/step-changes.ts'
import {
  at,
  changed,
  graceMs,
  nonce,
  orderBody,
  orderId,
  personalData,
  storedOrder,
  t0,
  transition,
  unknownSince,
} from '../../builders.ts'

const times = { now: t0 + 1000, graceMs, retentionMs: 86_400_000 }
const claim = { step: 'logistics' as const, id: 'mine', until: at(22_000), requestVersion: 1 }
const unknownOutcome = unknownSince(-500)
const question = unknownSince(900)
/** An order in the middle of everything. */
const claimed = storedOrder({
  claim,
  unknownOutcome,
  attempts: 2,
  round: 1,
  waitingSince: at(-9000),
  nextAttemptAt: at(-1),
  outboxSends: 3,
  outboxClaimed: true,
  updatedAt: at(500),
})
const made = (change: (order: Order) => Change, order = claimed) => changed(order, change(order))
type Question = typeof question | undefined
const does = (order: Order, decision: Decision) => done(order, linkOf('logistics'), decision, times)
const failed = (order: Order, left: Question = question) =>
  does(order, { kind: 'retry', reason: 'TIME_OUT', at: t0 + 6000, question: left })
const waited = (order: Order, left: Question = question, keepsMessage = false) =>
  does(order, {
    kind: 'wait',
    reason: 'TIME_OUT',
    until: t0 + 9000,
    keepsMessage,
    isFailure: true,
    question: left,
  })
const dead = (order: Order, left: Question = question) =>
  does(order, { kind: 'dead-letter', reason: 'TIME_OUT', failure: 'transient', question: left })

describe('what a person does', () => {
  const operator: Actor = { by: 'operator', who: 'arn:aws:iam::111122223333:user/jo', note: 'by phone' }
  const shop: Actor = { by: 'shop', who: 'web-shop' }
  const recorded = (order: Order, change: (order: Order) => Change, actor: Actor) =>
    changed(order, onRecord(order, change(order), actor))

  test('is on the timeline by its kind, and in the audit trail by name and reason', () => {
    const order = recorded(storedOrder(), (each) => cancelling(each, times), operator)

    expect(order.timeline.at(-1)).toEqual({ at: at(1000), type: 'CANCELLED', by: 'operator' })
    expect(order.audit).toEqual([{ at: at(1000), action: 'CANCELLED', ...operator }])
  })

  test('is attributed to whoever cancelled, even if an operator settled what the vendors have undone', () => {
    const ready = storedOrder({ status: 'AWB_GENERATED', awb: 'AWB-1' })
    const called = recorded(ready, (each) => cancelling(each, times), shop)
    const undone = recorded(called, (each) => does(each, { kind: 'undone', byVendor: true }), operator)

    expect(called.timeline.at(-1)).toEqual({ at: at(1000), type: 'CANCELLING', by: 'shop' })
    expect(undone.timeline.slice(-2)).toEqual([
      { at: at(1000), type: 'UNDONE', step: 'logistics', by: 'operator' },
      { at: at(1000), type: 'CANCELLED', by: 'shop' },
    ])
  })

  test('leaves no audit entry if the timeline is full, since the log has it', () => {
    const full = storedOrder({
      timeline: Array.from({ length: 199 }, () => ({ at: at(), type: 'WAITING' as const })),
    })

    expect(recorded(full, (each) => redacted(each, t0), operator).audit).toBeUndefined()
  })

  test('before a redaction is still known after it, without the reasons', () => {
    const before = recorded(storedOrder(), (each) => cancelling(each, times), operator)

    const order = recorded(before, (each) => redacted(each, t0 + 2000), { ...operator, note: 'by law' })

    expect(order.audit).toEqual([
      { at: at(1000), action: 'CANCELLED', by: 'operator', who: operator.who },
      { at: at(2000), action: 'PERSONAL_DATA_REDACTED', ...operator, note: 'by law' },
    ])
  })
})

describe('a transition', () => {
  const moved = made((order) => transition(order, 'AWB_GENERATED', { awb: 'AWB-1' }, times))

  test('ends all the bookkeeping of its step', () => {
    const stepState = [
      'claim',
      'attention',
      'unknownOutcome',
      'nextAttemptAt',
      'waitingSince',
      'firstFailureAt',
      'deadLettered',
      'deadLetterPartition',
      'deadLetteredAt',
    ]

    expect(stepState.filter((field) => field in moved)).toEqual([])
    expect(moved).toMatchObject({ status: 'AWB_GENERATED', awb: 'AWB-1', attempts: 0, round: 2 })
    expect(moved.made).toEqual({ logistics: { round: 1, at: at(1000) } })
  })

  test("replaces the mark by the new status's own, due after the grace", () => {
    expect(moved).toMatchObject({
      outboxEventId: `${orderId}:${nonce}:AWB_GENERATED`,
      outboxPartition: 'warehouse#f',
      outboxDueAt: at(61_000),
      outboxSends: 0,
      outboxClaimed: false,
    })
  })

  test('sets when the order may be deleted only if it is the last one', () => {
    const ready = made((order) => transition(order, 'READY_FOR_FULFILLMENT', {}, times), moved)

    expect(moved.expiresAt).toBeUndefined()
    expect(ready.expiresAt).toBe((t0 + 1000 + 86_400_000) / 1000)
    expect(changed(storedOrder(), cancelling(storedOrder(), times)).expiresAt).toBe(ready.expiresAt)
  })

  test('to CANCELLED owes ORDER_CANCELLED and ends a dead-lettering', () => {
    const order = made(
      (each) =>
        does(each, { kind: 'dead-letter', reason: 'MADE', failure: 'permanent', question: undefined }),
      storedOrder(),
    )

    expect(changed(order, cancelling(order, times))).toMatchObject({
      status: 'CANCELLED',
      outboxEventId: `${orderId}:${nonce}:CANCELLED`,
      outboxPartition: 'announcement#f',
    })
    expect(changed(order, cancelling(order, times))).not.toHaveProperty('deadLettered')
  })
})

describe('a failed attempt', () => {
  test('counts, ends the claim, and says when the next one is', () => {
    const order = made(failed)

    expect(order).toMatchObject({
      attempts: 3,
      nextAttemptAt: at(6000),
      outboxDueAt: at(66_000),
      attention: { state: 'retrying', step: 'logistics', reason: 'TIME_OUT', attempts: 3, since: at(1000) },
    })
    expect(order).toMatchObject({ firstFailureAt: at(1000), waitingSince: at(-9000) })
    expect(order).not.toHaveProperty('claim')
    expect(order.timeline.at(-1)).toEqual({
      at: at(1000),
      type: 'ATTEMPT_FAILED',
      step: 'logistics',
      reason: 'TIME_OUT',
      attempt: 3,
      nextAttemptAt: at(6000),
    })
  })

  test('keeps the lane of the mark, and how often it was sent', () => {
    const { outboxEventId, outboxPartition, outboxSends, outboxClaimed } = claimed

    expect(made(failed)).toMatchObject({ outboxEventId, outboxPartition, outboxSends, outboxClaimed })
  })
})

describe('an unknown outcome', () => {
  const changes = { failed, waited, dead }

  test.each(Object.entries(changes))('is kept by a change that leaves it open: %s', (_, to) => {
    expect(made((order) => to(order)).unknownOutcome).toEqual(question)
  })

  test.each<Decision>([
    { kind: 'retry', reason: 'CONFLICT', at: t0, question: undefined },
    {
      kind: 'wait',
      reason: 'CONFLICT',
      until: t0,
      keepsMessage: true,
      isFailure: false,
      question: undefined,
    },
    { kind: 'dead-letter', reason: 'CONFLICT', failure: 'permanent', question: undefined },
  ])('is gone by a change that knows it: %j', (decision) => {
    expect(made((order) => does(order, decision))).not.toHaveProperty('unknownOutcome')
  })

  test('outlives a redrive', () => {
    const order = made(dead)

    expect(changed(order, redriven(order, 'logistics', claim, times)).unknownOutcome).toEqual(question)
  })
})

describe('waiting', () => {
  test('uses up no attempt, ends the claim, and is due when it may go on', () => {
    const order = made(waited)

    expect(order).toMatchObject({
      attempts: 2,
      outboxDueAt: at(9000),
      waitingSince: at(-9000),
      attention: { state: 'waiting', reason: 'TIME_OUT', attempts: 2, nextAttemptAt: at(9000) },
    })
    expect(order).not.toHaveProperty('claim')
    expect(order).not.toHaveProperty('nextAttemptAt')
  })

  test('begins when it begins, and is told once for each reason', () => {
    let order = storedOrder({ claim })
    for (const [index, reason] of (['CONFLICT', 'CONFLICT', 'CONFLICT', 'TIME_OUT'] as const).entries())
      order = made(
        (each) =>
          done(
            each,
            linkOf('logistics'),
            { kind: 'wait', reason, until: t0, keepsMessage: false, isFailure: false, question: undefined },
            { ...times, now: t0 + index },
          ),
        order,
      )

    expect(order.waitingSince).toBe(at(0))
    expect(order.attention?.since).toBe(at(0))
    expect(order.timeline.map(({ type, reason }) => reason ?? type)).toEqual([
      'CREATED',
      'CONFLICT',
      'TIME_OUT',
    ])
  })
})

test('waiting with the message in its queue is due a grace after it may go on', () => {
  expect(made((order) => waited(order, question, true))).toMatchObject({
    nextAttemptAt: at(9000),
    outboxDueAt: at(69_000),
    waitingSince: at(-9000),
  })
})

test('an attempt that fails between two waits does not begin the waiting anew', () => {
  const order = made((each) => waited(each), made(failed))

  expect(order.waitingSince).toBe(at(-9000))
})

describe('a dead-lettering', () => {
  test('is numbered, owes ORDER_NEEDS_ATTENTION and waits for nothing', () => {
    const order = made(dead, { ...claimed, deadLetterings: 4 })

    expect(order).toMatchObject({
      deadLetterings: 5,
      deadLettered: 5,
      outboxSends: 0,
      outboxClaimed: false,
      outboxEventId: `${orderId}:${nonce}:NEEDS_ATTENTION:logistics:5`,
      outboxPartition: 'announcement#f',
      outboxDueAt: at(61_000),
      attention: { state: 'dead-lettered', reason: 'TIME_OUT', since: at(1000) },
    })
    for (const field of ['claim', 'nextAttemptAt', 'waitingSince']) expect(order).not.toHaveProperty(field)
  })

  test.each([
    ['transient', 3],
    ['permanent', 2],
    ['waiting', 2],
    ['not-the-vendors', 2],
  ] as const)('counts its attempt where it was a failed one: %s', (failure, attempts) => {
    const order = made((each) => does(each, { kind: 'dead-letter', reason: 'CONFLICT', failure, question }))

    expect(order.attempts).toBe(attempts)
  })
})

describe('a redrive', () => {
  const order = made((each) => redriven(each, 'logistics', claim, times), made(dead))

  test('begins a new round of attempts under a claim, and keeps count of the dead-letterings', () => {
    expect(order).toMatchObject({ claim, attempts: 0, round: 2, deadLetterings: 1 })
    expect(order).not.toHaveProperty('deadLettered')
    expect(order).not.toHaveProperty('attention')
  })

  test("owes its status's event again, which was published, and is due after the claim", () => {
    expect(order).toMatchObject({
      outboxEventId: `${orderId}:${nonce}:CREATED`,
      outboxPartition: 'carrier#f',
      outboxDueAt: at(82_000),
      outboxClaimed: true,
      outboxSends: 0,
    })
  })
})

describe('a correction', () => {
  const shippingAddress = { ...orderBody.shippingAddress, city: 'Köln' }
  const { shippingService, ...request } = { ...orderBody, shippingAddress }
  const once = made((each) => corrected(each, request, t0 + 1000))

  test('goes out under a new key, since a key names one body', () => {
    expect(once).toMatchObject({ shippingAddress, round: claimed.round + 1, attempts: claimed.attempts })
    expect(once).not.toHaveProperty('shippingService')
    expect(once.timeline.at(-1)).toEqual({ at: at(1000), type: 'CORRECTED' })
  })

  test('that follows another one adds nothing to the timeline, which has room for other things', () => {
    const twice = made((each) => corrected(each, orderBody, t0 + 2000), once)

    expect(twice).toMatchObject({ shippingService, round: claimed.round + 2, timeline: once.timeline })
  })
})

test('a redacted order has no personal data, and keeps what accounting needs', () => {
  const order = made((each) => redacted(each, t0 + 1000))

  const text = JSON.stringify(order)
  expect(personalData.filter((each) => text.includes(each))).toEqual([])
  expect(order).toMatchObject({ total: 3130, shippingAddress: { country: 'DE' }, redactedAt: at(1000) })
  expect(order.items.map(({ sku, quantity, unitPrice }) => [sku, quantity, unitPrice])).toEqual([
    ['NW-1', 2, 1000],
    ['NW-2', 1, 500],
  ])
})
