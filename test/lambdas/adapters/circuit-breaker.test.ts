import { beforeEach, describe, expect, test } from '@jest/globals'
import { type CircuitBreaker, createCircuitBreaker } from '../../../lambdas/adapters/circuit-breaker.ts'
import { createVendorItem } from '../../../lambdas/adapters/vendor-item.ts'
import type { Reason } from '../../../lambdas/domain/reasons.ts'
import { AwsError } from '../../../local/services/aws-service.ts'
import { t0 } from '../../builders.ts'
import { createDynamoDb, type DynamoDb } from '../dynamodb.ts'

const policy = { failureThreshold: 3, openMs: 10_000, maxOpenMs: 30_000, probeMs: 21_000 }

let db: DynamoDb
let breaker: CircuitBreaker
let errors: unknown[]

/** One instance of a worker has one of these. */
const item = () => createVendorItem(db.documents, { tableName: 'circuits', vendor: 'carrier', cacheMs: 2000 })
const instance = (known = item()) =>
  createCircuitBreaker(known, { policy, onError: (error) => errors.push(error) })
/** A call that is over, of an order of its own unless it is given. */
let calls = 0
const call = (now: number, reason: Reason, probe?: string, orderId = `order-${calls++}`) => ({
  orderId,
  reason,
  now,
  probe,
})
const stored = () => db.read('circuits', { vendor: 'carrier' })

beforeEach(async () => {
  db = await createDynamoDb()
  errors = []
  breaker = instance()
})

/** Opens the circuit at t0 by three failures. */
const open = async (by = breaker) => {
  for (let count = 0; count < 3; count++) await by.failed(call(t0, 'HTTP_500'))
}
/** Opens it, and gives the turn of the probe to `holder` once its time has come. */
const probe = async (holder: string, by = breaker) => {
  await open(by)
  return by.admit(holder, t0 + 10_000)
}

describe('a closed circuit', () => {
  test('lets everybody through, writes nothing, and is read at most once in its cache time', async () => {
    for (const ms of [0, 1000, 1999]) {
      expect(await breaker.admit('a', t0 + ms)).toEqual({ admitted: true })
      await breaker.succeeded(call(t0 + ms, 'MADE'))
    }
    expect(db.takeCalls()).toEqual(['GetItem'])

    await breaker.admit('a', t0 + 2000)

    expect(db.takeCalls()).toEqual(['GetItem'])
  })

  test('stays closed below its threshold, and opens at it', async () => {
    const answers = [
      await breaker.failed(call(t0, 'HTTP_500')),
      await breaker.failed(call(t0, 'HTTP_500')),
      await breaker.failed(call(t0, 'TIME_OUT')),
    ]

    expect(answers).toEqual([undefined, undefined, t0 + 10_000])
    expect(await stored()).toMatchObject({ state: 'open', since: t0, until: t0 + 10_000, reason: 'TIME_OUT' })
  })

  test('counts failures in a row: a success between starts anew', async () => {
    for (let round = 0; round < 3; round++) {
      await breaker.failed(call(t0, 'HTTP_500'))
      await breaker.failed(call(t0, 'HTTP_500'))
      await breaker.succeeded(call(t0, 'MADE'))
    }

    expect(await stored()).toMatchObject({ state: 'closed', failures: 0 })
  })

  test('counts the failures of all instances together', async () => {
    const others = [instance(), instance()]

    await breaker.failed(call(t0, 'HTTP_500'))
    for (const other of others) await other.failed(call(t0, 'HTTP_500'))

    expect(await stored()).toMatchObject({ state: 'open' })
  })
})

describe('failures in a row', () => {
  const failures = async (...orders: string[]) => {
    for (const [index, order] of orders.entries())
      await breaker.failed(call(t0 + index, 'HTTP_500', undefined, order))
  }
  /** Another order is served here, unseen by the shared count: its failures were not known here yet. */
  const servedHere = async (ms: number) => {
    expect(await breaker.admit('a', t0)).toEqual({ admitted: true })
    await breaker.succeeded(call(t0 + ms, 'MADE'))
  }

  test('of one order open the circuit if there is no other order to compare it with', async () => {
    await failures('a', 'a', 'a')

    expect(await stored()).toMatchObject({ state: 'open' })
  })

  test('of two orders do not open it while the vendor serves others, those of three do', async () => {
    await instance().failed(call(t0 - 10, 'HTTP_500', undefined, 'a'))
    await db.put('circuits', { ...(await stored()), failures: 0 })
    await servedHere(0)
    await failures('a', 'b', 'a', 'b')
    expect(await stored()).toMatchObject({ state: 'closed', failures: 4 })

    await failures('c')

    expect(await stored()).toMatchObject({ state: 'open' })
  })
})

describe('an open circuit', () => {
  test('lets no call through before its time, and says why', async () => {
    await open()

    const refusal = { admitted: false, until: t0 + 10_000, reason: 'CIRCUIT_OPEN:HTTP_500' }
    expect(await breaker.admit('a', t0 + 9999)).toEqual(refusal)
    expect(await instance().admit('b', t0 + 9999)).toEqual(refusal)
  })

  test('lets one of the simultaneous callers through then as a probe, and has the others wait for its answer, not for its turn to end', async () => {
    await open()

    const instances = [breaker, instance(), instance(), instance()]
    const turns = await Promise.all(instances.map((each, index) => each.admit(`probe-${index}`, t0 + 10_000)))

    expect(turns.filter(({ admitted }) => admitted)).toHaveLength(1)
    expect(turns).toContainEqual({ admitted: true, probe: expect.stringMatching(/^probe-\d$/) })
    const refused = { admitted: false, until: t0 + 20_000, reason: 'CIRCUIT_OPEN:HTTP_500' }
    expect(turns.filter(({ admitted }) => !admitted)).toEqual([refused, refused, refused])
  })

  test('stays as it is when a call that began before fails or succeeds', async () => {
    await open()
    const before = await stored()

    expect(await breaker.failed(call(t0 + 1000, 'TIME_OUT'))).toBe(t0 + 10_000)
    await breaker.succeeded(call(t0 + 1000, 'MADE'))
    await instance().succeeded(call(t0 + 1000, 'MADE'))

    expect(await stored()).toEqual(before)
  })
})

describe('a probe', () => {
  test('that succeeds closes the circuit, for everybody', async () => {
    expect(await probe('mine')).toEqual({ admitted: true, probe: 'mine' })

    await breaker.succeeded(call(t0 + 11_000, 'MADE', 'mine'))

    expect(await stored()).toEqual({ vendor: 'carrier', state: 'closed', failures: 0, version: 5 })
    expect(await instance().admit('b', t0 + 11_000)).toEqual({ admitted: true })
  })

  test('that fails opens it for twice as long each time, up to the cap, and keeps since when', async () => {
    await open()
    const lengths: number[] = []
    let now = t0 + 10_000
    for (let round = 0; round < 4; round++) {
      await breaker.admit(`probe-${round}`, now)
      const until = (await breaker.failed(call(now, 'HTTP_503', `probe-${round}`))) ?? 0
      lengths.push(until - now)
      now = until
    }

    expect(lengths).toEqual([20_000, 30_000, 30_000, 30_000])
    expect(await stored()).toMatchObject({ state: 'open', since: t0, until: now, reason: 'HTTP_503' })
  })

  test('opens it for its first length again after it was closed', async () => {
    await probe('mine')
    await breaker.failed(call(t0 + 10_000, 'HTTP_500', 'mine'))
    await breaker.admit('again', t0 + 30_000)
    await breaker.succeeded(call(t0 + 30_000, 'MADE', 'again'))

    for (let count = 0; count < 3; count++) await breaker.failed(call(t0 + 40_000, 'HTTP_500'))

    expect(await stored()).toMatchObject({ since: t0 + 40_000, until: t0 + 50_000 })
  })

  test('that dies gives its turn back by expiry', async () => {
    await probe('dead')

    const early = await instance().admit('next', t0 + 31_000)
    const inTime = await instance().admit('next', t0 + 31_001)

    expect(early).toMatchObject({ admitted: false, until: t0 + 41_000 })
    expect(inTime).toEqual({ admitted: true, probe: 'next' })
  })

  test('that lost its turn neither closes nor reopens', async () => {
    await probe('dead')
    await instance().admit('next', t0 + 31_001)
    const before = await stored()

    await breaker.succeeded(call(t0 + 32_000, 'MADE', 'dead'))
    expect(await stored()).toEqual(before)
    await breaker.failed(call(t0 + 32_000, 'HTTP_500', 'dead'))
    await breaker.pause({ ...call(t0 + 32_000, 'VENDOR_UNAVAILABLE', 'dead'), forMs: 60_000 })
    await breaker.release('dead', t0 + 32_000)

    expect(await stored()).toEqual(before)
  })

  test('that was not needed gives its turn to the next at once', async () => {
    await probe('mine')

    await breaker.release('mine', t0 + 11_000)

    expect(await instance().admit('next', t0 + 11_000)).toEqual({ admitted: true, probe: 'next' })
    expect(errors).toEqual([])
  })
})

describe('a pause', () => {
  test('opens at once for as long as the vendor says, at most for the cap', async () => {
    expect(await breaker.pause({ ...call(t0, 'VENDOR_UNAVAILABLE'), forMs: 5000 })).toBe(t0 + 5000)
    expect(await stored()).toMatchObject({ state: 'open', until: t0 + 5000, reason: 'VENDOR_UNAVAILABLE' })

    expect(await breaker.pause({ ...call(t0, 'VENDOR_UNAVAILABLE'), forMs: 999_000 })).toBe(t0 + 30_000)
    expect(await stored()).toMatchObject({ until: t0 + 30_000 })
  })

  test('never shortens what is open for longer', async () => {
    await breaker.pause({ ...call(t0, 'VENDOR_UNAVAILABLE'), forMs: 20_000 })

    await breaker.pause({ ...call(t0, 'VENDOR_UNAVAILABLE'), forMs: 1000 })

    expect(await stored()).toMatchObject({ until: t0 + 20_000 })
  })

  test('by a probe keeps it open for that long and never doubles', async () => {
    await probe('mine')

    await breaker.pause({ ...call(t0 + 10_000, 'VENDOR_UNAVAILABLE', 'mine'), forMs: 4000 })
    await breaker.admit('next', t0 + 14_000)
    await breaker.pause({ ...call(t0 + 14_000, 'VENDOR_UNAVAILABLE', 'next'), forMs: 4000 })

    expect(await stored()).toMatchObject({ until: t0 + 18_000, openMs: 10_000 })
    expect(await stored()).not.toHaveProperty('probeId')
  })

  test('by a late call does not affect the probe of another', async () => {
    await probe('mine')
    const before = await stored()

    await instance().pause({ ...call(t0 + 11_000, 'VENDOR_UNAVAILABLE'), forMs: 30_000 })

    expect(await stored()).toEqual(before)
  })
})

describe('an operator', () => {
  const operator = { who: 'jo', note: 'maintenance' }

  test('holds the circuit open, whatever it was, and lets go of it', async () => {
    await item().hold(true, t0, operator)

    const held = await instance().admit('a', t0 + 999_000)
    await item().hold(false, t0 + 999_000, operator)
    const released = await instance().admit('a', t0 + 999_000)

    expect(held).toEqual({ admitted: false, until: t0 + 1_029_000, reason: 'PAUSED_BY_OPERATOR' })
    expect(released).toEqual({ admitted: true })
  })

  test('keeps since when it is held, however often that is asked', async () => {
    await item().hold(true, t0, operator)

    expect(await item().hold(true, t0 + 5000, operator)).toMatchObject({ heldSince: t0, holder: operator })
  })

  test('holds back the probe of an open circuit, and finds it open again afterwards', async () => {
    await open()
    await item().hold(true, t0, operator)

    expect(await instance().admit('a', t0 + 10_000)).toMatchObject({ reason: 'PAUSED_BY_OPERATOR' })
    await item().hold(false, t0, operator)

    expect(await instance().admit('a', t0 + 9999)).toMatchObject({ admitted: false })
    expect(await instance().admit('a', t0 + 10_000)).toEqual({ admitted: true, probe: 'a' })
  })

  test('is told if the circuit cannot be written', async () => {
    db.failWhen(() => {
      throw new AwsError('ThrottlingException', 'Slow down')
    })

    await expect(item().hold(true, t0, operator)).rejects.toThrow('Slow down')
  })
})

describe('a circuit that is unavailable', () => {
  test('counts as closed, and says so', async () => {
    await open()
    db.failWhen(() => {
      throw new AwsError('ThrottlingException', 'Slow down')
    })
    const other = instance()

    expect(await other.admit('a', t0)).toEqual({ admitted: true })
    expect(await other.failed(call(t0, 'HTTP_500'))).toBeUndefined()
    expect(await other.pause({ ...call(t0, 'VENDOR_UNAVAILABLE'), forMs: 5000 })).toBe(t0 + 5000)
    await other.succeeded(call(t0, 'MADE', 'a'))
    await other.release('a', t0)

    expect(errors).toHaveLength(5)
  })

  test('counts as closed if its item makes no sense', async () => {
    await db.put('circuits', { vendor: 'carrier', state: 'ajar' })

    expect(await breaker.admit('a', t0)).toEqual({ admitted: true })
    expect(errors).toHaveLength(1)
  })
})
