import { describe, expect, test } from '@jest/globals'
import type { Order } from '../../../lambdas/domain/order.ts'
import {
  attemptFailed,
  type Change,
  cancelled,
  changed,
  deadLettered,
  redacted,
  redriven,
  settling,
  shippingAddressChanged,
  transition,
  waiting,
} from '../../../lambdas/domain/order-changes.ts'
import type { Reason } from '../../../lambdas/domain/reasons.ts'
import { at, graceMs, orderBody, orderId, personalData, storedOrder, t0 } from '../../builders.ts'

const times = { now: t0 + 1000, graceMs, retentionMs: 86_400_000 }
const claim = { step: 'logistics' as const, id: 'mine', until: at(22_000) }
const unknownOutcome = { at: at(-500), round: 0 }
const unsure = { reason: 'TIME_OUT', uncertainSince: t0 + 900 } as const
const sure = { reason: 'HTTP_429', uncertainSince: undefined } as const
type Cause = { reason: Reason; uncertainSince: number | undefined }
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
const failed = (order: Order, cause: Cause = unsure) =>
  attemptFailed(order, 'logistics', { ...cause, nextAt: t0 + 6000 }, times)
const waited = (order: Order, cause: Cause = unsure) =>
  waiting(order, 'logistics', { ...cause, until: t0 + 9000 }, times)
const dead = (order: Order, cause: Cause = unsure) =>
  deadLettered(order, 'logistics', { ...cause, failure: 'transient' }, times)

describe('a transition', () => {
  const moved = made((order) => transition(order, 'AWB_GENERATED', { awb: 'AWB-1' }, times))

  test('ends all the bookkeeping of its step', () => {
    const stepState = [
      'claim',
      'attention',
      'unknownOutcome',
      'nextAttemptAt',
      'waitingSince',
      'deadLettered',
    ]

    expect(stepState.filter((field) => field in moved)).toEqual([])
    expect(moved).toMatchObject({ status: 'AWB_GENERATED', awb: 'AWB-1', attempts: 0, round: 0 })
  })

  test("replaces the mark by the new status's own, due after the grace", () => {
    expect(moved).toMatchObject({
      outboxEventId: `${orderId}:AWB_GENERATED`,
      outboxPartition: 'wms#f',
      outboxDueAt: at(61_000),
      outboxSends: 0,
      outboxClaimed: false,
    })
  })

  test('says when the order may be deleted only where it is the last one', () => {
    const ready = made((order) => transition(order, 'READY_FOR_FULFILLMENT', {}, times), moved)

    expect(moved.expiresAt).toBeUndefined()
    expect(ready.expiresAt).toBe((t0 + 1000 + 86_400_000) / 1000)
    expect(made((order) => cancelled(order, times)).expiresAt).toBe(ready.expiresAt)
  })

  test('to CANCELLED owes ORDER_CANCELLED and ends a dead-lettering', () => {
    const order = made(dead)

    expect(changed(order, cancelled(order, times))).toMatchObject({
      status: 'CANCELLED',
      outboxEventId: `${orderId}:CANCELLED`,
      outboxPartition: 'announcement#f',
    })
    expect(changed(order, cancelled(order, times))).not.toHaveProperty('deadLettered')
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
    expect(order).not.toHaveProperty('claim')
    expect(order).not.toHaveProperty('waitingSince')
    expect(order.timeline.at(-1)).toEqual({
      at: at(1000),
      type: 'ATTEMPT_FAILED',
      step: 'logistics',
      reason: 'TIME_OUT',
      attempt: 3,
      nextAttemptAt: at(6000),
    })
  })

  test('leaves the mark whose it is, and how often it was sent', () => {
    const { outboxEventId, outboxPartition, outboxSends, outboxClaimed } = claimed

    expect(made(failed)).toMatchObject({ outboxEventId, outboxPartition, outboxSends, outboxClaimed })
  })
})

describe('an unknown outcome', () => {
  const changes = { failed, waited, dead }

  test.each(Object.entries(changes))(
    'is kept by a change that leaves it open, with its round: %s',
    (_, to) => {
      expect(made((order) => to(order)).unknownOutcome).toEqual({ at: at(900), round: 0 })
    },
  )

  test.each(Object.entries(changes))('that is new has the round of its call: %s', (_, to) => {
    const order = storedOrder({ claim, round: 1 })

    expect(made((each) => to(each), order).unknownOutcome).toEqual({ at: at(900), round: 1 })
  })

  test.each(Object.entries(changes))('is settled by a change that knows it: %s', (_, to) => {
    expect(made((order) => to(order, sure))).not.toHaveProperty('unknownOutcome')
  })

  test('outlives a redrive, and its settling', () => {
    const redrivenOrder = made((order) => redriven(order, 'logistics', claim, times), made(dead))

    expect(redrivenOrder.unknownOutcome).toEqual({ at: at(900), round: 0 })
    expect(made((order) => settling(order, 'logistics', t0 + 7000, times)).unknownOutcome).toEqual(
      unknownOutcome,
    )
  })
})

describe('settling', () => {
  const settled = made((order) => settling(order, 'logistics', t0 + 7000, times))

  test('uses up no attempt, ends the claim, and says when it has', () => {
    expect(settled).toMatchObject({
      attempts: 2,
      nextAttemptAt: at(7000),
      outboxDueAt: at(67_000),
      attention: { state: 'waiting', reason: 'OUTCOME_UNKNOWN' },
    })
    expect(settled).not.toHaveProperty('claim')
  })

  test('again and again neither grows the reason nor the timeline', () => {
    let order = made(failed)
    for (let times_ = 0; times_ < 5; times_++)
      order = made((each) => settling(each, 'logistics', t0 + 7000, times), order)

    expect(order.attention?.reason).toBe('OUTCOME_UNKNOWN:TIME_OUT')
    expect(order.timeline.filter(({ type }) => type === 'WAITING')).toHaveLength(1)
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
    for (const [index, reason] of (['HTTP_500', 'HTTP_500', 'HTTP_500', 'TIME_OUT'] as const).entries())
      order = made(
        (each) => waiting(each, 'logistics', { ...sure, reason, until: t0 }, { now: t0 + index }),
        order,
      )

    expect(order.waitingSince).toBe(at(0))
    expect(order.attention?.since).toBe(at(0))
    expect(order.timeline.map(({ type, reason }) => reason ?? type)).toEqual([
      'CREATED',
      'HTTP_500',
      'TIME_OUT',
    ])
  })
})

describe('a dead-lettering', () => {
  test('is numbered, owes ORDER_NEEDS_ATTENTION and waits for nothing', () => {
    const order = made(dead, { ...claimed, deadLetterings: 4 })

    expect(order).toMatchObject({
      deadLetterings: 5,
      deadLettered: 5,
      outboxSends: 0,
      outboxClaimed: false,
      outboxEventId: `${orderId}:NEEDS_ATTENTION:logistics:5`,
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
    const order = made((each) => deadLettered(each, 'logistics', { ...unsure, failure }, times))

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

  test("owes its status's event again, which the world has heard, and is due after the claim", () => {
    expect(order).toMatchObject({
      outboxEventId: `${orderId}:CREATED`,
      outboxPartition: 'logistics#f',
      outboxDueAt: at(82_000),
      outboxClaimed: true,
      outboxSends: 0,
    })
  })
})

test('a corrected address goes out under a new key, since a key names one body', () => {
  const shippingAddress = { ...orderBody.shippingAddress, city: 'Köln' }

  const order = made((each) => shippingAddressChanged(each, shippingAddress, t0 + 1000))

  expect(order).toMatchObject({ shippingAddress, round: claimed.round + 1, attempts: claimed.attempts })
  expect(order.timeline.at(-1)).toEqual({ at: at(1000), type: 'SHIPPING_ADDRESS_CHANGED' })
})

test('a redacted order says nothing of anybody, and keeps what accounting needs', () => {
  const order = made((each) => redacted(each, t0 + 1000))

  const text = JSON.stringify(order)
  expect(personalData.filter((each) => text.includes(each))).toEqual([])
  expect(order).toMatchObject({ total: 3130, shippingAddress: { country: 'DE' }, redactedAt: at(1000) })
  expect(order.items.map(({ sku, quantity, unitPrice }) => [sku, quantity, unitPrice])).toEqual([
    ['NW-1', 2, 1000],
    ['NW-2', 1, 500],
  ])
})
