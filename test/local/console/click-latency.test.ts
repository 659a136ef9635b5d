import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals'
import { createActivity } from '../../../local/activity.ts'
import { createClickLatency } from '../../../local/console/click-latency.ts'
import type { VendorSimulator } from '../../../local/vendor-simulator.ts'
import { noFaults } from '../../../vendors/faults.ts'

const topology = {
  nodes: [],
  edges: [],
  routes: [{ method: 'POST', path: '/orders', function: 'create-order' }],
  lanes: [
    {
      step: 'logistics',
      vendor: 'carrier',
      worker: 'w',
      queue: 'q',
      vendorTimeoutMs: 3000,
      ratePerSecond: 50,
    },
  ],
  tables: {},
}

const watched = (faults = noFaults) => {
  const activity = createActivity()
  const carrier = { faults: () => faults, usualMs: () => 2 } as unknown as VendorSimulator
  const clicks = createClickLatency({ activity, vendors: { carrier }, topology })
  let number = 0
  const click = (answer: object = {}) => {
    number += 1
    activity.emit('activity', {
      type: 'api-request',
      method: 'POST',
      path: '/orders',
      status: 201,
      durationMs: 7,
      headers: { location: `/orders/${number}` },
      ...answer,
    })
  }
  return { clicks, click }
}

describe('the clicks', () => {
  beforeEach(() => void jest.useFakeTimers())
  afterEach(() => void jest.useRealTimers())

  test('of the last minute are counted, however many, and no longer', () => {
    const { clicks, click } = watched()
    for (let i = 0; i < 700; i += 1) click()
    expect(clicks.placedLately()).toBe(700)

    jest.advanceTimersByTime(59_000)
    click()
    expect(clicks.placedLately()).toBe(701)
    jest.advanceTimersByTime(1000)
    expect(clicks.placedLately()).toBe(1)
  })

  test('that repeat an order, fail, or do something else place none', () => {
    const { clicks, click } = watched()
    click()
    click({ headers: { 'idempotency-replayed': 'true' } })
    click({ status: 500 })
    click({ status: 422 })
    click({ method: 'GET', status: 200 })
    click({ path: '/orders/1/cancellation', status: 200 })

    expect(clicks.placedLately()).toBe(1)
    expect(clicks.recent().map(({ failed }) => failed)).toEqual([false, true])
  })

  test('that failed would have failed had they waited for the vendors, too', () => {
    const { clicks, click } = watched()
    click({ status: 500 })

    expect(clicks.recent()).toMatchObject([{ failed: true, wouldFail: true }])
  })

  test.each([
    ['slow', { latencyMs: 400 }, { synchronousMs: 409, wouldFail: false }],
    ['down', { down: true }, { wouldFail: true }],
    ['slower than its time-out', { latencyMs: 3000 }, { synchronousMs: 3007, wouldFail: true }],
    ['silent', { timeoutAfterWork: true }, { synchronousMs: 3007, wouldFail: true }],
  ])('would have cost what a vendor that is %s costs', (_what, faults, expected) => {
    const { clicks, click } = watched({ ...noFaults, ...faults })
    click()

    expect(clicks.recent()).toMatchObject([expected])
  })
})
