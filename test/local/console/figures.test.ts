import { describe, expect, test } from '@jest/globals'
import { timelineEntry } from '../../../lambdas/domain/order.ts'
import { pageModule, textOf } from './page.ts'

const { costsOf } = await pageModule('latency')
const { spansOf, Waterfall } = await pageModule('waterfall')
const { Api, Queue } = await pageModule('pipeline-cards')
const { counted, duration } = await pageModule('ui')
const { faultsIn } = await pageModule('faults')

describe('what a click costs', () => {
  const click = { ms: 7, synchronousMs: 900, failed: false, wouldFail: false }

  test('counts the failed clicks, measured and as if they had waited', () => {
    const clicks = [click, { ...click, failed: true, wouldFail: true }, { ...click, wouldFail: true }]

    expect(costsOf(clicks)).toMatchObject({ own: { failed: 1 }, synchronous: { failed: 2 } })
  })

  test('ignores the latency of failures: a refused connection is not a fast click', () => {
    const refused = { ...click, ms: 1, failed: true, synchronousMs: 3, wouldFail: true }
    const { own, synchronous } = costsOf([click, refused, refused])

    expect([own.median, own.p99]).toEqual([7, 7])
    expect([synchronous.median, synchronous.p99]).toEqual([900, 900])
    expect(own.counts.reduce((sum: number, count: number) => sum + count)).toBe(1)
  })

  test('is unknown if every click failed', () => {
    expect(costsOf([{ ...click, wouldFail: true }]).synchronous).toMatchObject({
      median: undefined,
      failed: 1,
    })
  })

  test("is the same figure on the API's card: the median of the same clicks", () => {
    const clicks = Array.from({ length: 300 }, (_, i) => ({ ...click, ms: i < 100 ? 5000 : i < 190 ? 7 : 9 }))
    const typical = (of: object[]) => textOf(Api({ clicks: of, way: new Set() })).match(/typically .*/)?.[0]

    expect(typical(clicks)).toBe('typically 9.0 ms')
    expect(costsOf(clicks).own.median).toBe(9)
    expect(typical([{ ...click, failed: true }])).toBeUndefined()
  })

  test('is drawn with five bars per factor of ten', () => {
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
  const event = (seconds: number, lane?: string) => ({
    detail: { metadata: { eventId: String(seconds), occurredAt: at(seconds) }, data: { lane } },
  })
  type Span = { name: string; from: number; to: number }
  const shown = (timeline: object[], calls: object[], events: object[] = []) =>
    spansOf({ timeline }, { calls, events }).map(({ name, from, to }: Span) => [name, from / 1000, to / 1000])

  test('has a pause until the next call starts, not until it ends', () => {
    const timeline = [
      entry(0, 'CREATED'),
      entry(2, 'ATTEMPT_FAILED', { attempt: 1, nextAttemptAt: at(3) }),
      entry(8, 'AWB_GENERATED'),
    ]

    expect(shown(timeline, [call(1.5, 500), call(7.5, 201)])).toEqual([
      ['Carrier called: 500', 1.5, 2],
      ['pause after attempt 1', 2, 7.5],
      ['Carrier called: 201', 7.5, 8],
    ])
  })

  test('has the waits between unsuccessful calls, of which the timeline has only the first', () => {
    const timeline = [
      entry(0, 'CREATED'),
      entry(1, 'WAITING', { step: 'logistics', nextAttemptAt: at(9) }),
      entry(20.501, 'AWB_GENERATED'),
    ]

    expect(shown(timeline, [call(10, 500), call(20, 201)])).toEqual([
      ['waiting for the carrier', 1, 10],
      ['Carrier called: 500', 10, 10.5],
      ['waiting for the carrier', 10.5, 20],
      ['Carrier called: 201', 20, 20.5],
    ])
  })

  test('has a current pause until now, not until the planned attempt', () => {
    const failed = entry(2, 'ATTEMPT_FAILED', { attempt: 1, nextAttemptAt: '2999-01-01T00:00:00.000Z' })
    const [[, , to]] = shown([entry(0, 'CREATED'), failed], [])

    expect(to * 1000).toBeLessThanOrEqual(Date.now())
  })

  test('has each event once, from the bus to the next call, and no event without a lane', () => {
    const events = [event(1, 'carrier'), event(1, 'carrier'), event(4, 'warehouse'), event(9)]

    expect(
      shown([entry(1, 'CREATED'), entry(4, 'AWB_GENERATED')], [call(3.5, 201)], events.slice(0, 2)),
    ).toEqual([
      ['bus, queue of carrier', 1, 3.5],
      ['Carrier called: 201', 3.5, 4],
    ])
    expect(
      shown(
        [entry(4, 'AWB_GENERATED'), entry(6, 'WAITING', { step: 'wms' }), entry(7, 'CANCELLED')],
        [],
        events.slice(2),
      ),
    ).toEqual([
      ['bus, queue of warehouse', 4, 6],
      ['waiting for the warehouse', 6, 7],
    ])
  })

  const types: string[] = timelineEntry().shape.type.options
  const staysDead = ['CORRECTED', 'PERSONAL_DATA_REDACTED']
  test.each(types.filter((type) => !staysDead.includes(type)))('ends a dead-lettered span at %s', (type) => {
    const timeline = [
      entry(1, 'DEAD_LETTERED'),
      entry(2, 'CORRECTED'),
      entry(5, type, { step: 'logistics' }),
      entry(9, 'CANCELLED'),
    ]

    expect(shown(timeline, [])).toContainEqual(['dead-lettered', 1, 5])
  })

  test('says how long everything took, from the click or, if that is unknown, since the creation', () => {
    const order = {
      createdAt: at(10),
      timeline: [entry(10, 'CREATED'), entry(12, 'AWB_GENERATED'), entry(20, 'READY_FOR_FULFILLMENT')],
    }
    const click = { at: 10_500, ms: 1500 }
    const said = (story: object) => textOf(Waterfall({ order, story })).match(/[\d.]+ s (in|since)[^.]*/)?.[0]

    expect(said({ click, calls: [call(11, 201)], events: [] })).toBe('11 s in total')
    expect(said({ calls: [call(11, 201)], events: [] })).toBe('10 s since it was created')
  })

  test('has a span for rerouting to another vendor', () => {
    const timeline = [entry(1, 'DEAD_LETTERED'), entry(5, 'REROUTED'), entry(8, 'AWB_GENERATED')]

    expect(shown(timeline, [call(7, 201)])).toEqual([
      ['dead-lettered', 1, 5],
      ['rerouted, on its way', 5, 7],
      ['Carrier called: 201', 7, 7.5],
    ])
  })

  test('has a span from the redrive to the next call, without a gap before it', () => {
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

test("a queue's card counts dead letters, not the messages in its dead-letter queues", () => {
  const queues = {
    'Carrier/Queue': { visible: 1, inFlight: 2, delayed: 3 },
    'Carrier/DeadLetterQueue': { visible: 5, inFlight: 0, delayed: 0, dead: 4 },
    'Carrier/UndeliveredQueue': { visible: 9, inFlight: 0, delayed: 0, dead: 0 },
  }
  const [queue, dead, undelivered] = Object.keys(queues)
  const said = textOf(Queue({ queue, dead, undelivered, queues, way: new Set() }))

  expect(said).toContain('1 waiting · 2 in flight · 3 delayed')
  expect(said).toContain('4 dead of Carrier0 undelivered')
})

test('numbers and times are formatted for people', () => {
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
