import { describe, expect, test } from '@jest/globals'
import { decide, type Situation, waitUntil } from '../../../lambdas/domain/decision.ts'
import type { Meaning } from '../../../lambdas/domain/vendor-answer.ts'
import { at, t0, vendorCode } from '../../builders.ts'

const policy = {
  delaysMs: [1000, 5000, 20_000, 60_000],
  waitingLimitMs: 3_600_000,
  graceMs: 90_000,
  waitUnitMs: 1000,
}
const question = { since: at(-900), at: at(-5), round: 0, requestVersion: 1 }
const open = { until: t0 + 90_000, probed: false }
const probed = { ...open, probed: true }

const decided = (meaning: Meaning, change: Partial<Situation> = {}) =>
  decide(meaning, policy, {
    now: t0,
    round: 3,
    attempts: 0,
    question: undefined,
    canFindOut: true,
    othersServed: false,
    ...change,
  })

const facts = { awb: 'AWB-1' }
const reason = vendorCode('R')
/** The table: what was made, who is to blame, and the decision if nothing else applies. */
const table: [Meaning, object][] = [
  [
    { made: 'yes', blame: 'nobody', reason, facts },
    { kind: 'advance', facts, round: 3 },
  ],
  [
    { made: 'yes', blame: 'order', reason, facts },
    { kind: 'dead-letter', failure: 'permanent', reason, facts },
  ],
  [
    { made: 'accepted', blame: 'nobody', reason, retryAfterMs: 5000 },
    { kind: 'wait', until: t0 + 5000, keepsMessage: true },
  ],
  [
    { made: 'no', blame: 'order', reason },
    { kind: 'dead-letter', failure: 'permanent', reason },
  ],
  [
    { made: 'no', blame: 'nobody', reason },
    { kind: 'wait', until: t0 + 90_000, keepsMessage: false },
  ],
  [
    { made: 'unknown', blame: 'nobody', reason },
    { kind: 'retry', at: t0 + 1000 },
  ],
  [
    { made: 'unknown', blame: 'vendor', reason },
    { kind: 'retry', at: t0 + 1000 },
  ],
  [
    { made: 'unknown', blame: 'vendor', reason, retryAfterMs: 7000 },
    { kind: 'wait', until: t0 + 7000 },
  ],
  [
    { made: 'no', blame: 'unreached', reason },
    { kind: 'retry', at: t0 + 1000 },
  ],
  [
    { made: 'no', blame: 'us', reason },
    { kind: 'wait', until: t0 + 90_000 },
  ],
  [
    { made: 'no', blame: 'unclear', reason },
    { kind: 'wait', until: t0 + 90_000, isFailure: true },
  ],
]

test.each(table)('%j is answered by its decision', (meaning, decision) => {
  expect(decided(meaning)).toMatchObject({ ...decision })
})

describe('what is uncertain', () => {
  const unsure = table.filter(([{ made, blame }]) => made !== 'yes' && blame !== 'order')

  test.each(unsure)('stays on the order: %j', (meaning) => {
    expect(decided(meaning, { question })).toMatchObject({ question })
  })

  test.each(table.filter(([{ made }]) => made !== 'yes'))(
    "is a person's where nothing of ours can find out: %j",
    (meaning) => {
      expect(decided(meaning, { question, canFindOut: false })).toEqual({
        kind: 'dead-letter',
        reason: 'OUTCOME_UNKNOWN:R',
        failure: 'permanent',
        question,
      })
    },
  )
})

describe('a failed attempt', () => {
  const failed = { made: 'unknown', blame: 'vendor', reason: 'HTTP_500' } as const
  const unreached = { made: 'no', blame: 'unreached', reason: 'CONNECTION_FAILED' } as const
  const wait = { kind: 'wait', reason: 'CIRCUIT_OPEN:HTTP_500', until: t0 + 90_000, keepsMessage: false }

  test.each([
    ['first', 0, 1000],
    ['second', 1, 5000],
    ['third', 2, 20_000],
    ['fourth', 3, 60_000],
  ])('of the %s attempt comes back by the schedule', (_, attempts, delayMs) => {
    expect(decided(failed, { attempts })).toMatchObject({ kind: 'retry', at: t0 + delayMs })
  })

  test.each([undefined, open])(
    'of the fifth attempt dead-letters, whether the circuit is open or not',
    (circuit) => {
      expect(decided(failed, { attempts: 4, circuit })).toMatchObject({
        kind: 'dead-letter',
        reason: 'HTTP_500',
        failure: 'transient',
      })
    },
  )

  test.each([0, 3])('while the circuit is open waits and counts nothing, after %d attempts', (attempts) => {
    expect(decided(failed, { attempts, circuit: open })).toMatchObject(wait)
  })

  test('of the fifth attempt waits if the vendor was not reached, which says nothing about the order', () => {
    expect(decided(unreached, { attempts: 4, circuit: open })).toMatchObject({
      kind: 'wait',
      until: t0 + 90_000,
    })
    expect(decided(unreached, { attempts: 4 })).toMatchObject({ kind: 'wait', until: t0 + 90_000 })
  })

  test.each([0, 4])('of a probe never counts: it is made on behalf of all, after %d attempts', (attempts) => {
    expect(decided(failed, { attempts, circuit: probed })).toMatchObject(wait)
  })

  test.each([0, 4])('is blamed on the order if the vendor serves others, after %d attempts', (attempts) => {
    const unclear = { made: 'no', blame: 'unclear', reason: 'HTTP_403' } as const

    expect(decided(unclear, { attempts, othersServed: true }).kind).toBe(
      attempts < 4 ? 'retry' : 'dead-letter',
    )
  })
})

describe('waiting', () => {
  const busy = { made: 'no', blame: 'nobody', reason: 'RATE_LIMITED' } as const

  test('lasts as long as the circuit is open, or the vendor says, or else as long as configured', () => {
    expect(decided(busy, { circuit: open })).toMatchObject({ until: open.until })
    expect(decided({ ...busy, retryAfterMs: 5000 })).toMatchObject({ until: t0 + 5000 })
    expect(decided(busy)).toMatchObject({ until: t0 + 90_000 })
  })

  test('of up to a minute keeps the message, a longer one does not', () => {
    expect(decided({ ...busy, retryAfterMs: 60_000 })).toMatchObject({ keepsMessage: true })
    expect(decided({ ...busy, retryAfterMs: 60_001 })).toMatchObject({ keepsMessage: false })
  })

  test('uses up no attempt, however many there were', () => {
    expect(decided(busy, { attempts: 9 }).kind).toBe('wait')
  })

  test('ends in a dead letter once it has lasted as long as it may in all', () => {
    const still = waitUntil(
      reason,
      t0 + 1,
      policy,
      { now: t0, waitingSince: at(-3_599_999), question },
      false,
    )
    const over = waitUntil(reason, t0 + 1, policy, { now: t0, waitingSince: at(-3_600_000), question }, false)

    expect(still.kind).toBe('wait')
    expect(over).toEqual({ kind: 'dead-letter', reason: 'WAITED_TOO_LONG:R', failure: 'waiting', question })
  })

  test.each([86_400_000, 1e18])(
    'is looked into at its limit where the vendor asks for %d ms',
    (retryAfterMs) => {
      expect(decided({ ...busy, retryAfterMs })).toMatchObject({ until: t0 + 3_600_000 })
    },
  )
})
