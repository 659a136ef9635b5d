import { beforeEach, describe, expect, test } from '@jest/globals'
import { createCircuitBreaker } from '../../lambdas/adapters/circuit-breaker.ts'
import { createOutboxRepository } from '../../lambdas/adapters/outbox-repository.ts'
import { createVendorItem } from '../../lambdas/adapters/vendor-item.ts'
import type { Order } from '../../lambdas/domain/order.ts'
import { deadLettered } from '../../lambdas/domain/step-changes.ts'
import { circuitText, circuitView, drainVendor, holdVendor, vendorStatus } from '../../ops/vendor.ts'
import { at, changed, graceMs, lanes, orderIdAt, storedOrder, t0, unknownSince } from '../builders.ts'
import { createTelemetryRecord } from '../lambdas/doubles.ts'
import { createDynamoDb, type DynamoDb } from '../lambdas/dynamodb.ts'
import { operator } from './dead-letters/queues.ts'

let dynamoDb: DynamoDb
beforeEach(async () => {
  dynamoDb = await createDynamoDb()
})

const minute = 60_000
const deps = (now = t0) => ({
  documents: dynamoDb.documents,
  circuitBreakerTable: 'circuits',
  shards: 16,
  vendors: lanes,
  repository: createOutboxRepository(dynamoDb.documents, 'orders'),
  now: () => now,
})

/** The circuit breaker of a carrier's worker. */
const workersBreaker = () =>
  createCircuitBreaker(
    createVendorItem(dynamoDb.documents, { tableName: 'circuits', vendor: 'carrier', cacheMs: 1 }),
    {
      policy: { failureThreshold: 1, openMs: 10_000, maxOpenMs: 300_000, probeMs: 5000 },
      onError: (error) => {
        throw error
      },
    },
  )

describe('vendor status', () => {
  test('shows every vendor and the orders in its lane', async () => {
    for (let i = 0; i < 3; i++) await dynamoDb.put('orders', storedOrder({ orderId: orderIdAt(i, `${i}`) }))
    await workersBreaker().failed({ orderId: 'o', reason: 'HTTP_502', now: t0, probe: undefined })

    const { json, lines } = await vendorStatus(deps(t0 + 4000))

    expect(json).toMatchObject({
      vendors: [
        {
          vendor: 'carrier',
          step: 'logistics',
          state: 'open',
          since: at(),
          downForMs: 4000,
          reason: 'HTTP_502',
          nextProbeAt: at(10_000),
          unfinishedOrders: 3,
        },
        { vendor: 'warehouse', step: 'wms', state: 'closed', failures: 0, unfinishedOrders: 0 },
      ],
    })
    expect(lines.join('\n')).toContain(
      'open for 4 s, since 2026-11-22 12:00:00 UTC (HTTP_502: carrier answered HTTP 502)',
    )
    expect(lines.join('\n')).toContain('3 orders in its lane')
  })

  test('shows the pace of calls to each vendor, its configured rate, and the end of a pause', async () => {
    const slowed = { slowedTo: 10, slowedAt: t0, pausedUntil: t0 + 7000 }
    await dynamoDb.put('circuits', { vendor: 'carrier', state: 'closed', failures: 0, ...slowed })

    const { json, lines } = await vendorStatus(deps(t0 + 1000))

    expect(json).toMatchObject({
      vendors: [
        { callsPerSecond: 10 * 2 ** (1 / 180), pausedUntil: at(7000) },
        { callsPerSecond: 20, failures: 0 },
      ],
    })
    expect(lines.join('\n')).toContain(
      '10.0 of 50 calls/s  closed, but the vendor wants no calls before 2026-11-22 12:00:07 UTC',
    )
    expect(lines.join('\n')).toContain('20.0 of 20 calls/s  closed: calls go through')
  })
})

describe('vendor pause and resume', () => {
  test('stop all calls and allow them again', async () => {
    await holdVendor(deps(), 'carrier', true, operator)
    const held = await workersBreaker().admit('call-1', t0 + minute)
    await holdVendor(deps(), 'carrier', false, operator)
    const freed = await workersBreaker().admit('call-2', t0 + minute)

    expect(held).toMatchObject({ admitted: false, reason: 'PAUSED_BY_OPERATOR' })
    expect(freed).toEqual({ admitted: true })
  })

  test('keep the time of the first pause when a pause is repeated', async () => {
    await holdVendor(deps(), 'carrier', true, operator)

    const { json, lines } = await holdVendor(deps(t0 + minute), 'carrier', true, operator)

    expect(json).toMatchObject({ state: 'held', since: at(), downForMs: minute })
    expect(lines.join('\n')).toContain(
      `held by ${operator.who} for 1 min, since 2026-11-22 12:00:00 UTC: ${operator.note}`,
    )
  })

  test('can resume a vendor that is not paused', async () => {
    const { json } = await holdVendor(deps(), 'warehouse', false, operator)

    expect(json).toMatchObject({ vendor: 'warehouse', state: 'closed' })
  })

  test('leave the circuit of a vendor that is down open until a probe succeeds', async () => {
    await workersBreaker().failed({ orderId: 'o', reason: 'HTTP_502', now: t0, probe: undefined })
    await holdVendor(deps(), 'carrier', true, operator)

    const { json, lines } = await holdVendor(deps(t0 + 1000), 'carrier', false, operator)

    expect(json).toMatchObject({ state: 'open', nextProbeAt: at(10_000) })
    expect(lines.join('\n')).toContain('next probe 2026-11-22 12:00:10 UTC')
  })
})

describe('the text about a circuit', () => {
  const open = { state: 'open', since: t0, until: t0 + 10_000, openMs: 10_000, reason: 'TIME_OUT' } as const
  const probed = { ...open, probeId: 'p', probeUntil: t0 + 15_000 }
  test.each([
    [{ state: 'closed', failures: 0 } as const, 'closed: calls go through'],
    [{ state: 'closed', failures: 2 } as const, 'closed: calls go through, though the last 2 failed'],
    [
      open,
      'half-open, down for 12 s, since 2026-11-22 12:00:00 UTC (TIME_OUT: carrier did not answer in time); the next order is the probe',
    ],
    [
      probed,
      'half-open, down for 12 s, since 2026-11-22 12:00:00 UTC (TIME_OUT: carrier did not answer in time); a probe is in progress',
    ],
    [{ ...open, heldSince: t0 + 2000 }, 'held by an operator for 10 s, since 2026-11-22 12:00:02 UTC'],
  ])('is %j', (circuit, words) => {
    expect(circuitText(circuitView(circuit, t0 + 12_000), 'carrier')).toBe(words)
  })
})

describe('vendor drain', () => {
  const courier = { name: 'courier', step: 'logistics', limits: {}, ratePerSecond: 5 } as const
  const put = async (number: number, change: Partial<Order> = {}) => {
    const order = storedOrder({ orderId: orderIdAt(number, 'f'), outboxClaimed: true, ...change })
    await dynamoDb.put('orders', order)
  }
  const read = (number: number) => deps().repository.get(orderIdAt(number, 'f'))
  const drain = (published: string[] = []) =>
    drainVendor(
      {
        ...deps(),
        vendors: { ...lanes, courier },
        publisher: {
          publish: async (orders) => {
            published.push(...orders.map(({ orderId }) => orderId))
            return orders.map((order) => ({ order }))
          },
        },
        telemetry: createTelemetryRecord().telemetry,
        graceMs,
        retentionMs: 86_400_000,
        signal: new AbortController().signal,
        tell: () => {},
      },
      'carrier',
      { to: courier, limit: 100 },
      operator,
    )

  test('moves every order for which the vendor has made nothing, however many there are', async () => {
    const many = 250
    for (let number = 0; number < many; number++) await put(number)
    await put(many, { vendors: { ...storedOrder().vendors, logistics: 'another' } })

    const { lines, json, incomplete } = await drain()

    expect(json).toMatchObject({ moved: many, rows: [] })
    expect(lines[0]).toBe("Moved 250 orders from carrier to courier; they are sent at courier's rate.")
    expect(incomplete).toBe(false)
    for (const number of [0, 99, 100, many - 1])
      expect(await read(number)).toMatchObject({ outboxPartition: 'courier#f', round: 1 })
    expect((await read(many))?.vendors.logistics).toBe('another')
  })

  test('moves dead-lettered orders too', async () => {
    const order = storedOrder({ orderId: orderIdAt(1, 'f') })
    const cause = { reason: 'TIME_OUT', failure: 'transient', question: undefined } as const
    await dynamoDb.put(
      'orders',
      changed(order, deadLettered(order, 'logistics', cause, { now: t0, graceMs })),
    )
    const published: string[] = []

    expect((await drain(published)).json).toMatchObject({ moved: 1 })

    expect(published).toEqual([orderIdAt(1, 'f')])
    expect(await read(1)).toMatchObject({ vendors: { logistics: 'courier' } })
    expect(await read(1)).not.toHaveProperty('deadLettered')
  })

  test('says why the other orders stay', async () => {
    await put(1)
    await put(2, { unknownOutcome: unknownSince(-9) })
    await put(3, { unknownOutcome: unknownSince(-9) })
    await put(4, { claim: { step: 'logistics', id: 'c', until: at(9000), requestVersion: 1 } })

    const { json, incomplete } = await drain()

    expect(json).toMatchObject({
      moved: 1,
      counts: [
        { reason: expect.stringContaining('may have taken on'), total: 2 },
        { reason: expect.stringContaining('is being asked'), total: 1 },
      ],
    })
    expect(incomplete).toBe(true)
    expect((await read(2))?.vendors.logistics).toBe('carrier')
  })

  test('does nothing more when it is repeated', async () => {
    await put(1)
    await drain()

    expect((await drain()).json).toMatchObject({ moved: 0, rows: [] })
    expect((await read(1))?.round).toBe(1)
  })
})
