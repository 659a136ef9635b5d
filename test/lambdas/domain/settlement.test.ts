import { describe, expect, test } from '@jest/globals'
import { cancelling } from '../../../lambdas/domain/cancellation.ts'
import type { Order } from '../../../lambdas/domain/order.ts'
import { type Settlement, settleable, settled } from '../../../lambdas/domain/settlement.ts'
import { deadLettered } from '../../../lambdas/domain/step-changes.ts'
import { at, changed, graceMs, nonce, orderId, storedOrder, t0, unknownSince } from '../../builders.ts'

const times = { now: t0 + 1000, graceMs, retentionMs: 86_400_000 }
const awb: Settlement = { what: 'MADE', step: 'logistics', facts: { awb: 'AWB-5' } }
const wmsReference: Settlement = { what: 'MADE', step: 'wms', facts: { wmsReference: 'WMS-5' } }
const nothingMade: Settlement = { what: 'NOTHING_MADE' }
const voided: Settlement = { what: 'UNDONE' }
const shipped: Settlement = { what: 'TOO_LATE' }

const question = unknownSince(-9, 3)
const cancelled = (change: Partial<Order>): Order => {
  const order = storedOrder(change)
  return changed(order, cancelling(order, times))
}
/** The order dead-lettered, with what is uncertain about it. */
const dead = (order: Order): Order =>
  changed(
    order,
    deadLettered(
      order,
      order.undo ?? (order.status === 'CREATED' ? 'logistics' : 'wms'),
      { reason: 'NO_WAY_TO_FIND_OUT', failure: 'permanent', question: order.unknownOutcome },
      times,
    ),
  )
const labelled = { status: 'AWB_GENERATED', awb: 'AWB-1' } as const
const ready = { status: 'READY_FOR_FULFILLMENT', awb: 'AWB-1', wmsReference: 'WMS-1', expiresAt: 9 } as const
const inDoubt = dead(storedOrder({ unknownOutcome: question, round: 4 }))

function settle(order: Order, settlement: Settlement): Order {
  const change = settled(order, settlement, times)
  if (typeof change === 'string') throw new Error(change)
  return changed(order, change)
}
const types = ({ timeline }: Order) =>
  timeline.map(({ type, step, reason }) => [type, step, reason].filter(Boolean).join(' '))
const bookkeeping = ['claim', 'attention', 'unknownOutcome', 'deadLettered', 'deadLetterPartition'] as const
const leftOf = (order: Order) => bookkeeping.filter((key) => order[key] !== undefined)

describe('an order in doubt', () => {
  test('moves on with what the carrier made, under the reference of the question', () => {
    const order = settle(inDoubt, awb)

    expect(order).toMatchObject({ status: 'AWB_GENERATED', awb: 'AWB-5', round: 5, attempts: 0 })
    expect(order.made.logistics).toEqual({ round: 3, at: at(1000) })
    expect(order.outboxEventId).toBe(`${orderId}:${nonce}:AWB_GENERATED`)
    expect(leftOf(order)).toEqual([])
    expect(types(order).slice(-2)).toEqual(['SETTLED logistics MADE', 'AWB_GENERATED'])
  })

  test('is ready and finished with what the warehouse made', () => {
    const order = settle(dead(storedOrder({ ...labelled, unknownOutcome: question })), wmsReference)

    expect(order).toMatchObject({ status: 'READY_FOR_FULFILLMENT', wmsReference: 'WMS-5' })
    expect(order.expiresAt).toBe((t0 + 1000 + times.retentionMs) / 1000)
  })

  test('for which nothing was made keeps its status, without its question', () => {
    const order = settle(inDoubt, nothingMade)

    expect(order).toMatchObject({ status: 'CREATED', deadLettered: 1, attention: inDoubt.attention })
    expect(order).not.toHaveProperty('unknownOutcome')
    expect(order.outboxEventId).toBe(inDoubt.outboxEventId)
    expect(types(order).at(-1)).toBe('SETTLED logistics NOTHING_MADE')
  })

  test('is also settled if a worker died during its call', () => {
    const claim = { step: 'logistics', id: 'c', until: at(-9), requestVersion: 1 } as const

    expect(leftOf(settle(storedOrder({ claim }), nothingMade))).toEqual([])
    expect(settle(storedOrder({ claim, round: 2 }), awb).made.logistics?.round).toBe(2)
  })
})

describe('an order that is being cancelled', () => {
  test('knows what was made, and is sent on to have that undone', () => {
    const order = settle(dead(cancelled({ unknownOutcome: question })), awb)

    expect(order).toMatchObject({ status: 'CANCELLING', undo: 'logistics', awb: 'AWB-5', attempts: 0 })
    expect(order.made.logistics?.round).toBe(3)
    expect(order.outboxEventId).toBe(`${orderId}:${nonce}:CANCELLING:logistics`)
    expect(leftOf(order)).toEqual([])
  })

  test('keeps the reference by which a vendor knows what it is known to have made', () => {
    const made = { logistics: { round: 2, at: at() } }
    const order = settle(dead(cancelled({ ...labelled, round: 7, made })), awb)

    expect(order.made.logistics?.round).toBe(2)
  })

  test('goes back one step if the vendor has undone its work', () => {
    const order = settle(dead(cancelled(ready)), voided)

    expect(order).toMatchObject({ status: 'CANCELLING', undo: 'logistics', cancellation: { undone: true } })
    expect(order.made).not.toHaveProperty('wms')
    expect(types(order).slice(-2)).toEqual(['SETTLED wms UNDONE', 'UNDONE wms'])
    expect(settle(dead(order), voided).status).toBe('CANCELLED')
  })

  test('goes back one step if nothing was made, and may still turn out to be too late', () => {
    const order = settle(dead(cancelled({ ...labelled, unknownOutcome: question })), nothingMade)

    expect(order).toMatchObject({ status: 'CANCELLING', undo: 'logistics' })
    expect(order.cancellation?.undone).toBeFalsy()
    expect(settle(dead(order), shipped).status).toBe('AWB_GENERATED')
  })

  test('returns to its status if the goods have left, and keeps its question', () => {
    const claim = { step: 'wms', id: 'c', until: at(-9), requestVersion: 1 } as const
    const order = settle(cancelled({ ...labelled, claim }), shipped)

    expect(order).toMatchObject({ status: 'AWB_GENERATED', cancellation: { refusedIn: 'AWB_GENERATED' } })
    expect(order.unknownOutcome).toMatchObject({ at: at(-9), round: 0 })
    expect(order).not.toHaveProperty('undo')
    expect(settle(dead(cancelled(ready)), shipped)).toMatchObject({ status: 'READY_FOR_FULFILLMENT' })
  })
})

test.each<[string, Order, Settlement, string]>([
  ['is finished', storedOrder(ready), awb, 'no vendor is asked any more'],
  ['is cancelled', storedOrder({ status: 'CANCELLED' }), voided, 'no vendor is asked any more'],
  [
    'is claimed',
    { ...inDoubt, claim: { step: 'logistics', id: 'c', until: at(9000), requestVersion: 1 } },
    nothingMade,
    'A worker is calling the carrier for it right now',
  ],
  ['goes on by itself', storedOrder(), awb, 'not stuck'],
  ['is stuck at another vendor', inDoubt, wmsReference, "the carrier's turn"],
  ['is past that vendor', dead(storedOrder(labelled)), awb, "the warehouse's turn"],
  ['is certain', dead(storedOrder()), nothingMade, 'already certain'],
  ['is not being cancelled', inDoubt, voided, 'not being cancelled'],
  ['is not being cancelled either', inDoubt, shipped, 'not being cancelled'],
  ['has no way back', settle(dead(cancelled(ready)), voided), shipped, 'It is not stuck'],
  [
    'has no way back any more',
    dead(settle(dead(cancelled(ready)), voided)),
    shipped,
    'Another vendor has undone its work already',
  ],
])('an order that %s cannot be settled so', (_, order, settlement, sentence) => {
  expect(settleable(order, settlement, times.now)).toContain(sentence)
})
