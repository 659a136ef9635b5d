import { describe, expect, test } from '@jest/globals'
import { decide, type Outcome, type Situation } from '../../../lambdas/domain/failure.ts'
import { at, t0 } from '../../builders.ts'

const policy = {
  delaysMs: [1000, 5000, 20_000, 60_000],
  waitingLimitMs: 3_600_000,
  waitMs: 60_000,
  graceMs: 60_000,
}
const open = { until: t0 + 30_000, probed: false }
const probed = { ...open, probed: true }

const situation = (change: Partial<Situation> = {}): Situation => ({ now: t0, attempts: 0, ...change })
const decided = (outcome: Outcome<string>, change: Partial<Situation> = {}) =>
  decide(outcome, policy, situation(change))

test('done means that the order advances, even where the circuit is open', () => {
  const done = { kind: 'done', answer: 'AWB-1' } as const

  expect(decided(done)).toEqual({ kind: 'advance', answer: 'AWB-1' })
  expect(decided(done, { attempts: 9, circuit: open })).toEqual({ kind: 'advance', answer: 'AWB-1' })
})

test.each([0, 4])(
  'a refusal dead-letters at once, after %d attempts too, and settles the outcome',
  (attempts) => {
    const decision = decided({ kind: 'permanent', reason: 'HTTP_422' }, { attempts, circuit: open })

    expect(decision).toEqual({
      kind: 'dead-letter',
      reason: 'HTTP_422',
      failure: 'permanent',
      uncertainSince: undefined,
    })
  },
)

test('what nobody can find out dead-letters at once, and stays unknown', () => {
  const decision = decided({ kind: 'undecidable', reason: 'TIME_OUT', uncertainSince: t0 - 5 })

  expect(decision).toEqual({
    kind: 'dead-letter',
    reason: 'OUTCOME_UNKNOWN:TIME_OUT',
    failure: 'permanent',
    uncertainSince: t0 - 5,
  })
})

test('what has to settle comes back when it has', () => {
  expect(decided({ kind: 'settling', until: t0 + 7 })).toEqual({ kind: 'settle', at: t0 + 7 })
})

describe('a transient failure', () => {
  const failed = { kind: 'transient', reason: 'HTTP_500', uncertainSince: t0, reached: true } as const
  const attempt = { reason: 'HTTP_500', uncertainSince: t0 }
  const wait = { kind: 'wait', reason: 'CIRCUIT_OPEN:HTTP_500', uncertainSince: t0, until: t0 + 30_000 }
  const deadLetter = { ...attempt, kind: 'dead-letter', failure: 'transient' }

  test.each([
    ['first', 0, 1000],
    ['second', 1, 5000],
    ['third', 2, 20_000],
    ['fourth', 3, 60_000],
  ])('of the %s attempt comes back by the schedule', (_, attempts, delayMs) => {
    expect(decided(failed, { attempts })).toEqual({ ...attempt, kind: 'retry', at: t0 + delayMs })
  })

  test('of the fifth attempt dead-letters', () => {
    expect(decided(failed, { attempts: 4 })).toEqual(deadLetter)
  })

  test.each([0, 3])('while the circuit is open waits and counts nothing, after %d attempts', (attempts) => {
    expect(decided(failed, { attempts, circuit: open })).toEqual(wait)
  })

  test('of the fifth attempt dead-letters though the circuit is open: the order may be what is wrong', () => {
    expect(decided(failed, { attempts: 4, circuit: open })).toEqual(deadLetter)
  })

  test('of the fifth attempt waits where the vendor was not reached: that says nothing of the order', () => {
    const unreached = {
      ...failed,
      reason: 'CONNECTION_FAILED',
      uncertainSince: undefined,
      reached: false,
    } as const

    const whileOpen = decided(unreached, { attempts: 4, circuit: open })
    const whileClosed = decided(unreached, { attempts: 4 })

    expect(whileOpen).toMatchObject({ kind: 'wait', until: t0 + 30_000 })
    expect(whileClosed).toMatchObject({ kind: 'wait', until: t0 + 60_000 })
  })

  test('that waits for an open circuit ends in a dead letter once it has waited as long as it may', () => {
    const over = decided(failed, { circuit: probed, waitingSince: at(-3_600_000) })

    expect(over).toMatchObject({ kind: 'dead-letter', failure: 'waiting' })
  })

  test.each([0, 4])('of a probe never counts: it is made on behalf of all, after %d attempts', (attempts) => {
    expect(decided(failed, { attempts, circuit: probed })).toEqual(wait)
  })
})

describe('waiting', () => {
  const waiting = { kind: 'waiting', reason: 'RATE_LIMITED', uncertainSince: undefined } as const
  const wait = { kind: 'wait', reason: 'RATE_LIMITED', uncertainSince: undefined }

  test('lasts as long as the circuit is open', () => {
    expect(decided(waiting, { circuit: open })).toEqual({ ...wait, until: t0 + 30_000 })
  })

  test('lasts as long as the vendor says, or else as long as configured', () => {
    expect(decided({ ...waiting, waitMs: 5000 })).toEqual({ ...wait, until: t0 + 5000 })
    expect(decided(waiting)).toEqual({ ...wait, until: t0 + 60_000 })
  })

  test('uses up no attempt, however many there were', () => {
    expect(decided(waiting, { attempts: 9 }).kind).toBe('wait')
  })

  test('ends in a dead letter once it has lasted as long as it may in all', () => {
    const uncertainSince = t0 - 9

    const still = decided(waiting, { waitingSince: at(-3_599_999) })
    const over = decided({ ...waiting, uncertainSince }, { waitingSince: at(-3_600_000), circuit: open })

    expect(still.kind).toBe('wait')
    expect(over).toEqual({
      kind: 'dead-letter',
      reason: 'WAITED_TOO_LONG:RATE_LIMITED',
      failure: 'waiting',
      uncertainSince,
    })
  })

  test.each([86_400_000, 1e18])('is looked into at its limit where the vendor asks for %d ms', (waitMs) => {
    expect(decided({ ...waiting, waitMs })).toEqual({ ...wait, until: t0 + 3_600_000 })
  })
})
