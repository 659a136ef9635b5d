import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals'
import { type Faults, noFaults } from '../../vendors/faults.ts'
import type { Cloud, OrderView } from './cloud.ts'
import { cloudUnderTest, speed } from './deployed-cloud.ts'
import { createShop, happened, isReady, isStuck, type Shop } from './shop.ts'

let cloud: Cloud
let shop: Shop

beforeAll(async () => {
  cloud = await cloudUnderTest()
  shop = createShop(cloud, await cloud.token())
  await shop.warmUp()
})
afterEach(async () => {
  for (const vendor of ['logistics', 'wms'] as const) await cloud.faults(vendor, noFaults)
})
afterAll(() => cloud?.stop())

describe('while the carrier is down', () => {
  test.each<[string, Partial<Faults>, Partial<Faults>, RegExp]>([
    ['refuses connections', { down: true }, { down: false }, /CONNECTION|DOWN/],
    ['refuses our credential', { unauthorized: true }, { unauthorized: false }, /CREDENTIAL_REFUSED/],
    ['answers only errors', { errorRate: 1 }, { errorRate: 0 }, /INTERNAL_ERROR/],
  ])(
    '%s: orders are accepted, wait with a reason, and get through by themselves',
    async (_name, fault, mended, reason) => {
      await cloud.faults('logistics', fault)

      const ids = await shop.placeMany(30)
      const waiting = await shop.followAll(ids, isStuck('waiting'))

      expect(waiting.every(({ attention }) => attention?.reason.match(reason))).toBe(true)
      const usedUp = waiting.filter(({ timeline }) => timeline.some(({ type }) => type === 'ATTEMPT_FAILED'))
      expect(usedUp.length).toBeLessThanOrEqual(5)
      expect(waiting.some(({ timeline }) => timeline.some(({ type }) => type === 'DEAD_LETTERED'))).toBe(
        false,
      )

      await cloud.faults('logistics', mended)
      await shop.followAll(ids, isReady)
      await shop.expectOneEach('logistics', ids)
      await shop.expectOneEach('wms', ids)
    },
  )

  test('a single order without other traffic also waits for it', async () => {
    // A first order makes sure that the circuit is closed.
    await shop.follow(await shop.placeOne(), isReady)
    await cloud.faults('logistics', { down: true })

    const orderId = await shop.placeOne()
    const waiting = await shop.follow(
      orderId,
      ({ attention }) => attention?.attempts === 4 && attention.state === 'waiting',
    )
    await cloud.faults('logistics', { down: false })
    const ready = await shop.follow(orderId, isReady)

    expect(waiting.attention?.reason).toMatch(/^CIRCUIT_OPEN:(CONNECTION_FAILED|DOWN)$/)
    expect(happened(ready)).not.toContain('DEAD_LETTERED')
    await shop.expectOneEach('logistics', [orderId])
  })

  test('a rate limit costs no order an attempt, and all get through', async () => {
    await cloud.faults('logistics', { rateLimitPerSecond: 10 })

    const ids = await shop.placeMany(30)
    const ready = await shop.followAll(ids, isReady)

    expect(ready.some(({ timeline }) => timeline.some(({ type }) => type === 'ATTEMPT_FAILED'))).toBe(false)
    await shop.expectOneEach('logistics', ids)
  })
})

describe('a vendor whose response is lost', () => {
  test.each<['logistics' | 'wms', string, Partial<Faults>]>([
    ['logistics', 'the carrier, which ignores keys', { timeoutAfterWork: true, idempotency: false }],
    ['wms', 'the warehouse, which honours keys', { timeoutAfterWork: true }],
    [
      'logistics',
      'the carrier, which ignores keys and finishes after our time-out',
      { workAfterTimeoutMs: 3500, idempotency: false },
    ],
    ['wms', 'the warehouse, which finishes after our time-out', { workAfterTimeoutMs: 3500 }],
  ])('%s: %s, did the work once for each order', async (vendor, _name, fault) => {
    await cloud.faults(vendor, fault)
    const ids = await shop.placeMany(3)
    await cloud.until(
      () => cloud.ledger(vendor),
      (entries) => ids.every((id) => entries.some(({ reference }) => reference === id)),
    )
    await cloud.faults(vendor, { timeoutAfterWork: false, workAfterTimeoutMs: null })

    await shop.followAll(ids, isReady)
    await shop.expectOneEach(vendor, ids)
  })

  test('an asynchronous carrier is asked again until it is ready', async () => {
    await cloud.faults('logistics', { asyncMs: 1500, idempotency: false })
    const orderId = await shop.placeOne()

    const ready = await shop.follow(orderId, isReady)

    expect(happened(ready)).toContain('WAITING')
    await shop.expectOneEach('logistics', [orderId])
  })
})

describe('an order that its vendor keeps failing', () => {
  test('is tried again after 1, 5, 20 and 60 s, and then dead-lettered', async () => {
    await cloud.faults('wms', { errorRate: 1 })

    const dead = await shop.follow(await shop.placeOne(), isStuck('dead-lettered'))

    const tries = dead.timeline.filter(({ type }) => ['ATTEMPT_FAILED', 'DEAD_LETTERED'].includes(type))
    const gaps = tries.slice(1).map(({ at }, index) => Date.parse(at) - Date.parse(tries[index]?.at ?? ''))
    expect(gaps).toHaveLength(4)
    const waits = [1000, 5000, 20_000, 60_000].map((ms) => ms / speed)
    for (const [index, gap] of gaps.entries()) expect(gap).toBeGreaterThanOrEqual(waits[index] ?? 0)
  })
})

describe('an address that the carrier does not serve', () => {
  test('dead-letters that order with its reason; corrected and redriven, it becomes READY', async () => {
    await cloud.faults('logistics', { rejectCountries: ['IS'] })
    const address = { name: 'Jón', line1: 'Laugavegur 1', city: 'Reykjavík', country: 'IS' }
    const refused = await shop.placeOne({ shippingAddress: address })
    const others = await shop.placeMany(5)

    const dead = await shop.follow(refused, isStuck('dead-lettered'))
    await shop.followAll(others, isReady)
    const corrected = await shop.correct(refused, { shippingAddress: { country: 'DK' } })
    const redriven = await cloud.orderctl(
      'dlq',
      'redrive',
      '--order',
      refused,
      '--note',
      'corrected',
      '--yes',
    )
    const ready = await shop.follow(refused, isReady)

    expect(dead.attention).toMatchObject({ step: 'logistics', reason: 'ADDRESS_NOT_SERVED' })
    expect(corrected.status).toBe(200)
    expect(redriven).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('Redrove 1 order') })
    expect(happened(ready)).toBe(
      'CREATED DEAD_LETTERED CORRECTED REDRIVE_REQUESTED REDRIVEN AWB_GENERATED READY_FOR_FULFILLMENT',
    )
    await shop.expectOneEach('logistics', [refused])
  })
})

describe('cancelling', () => {
  const isCancelled = ({ status }: OrderView) => status === 'CANCELLED'

  test('an order that waits for the carrier is final', async () => {
    await cloud.faults('logistics', { unauthorized: true })
    const orderId = await shop.placeOne()
    await shop.follow(orderId, isStuck('waiting'))

    await shop.cancel(orderId)
    await cloud.faults('logistics', noFaults)
    await shop.follow(orderId, isCancelled)
    const other = await shop.placeOne()
    await shop.follow(other, isReady)

    expect((await shop.ledgerOf('logistics', [orderId])).filter(({ created }) => created > 0)).toEqual([])
  })

  test('an order that is ready has the warehouse and then the carrier undo their work', async () => {
    const orderId = await shop.placeOne()
    await shop.follow(orderId, isReady)

    const answer = await shop.cancel(orderId)
    const order = await shop.follow(orderId, isCancelled)

    expect(answer).toMatchObject({ status: 202, body: { status: 'CANCELLING' } })
    expect(order.timeline.slice(3).map(({ type, step }) => [type, step].join(' ').trim())).toEqual([
      'CANCELLING',
      'UNDONE wms',
      'UNDONE logistics',
      'CANCELLED',
    ])
    for (const vendor of ['logistics', 'wms'] as const)
      expect(await shop.ledgerOf(vendor, [orderId])).toMatchObject([{ created: 1, voided: 1 }])
    expect(await shop.cancel(orderId)).toMatchObject({ status: 200, body: { status: 'CANCELLED' } })
  })

  test('an order whose goods have shipped makes it ready again, and it can never be cancelled', async () => {
    await cloud.faults('wms', { shipped: true })
    const orderId = await shop.placeOne()
    await shop.follow(orderId, isReady)

    const answer = await shop.cancel(orderId)
    const order = await shop.follow(orderId, isReady)
    await cloud.faults('wms', { shipped: false })

    expect(answer.status).toBe(202)
    expect(order.timeline.at(-1)).toMatchObject({ type: 'CANCELLATION_REFUSED', step: 'wms' })
    expect((await shop.cancel(orderId)).status).toBe(409)
    for (const vendor of ['logistics', 'wms'] as const)
      expect(await shop.ledgerOf(vendor, [orderId])).toMatchObject([{ created: 1, voided: 0 }])
  })

  test('an order whose carrier cannot undo its work dead-letters it for an operator', async () => {
    await cloud.faults('logistics', { voids: false })
    const orderId = await shop.placeOne()
    await shop.follow(orderId, isReady)

    await shop.cancel(orderId)
    const order = await shop.follow(orderId, isStuck('dead-lettered'))

    expect(order).toMatchObject({
      status: 'CANCELLING',
      attention: { step: 'logistics', reason: 'NO_WAY_TO_CANCEL' },
    })
    expect(await shop.ledgerOf('wms', [orderId])).toMatchObject([{ created: 1, voided: 1 }])
    expect(await shop.ledgerOf('logistics', [orderId])).toMatchObject([{ created: 1, voided: 0 }])
  })

  test('an order while the carrier hangs leaves nothing that was not undone', async () => {
    await cloud.faults('logistics', { timeoutAfterWork: true, idempotency: false })
    const orderId = await shop.placeOne()
    await cloud.until(
      () => shop.ledgerOf('logistics', [orderId]),
      ([entry]) => entry?.created === 1,
    )

    const answer = await shop.cancel(orderId)
    await shop.follow(orderId, isCancelled)

    expect(answer).toMatchObject({ status: 202, body: { status: 'CANCELLING' } })
    expect(await shop.ledgerOf('logistics', [orderId])).toMatchObject([{ created: 1, voided: 1 }])
    for (const { created, voided } of await shop.ledgerOf('wms', [orderId])) expect(voided).toBe(created)
  })
})
