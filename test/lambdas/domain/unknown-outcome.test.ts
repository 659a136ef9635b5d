import { describe, expect, test } from '@jest/globals'
import { openQuestion, questionAfter, wayToFindOut } from '../../../lambdas/domain/unknown-outcome.ts'
import type { Meaning } from '../../../lambdas/domain/vendor-answer.ts'
import { at, storedOrder, t0, vendorCode, vendorTraits } from '../../builders.ts'

const earlier = { since: at(-90_000), at: at(-60_000), round: 1, requestVersion: 1 }
const claim = { step: 'logistics' as const, id: 'c', until: at(-5000), requestVersion: 2 }

describe('since when it is uncertain', () => {
  test('is not asked of an order that was never claimed', () => {
    expect(openQuestion(storedOrder())).toBeUndefined()
  })

  test('is what was recorded', () => {
    expect(openQuestion(storedOrder({ unknownOutcome: earlier }))).toEqual(earlier)
  })

  test('is the end of a claim without an outcome, for the request that its holder sends', () => {
    expect(openQuestion(storedOrder({ claim, round: 3 }))).toEqual({
      since: at(-5000),
      at: at(-5000),
      round: 3,
      requestVersion: 2,
    })
  })

  test('goes on from the first call to the last, and is about the first request', () => {
    expect(openQuestion(storedOrder({ claim, round: 3, unknownOutcome: earlier }))).toEqual({
      ...earlier,
      at: at(-5000),
    })
  })
})

describe('after a create', () => {
  const call = { endedAt: t0, round: 3, requestVersion: 2 }
  const opened = { since: at(), at: at(), round: 3, requestVersion: 2 }
  const answers: [string, Meaning, object | undefined, object | undefined][] = [
    [
      'that was refused',
      { made: 'no', blame: 'order', reason: vendorCode('NOPE') },
      undefined,
      { ...earlier, at: at(), refused: 'NOPE' },
    ],
    [
      'that was refused entry',
      { made: 'no', blame: 'us', reason: 'TIME_OUT' },
      undefined,
      { ...earlier, at: at() },
    ],
    ['that did not connect', { made: 'no', blame: 'unreached', reason: 'TIME_OUT' }, undefined, earlier],
    [
      'without an answer',
      { made: 'unknown', blame: 'vendor', reason: 'TIME_OUT' },
      opened,
      { ...earlier, at: at() },
    ],
    [
      'that was accepted',
      { made: 'accepted', blame: 'nobody', reason: 'TIME_OUT' },
      opened,
      { ...earlier, at: at() },
    ],
  ]

  test.each(answers)('%s', (_, meaning, anew, inDoubt) => {
    expect(questionAfter(undefined, meaning, call)).toEqual(anew)
    expect(questionAfter(earlier, meaning, call)).toEqual(inDoubt)
  })
})

describe('the way to find out', () => {
  const keys = vendorTraits
  const keysOnly = { ...keys, canBeLookedUp: false }
  const lookUpOnly = { ...keys, honoursIdempotencyKey: false }
  const neither = { ...lookUpOnly, canBeLookedUp: false }
  const after = (ms: number) => Date.parse(earlier.since) + ms

  test.each([
    ['the same request again, of a vendor that honours keys', keys, {}, 1, 1000, 'repeat'],
    ['a look-up, of one that does not', lookUpOnly, {}, 1, 1000, 'look-up'],
    ['a person, of one that does neither', neither, {}, 1, 1000, 'person'],
    ['a look-up after the request has changed', keys, {}, 2, 1000, 'look-up'],
    ['a person after it has changed, without look-ups', keysOnly, {}, 2, 1000, 'person'],
    ['the same request as long as it arrives while the key is kept', keys, {}, 1, 86_341_999, 'repeat'],
    ['a look-up once the key may be forgotten before the repeat arrives', keys, {}, 1, 86_342_000, 'look-up'],
    ['a person once it may be forgotten, without look-ups', keysOnly, {}, 1, 86_342_000, 'person'],
    ['a look-up where the repeat was refused', keys, { refused: 'NOPE' }, 1, 1000, 'look-up'],
    ['a person where it was refused, without look-ups', keysOnly, { refused: 'NOPE' }, 1, 1000, 'person'],
  ] as const)('is %s', (_, traits, change, version, ms, way) => {
    expect(wayToFindOut({ ...earlier, ...change }, traits, version, after(ms))).toBe(way)
  })
})
