import { beforeEach, expect, test } from '@jest/globals'
import { createTurns, type Turn } from '../../../lambdas/application/turns.ts'
import { t0 } from '../../builders.ts'
import { createClock } from '../doubles.ts'

let clock: ReturnType<typeof createClock>
let pace: { perSecond: number; from: number }
let turns: ReturnType<typeof createTurns>

/** One of two workers, which get 10 calls a second together. */
const instance = () =>
  createTurns({
    pace: { current: async () => pace, slowDown: async () => {} },
    concurrency: 2,
    now: clock.now,
    sleep: async (ms) => clock.pass(ms),
  })

beforeEach(() => {
  clock = createClock()
  pace = { perSecond: 10, from: 0 }
  turns = instance()
})

/** Takes turns one after the other, with the given number of calls each; returns when each turn came, in ms. */
async function take(count: number, { calls = 1, forMs = 60_000 } = {}): Promise<(number | undefined)[]> {
  const cameAt: (number | undefined)[] = []
  for (let index = 0; index < count; index++) {
    const turn = await turns.take(clock.now() + forMs)
    cameAt.push(turn.until === undefined ? clock.now() - t0 : undefined)
    turn.calls = calls
    turns.end(turn)
  }
  return cameAt
}

test("a worker makes a second's calls at once, then its part of the pace", async () => {
  expect(await take(8)).toEqual([0, 0, 0, 0, 0, 200, 400, 600])
})

test('a worker makes no more than a batch of calls at once, however fast the vendor is', async () => {
  pace = { perSecond: 40, from: 0 }

  expect(await take(12)).toEqual([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 50, 100])
})

test('a turn without a call leaves its token to the next, and one with three calls takes those of two more', async () => {
  await take(5)

  expect(await take(3, { calls: 0 })).toEqual([200, 200, 200])
  expect(await take(2, { calls: 3 })).toEqual([200, 800])
})

test('those who wait get their turns in the order in which they asked', async () => {
  await take(5)

  const order: number[] = []
  await Promise.all([1, 2, 3].map(async (who) => turns.take(t0 + 9000).then(() => order.push(who))))

  expect(order).toEqual([1, 2, 3])
})

test('a pace that is slowed in the meantime counts for those who wait already', async () => {
  pace = { perSecond: 0.2, from: 0 }
  await take(1)
  const turn = turns.take(t0 + 60_000)

  pace = { perSecond: 2, from: 0 }
  await turn

  expect(clock.now() - t0).toBe(1000)
})

test('no call is made before a pause ends, and none are saved up for its end', async () => {
  pace = { perSecond: 10, from: t0 + 3000 }

  expect(await take(3)).toEqual([3200, 3400, 3600])
})

test('a pause leaves the part of a token that had come before it', async () => {
  await take(5)
  clock.pass(100)

  await turns.take(t0)
  pace = { perSecond: 10, from: t0 + 3000 }

  expect(await take(2)).toEqual([3100, 3300])
})

test('a turn that does not come in time is refused at once, and those behind it come back one after the other', async () => {
  await take(5)

  const refused: Turn[] = []
  for (let index = 0; index < 3; index++) refused.push(await turns.take(t0 + 100))

  expect(refused.map(({ until = 0 }) => until - t0)).toEqual([200, 400, 600])
  expect(clock.now()).toBe(t0)
  expect(await take(1)).toEqual([200])
})
