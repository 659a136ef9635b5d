import { describe, expect, test } from '@jest/globals'
import type { CallResult, VendorClient } from '../../../lambdas/adapters/vendor-client.ts'
import { askVendor, type VendorTraits } from '../../../lambdas/application/ask-vendor.ts'
import type { Order } from '../../../lambdas/domain/order.ts'
import { at, orderId, storedOrder, t0 } from '../../builders.ts'

type Result = CallResult<string>

const keys: VendorTraits = { honoursIdempotencyKey: true, canBeLookedUp: true, settleMs: 60_000 }
const keysOnly = { ...keys, canBeLookedUp: false }
const lookUpOnly = { ...keys, honoursIdempotencyKey: false }
const neither = { ...lookUpOnly, canBeLookedUp: false }

const done: Result = { kind: 'done', answer: 'AWB-1' }
const accepted: Result = { kind: 'accepted', retryAfterMs: 5000 }
const notThere: Result = { kind: 'not-there' }
const conflict: Result = { kind: 'conflict' }
const refused: Result = { kind: 'refused', reason: 'HTTP_422' }
const timeOut: Result = { kind: 'failed', reason: 'TIME_OUT', certain: false }
const noConnection: Result = { kind: 'failed', reason: 'CONNECTION_FAILED', certain: true }
const paused = (certain: boolean): Result => ({
  kind: 'paused',
  reason: 'RATE_LIMITED',
  retryAfterMs: 7000,
  ourFault: false,
  certain,
})

/** When the call ends, 100 ms after the order was read. */
const ends = t0 + 100
/** An earlier call that may have reached the vendor, at the end of round 0; the order is in round 2 by now. */
const earlierAt = t0 - 10_000
const untouched = storedOrder({ round: 2 })
const uncertain = storedOrder({ round: 2, unknownOutcome: { at: at(-10_000), round: 0 } })
const settled = storedOrder({ round: 2, unknownOutcome: { at: at(-59_900), round: 0 } })

/** Asks a vendor that answers so, and tells which calls were made and what came of them. */
async function ask(order: Order, traits: VendorTraits, answers: { create?: Result; lookUp?: Result }) {
  const calls: string[] = []
  const answer = (call: string, result: Result | undefined): Result => {
    if (!result) throw new Error(`${call} was not expected`)
    calls.push(call)
    return result
  }
  const client: VendorClient<string> = {
    create: async (_order, key) => answer(`create ${key.replace(`${orderId}:`, '')}`, answers.create),
    lookUp: async () => answer('lookUp', answers.lookUp),
  }
  const { outcome, last } = await askVendor(order, 'logistics', client, traits, () => ends)
  return { calls, outcome, last }
}

const waiting = (reason: string, uncertainSince?: number, waitMs?: number) => ({
  kind: 'waiting',
  reason,
  uncertainSince,
  waitMs,
})
const transient = (reason: string, uncertainSince?: number) => ({
  kind: 'transient',
  reason,
  uncertainSince,
  reached: reason !== 'CONNECTION_FAILED',
})
const undecidable = (reason: string, uncertainSince: number) => ({
  kind: 'undecidable',
  reason,
  uncertainSince,
})
const permanent = { kind: 'permanent', reason: 'HTTP_422' }

describe('a first call', () => {
  test.each<[string, Result, object]>([
    ['that is done is done', done, done],
    ['that is accepted waits, for it is under way', accepted, waiting('NOT_READY_YET', ends, 5000)],
    ['that is refused is refused', refused, permanent],
    ['that certainly did nothing is known', noConnection, transient('CONNECTION_FAILED')],
    ['that may have done it is unknown since it ended', timeOut, transient('TIME_OUT', ends)],
    ['that certainly pauses is known', paused(true), waiting('RATE_LIMITED', undefined, 7000)],
    ['that pauses and may have done it is unknown', paused(false), waiting('RATE_LIMITED', ends, 7000)],
  ])('%s, whoever can find out', async (_, create, outcome) => {
    for (const traits of [keys, keysOnly, lookUpOnly]) {
      const asked = await ask(untouched, traits, { create })

      expect(asked).toEqual({ calls: ['create logistics:2'], outcome, last: create })
    }
  })

  test.each<[string, Result, object]>([
    ['is done', done, done],
    ['is refused', refused, permanent],
    ['certainly did nothing', noConnection, transient('CONNECTION_FAILED')],
    ['certainly pauses', paused(true), waiting('RATE_LIMITED', undefined, 7000)],
    ['may have done it', timeOut, undecidable('TIME_OUT', ends)],
    ['pauses and may have done it', paused(false), undecidable('RATE_LIMITED', ends)],
    ['is accepted', accepted, undecidable('NOT_READY_YET', ends)],
    ['conflicts', conflict, undecidable('CONFLICT', ends)],
  ])('of a vendor that can do neither, where it %s', async (_, create, outcome) => {
    const asked = await ask(untouched, neither, { create })

    expect(asked).toEqual({ calls: ['create logistics:2'], outcome, last: create })
  })
})

describe('a conflict', () => {
  test.each<[string, Result, object, Result]>([
    ['is done where the look-up shows it', done, done, done],
    ['waits where it is under way', accepted, waiting('NOT_READY_YET', ends, 5000), accepted],
    ['is tried again where nothing is there', notThere, transient('CONFLICT', ends), conflict],
    ['is tried again where the look-up fails', timeOut, transient('TIME_OUT', ends), timeOut],
    [
      'stays unknown where the look-up pauses',
      paused(true),
      waiting('RATE_LIMITED', ends, 7000),
      paused(true),
    ],
  ])('%s', async (_, lookUp, outcome, last) => {
    for (const traits of [keys, lookUpOnly]) {
      const asked = await ask(untouched, traits, { create: conflict, lookUp })

      expect(asked).toEqual({ calls: ['create logistics:2', 'lookUp'], outcome, last })
    }
  })

  test('of a vendor that only honours keys is tried again with the same key', async () => {
    const asked = await ask(untouched, keysOnly, { create: conflict })

    expect(asked).toMatchObject({ calls: ['create logistics:2'], outcome: transient('CONFLICT', ends) })
  })
})

describe('after an unknown outcome, a vendor that honours keys', () => {
  test.each<[string, Result, object]>([
    ['done', done, done],
    ['refused', refused, permanent],
    ['accepted', accepted, waiting('NOT_READY_YET', ends, 5000)],
    ['unknown again', timeOut, transient('TIME_OUT', ends)],
    ['still unknown, though this call did nothing', noConnection, transient('CONNECTION_FAILED', earlierAt)],
    [
      'still unknown, though this call was refused entry',
      paused(true),
      waiting('RATE_LIMITED', earlierAt, 7000),
    ],
  ])("is called again with that outcome's key: %s", async (_, create, outcome) => {
    for (const traits of [keys, keysOnly]) {
      const asked = await ask(uncertain, traits, { create })

      expect(asked).toEqual({ calls: ['create logistics:0'], outcome, last: create })
    }
  })
})

describe('after an unknown outcome, a vendor that can only be looked up', () => {
  test.each<[string, Result, object]>([
    ['done', done, done],
    ['under way', accepted, waiting('NOT_READY_YET', earlierAt, 5000)],
    ['in conflict', conflict, transient('CONFLICT', earlierAt)],
    ['not known, the look-up failing', timeOut, transient('TIME_OUT', earlierAt)],
    ['not known, the look-up not connecting', noConnection, transient('CONNECTION_FAILED', earlierAt)],
    ['not known, the look-up pausing', paused(true), waiting('RATE_LIMITED', earlierAt, 7000)],
  ])('is asked first, and nothing is created where it is %s', async (_, lookUp, outcome) => {
    const asked = await ask(uncertain, lookUpOnly, { lookUp })

    expect(asked).toEqual({ calls: ['lookUp'], outcome, last: lookUp })
  })

  test('is not believed that nothing is there before that has settled', async () => {
    const asked = await ask(uncertain, lookUpOnly, { lookUp: notThere })

    expect(asked).toEqual({
      calls: ['lookUp'],
      outcome: { kind: 'settling', until: earlierAt + 60_000 },
      last: notThere,
    })
  })

  test.each<[string, Result, object]>([
    ['done', done, done],
    ['refused', refused, permanent],
    ['unknown again', timeOut, transient('TIME_OUT', ends)],
    ['known again', noConnection, transient('CONNECTION_FAILED')],
  ])('is asked to create once nothing is there for good: %s', async (_, create, outcome) => {
    const asked = await ask(settled, lookUpOnly, { lookUp: notThere, create })

    expect(asked).toEqual({ calls: ['lookUp', 'create logistics:0'], outcome, last: create })
  })
})

test('after an unknown outcome, a vendor that can do neither is left alone', async () => {
  const asked = await ask(uncertain, neither, {})

  expect(asked).toEqual({ calls: [], outcome: undecidable('NO_WAY_TO_FIND_OUT', earlierAt), last: undefined })
})
