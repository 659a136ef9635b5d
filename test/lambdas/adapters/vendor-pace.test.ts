import { beforeEach, expect, test } from '@jest/globals'
import { createVendorItem } from '../../../lambdas/adapters/vendor-item.ts'
import { createVendorPace } from '../../../lambdas/adapters/vendor-pace.ts'
import { AwsError } from '../../../local/services/aws-service.ts'
import { t0 } from '../../builders.ts'
import { createDynamoDb, type DynamoDb } from '../dynamodb.ts'

let db: DynamoDb
let errors: unknown[]
beforeEach(async () => {
  db = await createDynamoDb()
  errors = []
})

/** One instance of a worker has one of these. */
const instance = () =>
  createVendorPace(
    createVendorItem(db.documents, { tableName: 'circuits', vendor: 'carrier', cacheMs: 2000 }),
    {
      ratePerSecond: 20,
      onError: (error) => errors.push(error),
    },
  )
/** A 429 at `t0 + ms` to a call that took 100 ms. */
const tooFast = (ms: number, retryAfterMs?: number) => ({
  startedAt: t0 + ms - 100,
  now: t0 + ms,
  retryAfterMs,
})
const writes = () => db.calls.filter(({ action }) => action === 'UpdateItem').length

test("a pace that was never slowed is the config's, and nothing is written", async () => {
  expect(await instance().current(t0)).toEqual({ perSecond: 20, from: 0 })
  expect(writes()).toBe(0)
})

test('a 429 slows the pace of all instances, as soon as they read it again', async () => {
  const other = instance()
  await other.current(t0)

  await instance().slowDown(tooFast(0))

  expect(await other.current(t0 + 1999)).toMatchObject({ perSecond: 20 })
  expect(await other.current(t0 + 2000)).toMatchObject({ perSecond: 18 * 2 ** (2 / 180) })
})

test('of the 429 to calls that began before all instances knew the last pace, the first one slows it for all', async () => {
  const [one, other] = [instance(), instance()]
  await other.current(t0)

  await one.slowDown(tooFast(0))
  await other.slowDown(tooFast(50))
  await one.slowDown(tooFast(2100))
  expect(await db.read('circuits', { vendor: 'carrier' })).toMatchObject({ slowedTo: 18, slowedAt: t0 })

  await one.slowDown(tooFast(2101))

  expect(await db.read('circuits', { vendor: 'carrier' })).toMatchObject({ slowedAt: t0 + 2101 })
})

test('a 429 that arrives too late to slow the pace writes nothing', async () => {
  const one = instance()
  await one.slowDown(tooFast(0))

  await one.slowDown(tooFast(60))

  expect(writes()).toBe(1)
})

test('with Retry-After all calls pause for that long, but at most an hour', async () => {
  await instance().slowDown(tooFast(0, 7000))
  expect(await instance().current(t0)).toMatchObject({ from: t0 + 7000 })

  await instance().slowDown(tooFast(8000, 999 * 3_600_000))
  expect(await instance().current(t0 + 8000)).toMatchObject({ from: t0 + 8000 + 3_600_000 })
})

test('a 429 to a call that began in a pause does not prolong it, and one to a call after it slows the pace', async () => {
  const [one, other] = [instance(), instance()]
  await other.current(t0 - 1)

  await one.slowDown(tooFast(0, 1000))
  await one.slowDown(tooFast(90, 1000))
  await other.slowDown(tooFast(1100, 1000))
  expect(await instance().current(t0)).toEqual({ perSecond: 18, from: t0 + 1000 })

  await other.slowDown(tooFast(1101, 1000))
  expect(await instance().current(t0 + 1101)).toMatchObject({ from: t0 + 2101 })
  expect(await db.read('circuits', { vendor: 'carrier' })).toMatchObject({ slowedAt: t0 + 1101 })
})

test("an open circuit stays open as its vendor's pace is slowed", async () => {
  const open = { vendor: 'carrier', state: 'open', since: t0, until: t0 + 1, openMs: 1, reason: 'TIME_OUT' }
  await db.put('circuits', open)

  await instance().slowDown(tooFast(0))

  expect(await db.read('circuits', { vendor: 'carrier' })).toMatchObject({ ...open, slowedTo: 18 })
})

test("a pace that is unavailable is the config's, and the error is reported", async () => {
  db.failWhen(() => {
    throw new AwsError('ThrottlingException', 'Slow down')
  })

  await instance().slowDown(tooFast(0))

  expect(await instance().current(t0)).toEqual({ perSecond: 20, from: 0 })
  expect(errors).toHaveLength(2)
})
