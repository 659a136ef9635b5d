import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import * as z from 'zod/mini'
import { cancelling } from '../../../lambdas/domain/cancellation.ts'
import { firstStep, linkOf } from '../../../lambdas/domain/chain.ts'
import type { Change } from '../../../lambdas/domain/change.ts'
import { corrected, redacted } from '../../../lambdas/domain/correction.ts'
import type { Decision } from '../../../lambdas/domain/decision.ts'
import { turnOf } from '../../../lambdas/domain/events.ts'
import { type Order, storedOrder as schema } from '../../../lambdas/domain/order.ts'
import { done, redriven } from '../../../lambdas/domain/step-changes.ts'
import { changed, graceMs, orderBody, storedOrder, t0, transition, unknownSince } from '../../builders.ts'
import { nextStatuses } from '../../next-statuses.ts'

/** One change, at some instance's clock: these need not agree. */
type Move = (order: Order, now: number) => Change

const step = firstStep
const retentionMs = 86_400_000
const claimAt = (now: number) => ({
  step,
  id: 'c',
  until: new Date(now + 20_000).toISOString(),
  requestVersion: 1,
})
const timesAt = (now: number) => ({ now, graceMs, retentionMs })
const unchanged: Change = { set: {} }
/** The step whose turn it is has done its work, forwards or backwards; nothing, where the order is at its end. */
const onward =
  (backwards: (byVendor: boolean) => Decision): Move =>
  (order, now) => {
    const lane = turnOf(order)
    if (lane === undefined) return unchanged
    const decision: Decision =
      order.undo === undefined
        ? { kind: 'advance', facts: {}, round: order.round }
        : backwards(order.made[order.undo] !== undefined)
    return done(order, linkOf(lane), decision, timesAt(now))
  }
const cancel: Move = (order, now) =>
  order.status === 'CANCELLED' || order.undo || order.cancellation?.refusedIn
    ? unchanged
    : cancelling(order, timesAt(now))
const inBetween: fc.Arbitrary<Move> = fc
  .record({
    reason: fc.constantFrom('TIME_OUT' as const, 'CONFLICT' as const),
    isSure: fc.boolean(),
    inMs: fc.integer({ min: 0, max: 90_000 }),
  })
  .chain(({ reason, isSure, inMs }) => {
    const question = isSure ? undefined : unknownSince(0)
    const does =
      (decisionAt: (now: number) => Decision): Move =>
      (order, now) =>
        done(order, linkOf(turnOf(order) ?? step), decisionAt(now), timesAt(now))
    const waits = (keepsMessage: boolean) =>
      does((now) => ({ kind: 'wait', reason, until: now + inMs, keepsMessage, isFailure: isSure, question }))
    return fc.constantFrom<Move>(
      does((now) => ({ kind: 'retry', reason, at: now + inMs, question })),
      waits(true),
      waits(false),
      does(() => ({ kind: 'dead-letter', reason, failure: 'transient', question })),
      (order, now) => redriven(order, turnOf(order) ?? step, claimAt(now), timesAt(now)),
      (order, now) => corrected(order, orderBody, now),
      (order, now) => redacted(order, now),
    )
  })
const transitions = fc.constantFrom<Move>(
  onward((byVendor) => ({ kind: 'undone', byVendor })),
  onward(() => ({ kind: 'too-late' })),
  cancel,
)
const life = (length: number) =>
  fc.array(
    fc.record({
      move: fc.oneof({ weight: 20, arbitrary: inBetween }, { weight: 1, arbitrary: transitions }),
      clockSkewMs: fc.integer({ min: -5000, max: 60_000 }),
    }),
    { maxLength: length },
  )

/** Everything that an order went through, the click included. */
function lived(moves: { move: Move; clockSkewMs: number }[]): Order[] {
  const story = [storedOrder()]
  let clock = t0
  for (const { move, clockSkewMs } of moves) {
    clock += clockSkewMs
    const order = story.at(-1) ?? storedOrder()
    story.push(changed(order, move(order, clock)))
  }
  return story
}

const pairs = (story: Order[]) => story.slice(1).map((next, index) => [story[index], next] as const)

test('whatever happens to an order, its status only ever takes a step that the machine has', () => {
  fc.assert(
    fc.property(life(30), (moves) => {
      for (const [before, next] of pairs(lived(moves)))
        if (before && before.status !== next.status)
          expect(nextStatuses(before.status)).toContain(next.status)
    }),
  )
})

test('whatever the clocks say, the times of an order never run back', () => {
  fc.assert(
    fc.property(life(30), (moves) => {
      const story = lived(moves)

      const times = story.at(-1)?.timeline.map((entry) => entry.at) ?? []
      expect(times).toEqual(times.toSorted())
      for (const [before, next] of pairs(story))
        expect(before && before.updatedAt <= next.updatedAt && before.statusAt <= next.statusAt).toBe(true)
    }),
  )
})

test('however much happens to an order, its timeline stays within 200 entries and tells every transition', () => {
  fc.assert(
    fc.property(fc.array(inBetween, { minLength: 1, maxLength: 5 }), (moves) => {
      const often = Array.from({ length: 300 }, () => moves).flat()
      const story = lived(often.map((move, index) => ({ move, clockSkewMs: index })))
      const last = story.at(-1) ?? storedOrder()

      const ready = ['AWB_GENERATED', 'READY_FOR_FULFILLMENT'] as const
      const finished = ready.reduce(
        (order, status) => changed(order, transition(order, status, {}, { now: t0, graceMs, retentionMs })),
        last,
      )

      expect(finished.timeline.length).toBeLessThanOrEqual(200)
      expect(finished.timeline.slice(-2).map(({ type }) => type)).toEqual(ready)
    }),
    { numRuns: 20 },
  )
})

test('whatever happens to an order, it owes an event, is in the index while it is dead-lettered, and can be read again', () => {
  fc.assert(
    fc.property(life(30), (moves) => {
      for (const order of lived(moves)) {
        expect(order.outboxEventId).toMatch(/^ord_\w{32}:k3x9q:(\w+|NEEDS_ATTENTION:\w+:\d+|CANCELLING:\w+)$/)
        const isDeadLettered = order.deadLettered !== undefined
        expect(order.outboxEventId?.includes('NEEDS_ATTENTION')).toBe(isDeadLettered)
        expect(order.deadLetterPartition !== undefined).toBe(isDeadLettered)
        expect(order.deadLetteredAt !== undefined).toBe(isDeadLettered)
        expect(z.parse(schema(), JSON.parse(JSON.stringify(order)))).toEqual(
          JSON.parse(JSON.stringify(order)),
        )
      }
    }),
  )
})

test('what a worker writes ends the claim', () => {
  const order = storedOrder({ claim: claimAt(t0) })
  const times = { now: t0, graceMs, retentionMs }
  const cause = { reason: 'CONFLICT', question: undefined } as const
  const decisions: Decision[] = [
    { kind: 'advance', facts: {}, round: 0 },
    { kind: 'retry', ...cause, at: t0 },
    { kind: 'wait', ...cause, until: t0, keepsMessage: true, isFailure: false },
    { kind: 'wait', ...cause, until: t0, keepsMessage: false, isFailure: false },
    { kind: 'dead-letter', ...cause, failure: 'permanent' },
  ]

  for (const decision of decisions)
    expect(changed(order, done(order, linkOf(step), decision, times))).not.toHaveProperty('claim')
})
