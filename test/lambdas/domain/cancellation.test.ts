import { describe, expect, test } from '@jest/globals'
import { cancelling, endedWhileCancelling } from '../../../lambdas/domain/cancellation.ts'
import { linkOf, type StepName } from '../../../lambdas/domain/chain.ts'
import type { Decision } from '../../../lambdas/domain/decision.ts'
import type { Order } from '../../../lambdas/domain/order.ts'
import { done } from '../../../lambdas/domain/step-changes.ts'
import { at, changed, graceMs, storedOrder, t0, unknownSince } from '../../builders.ts'

const times = { now: t0 + 1000, graceMs, retentionMs: 86_400_000 }
const expiresAt = (t0 + 1000 + 86_400_000) / 1000
const cancel = (change: Partial<Order>): Order => {
  const order = storedOrder(change)
  return changed(order, cancelling(order, times))
}
const does = (order: Order, step: StepName, decision: Decision): Order =>
  changed(order, done(order, linkOf(step), decision, times))
const undone = (order: Order, step: StepName, byVendor = true) =>
  does(order, step, { kind: 'undone', byVendor })
const types = ({ timeline }: Order) => timeline.map(({ type, step }) => (step ? `${type} ${step}` : type))
const ready = { status: 'READY_FOR_FULFILLMENT', expiresAt: 9 } as const

describe('an order that is cancelled', () => {
  test('goes back step by step, the last one first, and ends when nothing is made any more', () => {
    const first = cancel(ready)
    const second = undone(first, 'wms')
    const last = undone(second, 'logistics')

    expect([first, second, last].map(({ status, undo }) => [status, undo])).toEqual([
      ['CANCELLING', 'wms'],
      ['CANCELLING', 'logistics'],
      ['CANCELLED', undefined],
    ])
    expect([first, second, last].map((order) => order.expiresAt)).toEqual([undefined, undefined, expiresAt])
    expect(last.made).toEqual({})
    expect(types(last)).toEqual(['CREATED', 'CANCELLING', 'UNDONE wms', 'UNDONE logistics', 'CANCELLED'])
  })

  test('is finished at once if the step in doubt turns out to have made nothing', () => {
    const order = undone(cancel({ unknownOutcome: unknownSince(-9) }), 'logistics', false)

    expect(order.status).toBe('CANCELLED')
    expect(order).not.toHaveProperty('unknownOutcome')
    expect(types(order)).toEqual(['CREATED', 'CANCELLING', 'CANCELLED'])
  })

  test('keeps what is in doubt through failed attempts to undo it', () => {
    const unknownOutcome = unknownSince(-9)
    const order = cancel({ unknownOutcome })

    const failed = does(order, 'logistics', {
      kind: 'retry',
      reason: 'HTTP_500',
      at: t0 + 9000,
      question: order.unknownOutcome,
    })

    expect(failed).toMatchObject({ status: 'CANCELLING', undo: 'logistics', unknownOutcome, attempts: 1 })
  })
})

describe('an order that cannot be cancelled any more', () => {
  test('is what it was, with a new round, and says so', () => {
    const order = does(cancel(ready), 'wms', { kind: 'too-late' })

    expect(order).toMatchObject({ status: 'READY_FOR_FULFILLMENT', round: 1, expiresAt })
    expect(order).not.toHaveProperty('undo')
    expect(order.made).toHaveProperty('wms')
    expect(types(order)).toEqual(['CREATED', 'CANCELLING', 'CANCELLATION_REFUSED wms'])
    expect(order.outboxPartition).toBe('announcement#f')
  })

  test('goes on with its next step, whose question is still open', () => {
    const unknownOutcome = unknownSince(-9)
    const order = does(cancel({ status: 'AWB_GENERATED', unknownOutcome }), 'wms', { kind: 'too-late' })

    expect(order).toMatchObject({ status: 'AWB_GENERATED', unknownOutcome, outboxPartition: 'warehouse#f' })
    expect(order).not.toHaveProperty('expiresAt')
  })

  test('does not repeat a step that ended while it was being cancelled', () => {
    const claim = { step: 'wms', id: 'c', until: at(9000), requestVersion: 1 } as const
    const order = cancel({ status: 'AWB_GENERATED', claim })
    const facts = { wmsReference: 'W-1' }
    const ended = changed(
      order,
      endedWhileCancelling(order, 'wms', { kind: 'advance', facts, round: 1 }, times),
    )

    expect(does(ended, 'wms', { kind: 'too-late' })).toMatchObject({
      status: 'READY_FOR_FULFILLMENT',
      ...facts,
    })
  })
})

describe('a step that was under way when its order was cancelled', () => {
  const claim = { step: 'logistics', id: 'c', until: at(9000), requestVersion: 1 } as const
  const order = cancel({ claim, unknownOutcome: unknownSince(-9) })
  const ended = (decision: Decision) =>
    changed(order, endedWhileCancelling(order, 'logistics', decision, times))

  test('leaves what it made on the order, to be undone', () => {
    const facts = { awb: 'AWB-1' }
    const left = ended({ kind: 'advance', facts, round: 3 })

    expect(left).toMatchObject({ status: 'CANCELLING', undo: 'logistics', ...facts })
    expect(left.made).toEqual({ logistics: { round: 3, at: at(1000) } })
    expect(left).not.toHaveProperty('claim')
    expect(left).not.toHaveProperty('unknownOutcome')
  })

  test('leaves what is uncertain, and no attempt', () => {
    const question = unknownSince(900)
    const left = ended({ kind: 'retry', reason: 'TIME_OUT', at: t0 + 9000, question })

    expect(left).toMatchObject({ status: 'CANCELLING', unknownOutcome: question, attempts: 0 })
    expect(left).not.toHaveProperty('claim')
    expect(left).not.toHaveProperty('nextAttemptAt')
  })

  test('leaves no question if the vendor has certainly made nothing', () => {
    expect(
      ended({ kind: 'dead-letter', reason: 'HTTP_422', failure: 'permanent', question: undefined }),
    ).not.toHaveProperty('unknownOutcome')
  })
})
