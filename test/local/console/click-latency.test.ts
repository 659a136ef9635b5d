import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals'
import { createActivity } from '../../../local/activity.ts'
import { createClickLatency } from '../../../local/console/click-latency.ts'
import type { Topology } from '../../../local/console/topology.ts'
import type { VendorSimulator } from '../../../local/vendor-simulator.ts'
import { type Faults, noFaults } from '../../../vendors/faults.ts'
import { createTables, orderItem, topology } from './tables.ts'

type Lane = Topology['lanes'][number]
const [carrierLane, warehouseLane] = topology.lanes as [Lane, Lane]
const lanes = [carrierLane, { ...carrierLane, vendor: 'courier' }, warehouseLane]

const watched = (faults: Partial<Faults> = {}, { speed = 1 } = {}) => {
  const activity = createActivity()
  const { tables, put } = createTables()
  const playing = (usualMs: number, own: Partial<Faults> = {}) =>
    ({ faults: () => ({ ...noFaults, ...own }), usualMs: () => usualMs }) as unknown as VendorSimulator
  const vendors = { carrier: playing(2, faults), courier: playing(20), warehouse: playing(1) }
  const latency = createClickLatency({
    activity,
    vendors,
    topology: { ...topology, lanes },
    orders: tables.orders,
    speed,
  })
  let number = 0
  const click = (answer: object = {}, logistics = 'carrier', country = 'DE') => {
    number += 1
    const vendors = { logistics, wms: 'warehouse' }
    put('orders', orderItem(`ord_${number}`, { vendors, shippingAddress: { city: 'C', country } }))
    activity.emit('activity', {
      type: 'api-request',
      method: 'POST',
      path: '/orders',
      status: 201,
      durationMs: 7,
      headers: { location: `/orders/ord_${number}` },
      ...answer,
    })
  }
  return { latency, click, recent: latency.clicks.list }
}

describe('the clicks', () => {
  beforeEach(() => void jest.useFakeTimers())
  afterEach(() => void jest.useRealTimers())

  test('of the last minute are all counted, and no earlier ones', () => {
    const { latency, click } = watched()
    for (let i = 0; i < 700; i += 1) click()
    expect(latency.placedLately()).toBe(700)

    jest.advanceTimersByTime(59_000)
    click()
    expect(latency.placedLately()).toBe(701)
    jest.advanceTimersByTime(1000)
    expect(latency.placedLately()).toBe(1)
  })

  test('that repeat an order, fail or call something else do not count as placed', () => {
    const { latency, click, recent } = watched()
    click()
    click({ headers: { 'idempotency-replayed': 'true' } })
    click({ status: 500, headers: {} })
    click({ status: 429, headers: {} })
    click({ status: 422, headers: {} })
    click({ method: 'GET', status: 200 })
    click({ path: '/orders/1/cancellation', status: 200 })

    expect(latency.placedLately()).toBe(1)
    expect(recent().map(({ failed }) => failed)).toEqual([false, true, true])
  })

  test.each([500, 503, 429])('that failed with %d would also have failed if they had waited', (status) => {
    const { click, recent } = watched()
    click({ status, headers: {} })

    expect(recent()).toMatchObject([{ failed: true, wouldFail: true }])
  })

  test.each<[string, Partial<Faults>, object]>([
    ['well', {}, { synchronousMs: 10, wouldFail: false }],
    ['slow', { latencyMs: 400 }, { synchronousMs: 410, wouldFail: false }],
    ['ready later', { asyncMs: 5000 }, { synchronousMs: 5010, wouldFail: false }],
    ['down', { down: true }, { wouldFail: true }],
    ['slower than its time-out', { latencyMs: 3000 }, { synchronousMs: 3008, wouldFail: true }],
    ['silent', { timeoutAfterWork: true }, { synchronousMs: 3008, wouldFail: true }],
    ['refusing our credential', { unauthorized: true }, { wouldFail: true }],
    ['refusing the country', { rejectCountries: ['DE'] }, { wouldFail: true }],
    ['refusing another country', { rejectCountries: ['FR'] }, { wouldFail: false }],
    ['limiting the rate to less', { rateLimitPerSecond: 0 }, { wouldFail: true }],
  ])('would have cost what a vendor that is %s costs', (_what, faults, expected) => {
    const { click, recent } = watched(faults)
    click()

    expect(recent()).toMatchObject([expected])
  })

  test("would have waited for the order's own vendors", () => {
    const { click, recent } = watched({ down: true })
    click({}, 'courier')

    expect(recent()).toMatchObject([{ synchronousMs: 28, wouldFail: false }])
  })

  test("would have waited for the vendors' own response time, which the speed does not divide", () => {
    const { click, recent } = watched({ latencyMs: 100 }, { speed: 20 })
    click()

    expect(recent()).toMatchObject([{ ms: 7, synchronousMs: 7 + 2 * 20 + 100 + 1 * 20 }])
  })
})
