import { describe, expect, test } from '@jest/globals'
import { pageModule } from './page.ts'

const { costsOf } = await pageModule('latency')
const { spansOf } = await pageModule('waterfall')
const { counted, duration } = await pageModule('ui')
const { faultsIn } = await pageModule('faults')

describe('what a click costs', () => {
  const click = { ms: 7, synchronousMs: 900, failed: false, wouldFail: false }

  test('counts the clicks that failed, as they are and had they waited', () => {
    const clicks = [click, { ...click, failed: true, wouldFail: true }, { ...click, wouldFail: true }]

    expect(costsOf(clicks)).toMatchObject({ own: { failed: 1 }, synchronous: { failed: 2 } })
  })

  test('leaves out how long failures took: a refused connection is no fast click', () => {
    const refused = { ...click, ms: 1, failed: true, synchronousMs: 3, wouldFail: true }
    const { own, synchronous } = costsOf([click, refused, refused])

    expect([own.median, own.p99]).toEqual([7, 7])
    expect([synchronous.median, synchronous.p99]).toEqual([900, 900])
    expect(own.counts.reduce((sum: number, count: number) => sum + count)).toBe(1)
  })

  test('is unknown where every click failed', () => {
    expect(costsOf([{ ...click, wouldFail: true }]).synchronous).toMatchObject({
      median: undefined,
      failed: 1,
    })
  })

  test('is drawn in five bars a decade', () => {
    const { own } = costsOf([1, 10, 100, 1000, 10_000, 60_000].map((ms) => ({ ...click, ms })))

    expect([0, 5, 10, 15, 20].map((bar) => own.counts[bar])).toEqual([1, 1, 1, 1, 2])
  })
})

describe("an order's waterfall", () => {
  const at = (seconds: number) => new Date(seconds * 1000).toISOString()
  const entry = (seconds: number, type: string, more = {}) => ({ at: at(seconds), type, ...more })
  const call = (seconds: number, status: number) => ({
    at: at(seconds),
    vendor: 'carrier',
    method: 'POST',
    status,
    latencyMs: 500,
  })
  type Span = { name: string; from: number; to: number }
  const shown = (timeline: object[], calls: object[]) =>
    spansOf({ timeline }, { calls, events: [] }).map(({ name, from, to }: Span) => [
      name,
      from / 1000,
      to / 1000,
    ])

  test('has a span from the redrive to the next call, and none is missing before it', () => {
    const timeline = [
      entry(0, 'CREATED'),
      entry(1, 'DEAD_LETTERED', { step: 'logistics' }),
      entry(5, 'CORRECTED'),
      entry(8, 'REDRIVE_REQUESTED'),
      entry(9, 'REDRIVEN'),
      entry(12, 'AWB_GENERATED'),
    ]

    expect(shown(timeline, [call(0.5, 422), call(11.5, 201)])).toEqual([
      ['Carrier called: 422', 0.5, 1],
      ['dead-lettered', 1, 8],
      ['redriven, on its way', 8, 9],
      ['redriven, on its way', 9, 11.5],
      ['Carrier called: 201', 11.5, 12],
    ])
  })
})

test('numbers and times read as people write them', () => {
  expect([counted(1, 'dead letter'), counted(2, 'dead letter')]).toEqual(['1 dead letter', '2 dead letters'])
  expect([7.04, 950, 2300, 95_000, 7_260_000].map(duration)).toEqual([
    '7.0 ms',
    '950 ms',
    '2.3 s',
    '1 min 35 s',
    '2 h 1 min',
  ])
})

test("a vendor's faults are named by the labels of their controls", () => {
  const none = {
    down: false,
    timeoutAfterWork: false,
    unauthorized: false,
    idempotency: true,
    voids: true,
    shipped: false,
    latencyMs: 0,
    errorRate: 0,
    rateLimitPerSecond: null,
    asyncMs: null,
    workAfterTimeoutMs: null,
    rejectCountries: [],
  }

  expect(faultsIn(none)).toEqual([])
  expect(faultsIn({ ...none, down: true, voids: false, errorRate: 0.3, rejectCountries: ['FR'] })).toEqual([
    'Down',
    'Cannot undo its work',
    'Errors: 30 %',
    'Refuses FR',
  ])
})
