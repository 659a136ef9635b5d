import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import * as z from 'zod'
import { type BusEvent, type Cloud, startCloud } from './cloud.ts'
import { type Sample, wouldFire } from './telemetry/alarm-evaluation.ts'
import { createBadDay } from './telemetry/bad-day.ts'
import {
  agesOf,
  crashesIn,
  emittedIn,
  type LogEntry,
  logEntriesIn,
  readLogs,
  watchQueues,
} from './telemetry/measurements.ts'
import { createOperator, type Operator } from './telemetry/operator.ts'
import { readTemplate } from './telemetry/template.ts'

/** At this speed ten minutes of trouble pass in five seconds. */
const speed = 120
const { alarms, onDashboard } = await readTemplate()

let cloud: Cloud
let operator: Operator
let badDay: ReturnType<typeof createBadDay>
let first: BusEvent[]
let refused: string[]
let lost: string
let entries: LogEntry[]
let emitted: Sample[]
let samples: Sample[]
let outputs: string[]

beforeAll(async () => {
  cloud = await startCloud({ speed })
  operator = await createOperator(cloud)
  badDay = createBadDay(cloud, operator, await cloud.token())
  const depths = watchQueues(cloud)
  await badDay.goesWell()
  first = await cloud.events()
  await badDay.poison()
  refused = await badDay.vendorsRefuse(30)
  await badDay.eventsOutOfOrder()
  lost = await badDay.eventsAreLost()
  await badDay.announcementIsLost()
  await badDay.vendorsAreDown(14_000)
  await badDay.vendorsAreSlow(60)
  const hasCrashed = (name: string) => async () =>
    crashesIn(logEntriesIn(await readLogs(cloud, name))).length > 0
  for (const vendor of ['logistics', 'wms'] as const)
    await badDay.workerCrashes(vendor, hasCrashed(`${vendor}-worker`))
  await badDay.relayCrashes(hasCrashed('outbox-relay'))
  await badDay.clicksFail(6, 300_000 / speed)
  depths.stop()

  const lines = await readLogs(cloud)
  emitted = emittedIn(lines)
  entries = logEntriesIn(lines)
  const events = await cloud.events()
  const queues = [
    { detailType: 'ORDER_CREATED', worker: 'logistics-worker', queue: 'LogisticsCarrierQueue' },
    { detailType: 'AWB_GENERATED', worker: 'wms-worker', queue: 'WmsWarehouseQueue' },
  ]
  samples = [
    ...emitted,
    ...depths.samples,
    ...crashesIn(entries),
    ...badDay.serverErrors,
    ...queues.flatMap((queue) => agesOf(events, entries, queue)),
  ]
  const deadLetters = ['LogisticsCarrier/DeadLetterQueue', 'WmsWarehouse/DeadLetterQueue'].map(operator.read)
  outputs = [
    ...lines.map(({ line }) => line),
    ...events.map((event) => JSON.stringify(event)),
    ...(await Promise.all(deadLetters)).flat(),
  ]
})
afterAll(async () => {
  operator?.close()
  await cloud?.stop()
})

describe('personal data', () => {
  const person = z.looseObject({
    name: z.string(),
    email: z.string().optional(),
    phone: z.string().optional(),
  })
  const address = z.looseObject({ name: z.string(), line1: z.string(), line2: z.string().optional() })
  const order = z.looseObject({ customer: person, shippingAddress: address })

  /** Every name, street, phone number and e-mail address of the placed orders, as they read in JSON. */
  const secrets = () => {
    const texts = badDay.placed.flatMap((each) => {
      const { customer, shippingAddress } = order.parse(each)
      const { name, company, email, phone } = customer
      return [name, company, email, phone, shippingAddress.name, shippingAddress.line1, shippingAddress.line2]
    })
    return [...new Set(texts.filter((text) => text !== undefined && text !== ''))].map((text) =>
      JSON.stringify(text).slice(1, -1),
    )
  }
  const toldIn = (text: string) => secrets().filter((secret) => text.includes(secret))

  test('is in no log line, metric, event or dead letter, even if the vendor quotes the address', () => {
    expect(secrets().length).toBeGreaterThan(50)
    expect(outputs.length).toBeGreaterThan(500)
    expect(outputs.filter((text) => text.includes('ADDRESS_NOT_SERVED')).length).toBeGreaterThanOrEqual(30)
    expect(toldIn(outputs.join('\n'))).toEqual([])
  })

  test('is only in the order itself, for those who may read it', async () => {
    const token = await cloud.token()
    const view = await cloud.order(token, refused[0] ?? '')
    expect(toldIn(JSON.stringify(view)).length).toBeGreaterThan(2)
  })
})

describe('a metric of ours', () => {
  const emittedNames = () => new Set(emitted.map(({ metric }) => metric))
  const missingOf = (names: readonly string[], among: ReadonlySet<string>) =>
    names.filter((name) => !among.has(name))
  /** Our metrics, without the second carrier's: it has a quiet day, and the same construct makes both lanes. */
  const ours = (metrics: Iterable<string>) =>
    [...metrics].filter((metric) => /^CreateOrder\/dev (?!.*=easypost)/.test(metric)).sort()

  test('that an alarm names has been emitted, with exactly these dimensions', () => {
    const named = ours(alarms.flatMap(({ metrics }) => metrics))
    expect(missingOf(named, emittedNames())).toEqual([])
  })

  test('that the dashboard shows has been emitted, with exactly these dimensions', () => {
    // On this day AWS refuses no event or message; the relay's own tests cover postponed orders.
    const missing = missingOf(ours(onDashboard), emittedNames())
    expect(missing.filter((metric) => !metric.startsWith('CreateOrder/dev OrdersPostponed '))).toEqual([])
  })

  test('that was emitted is on the dashboard', () => {
    expect(ours(emittedNames())).not.toHaveLength(0)
    // On a busy machine a click may fail; dev shows no RequestsFailed, because it has no gradual release.
    const missing = missingOf(ours(emittedNames()), onDashboard)
    expect(missing.filter((metric) => !metric.startsWith('CreateOrder/dev RequestsFailed '))).toEqual([])
  })
})

describe('a trace', () => {
  const clickOf = (id?: string) => {
    const found = entries.find(
      ({ message, orderId }) => message === 'Order created' && (id === undefined || orderId === id),
    )
    if (found === undefined) throw new Error('No order was created')
    return found
  }
  const workers = ['logistics-worker', 'wms-worker']
  // A batch is processed in its first message's trace, so one matching line per function is enough.
  const rootsIn = (name: string, id: unknown) =>
    entries
      .filter((entry) => entry.orderId === id && entry.function === name)
      .map(({ xray_trace_id }) => xray_trace_id)

  test('leads from the click to READY: one root in every function that worked on the order', () => {
    const { orderId, xray_trace_id: root } = clickOf()
    expect(root).toMatch(/^1-[0-9a-f]{8}-[0-9a-f]{24}$/)
    for (const name of ['create-order', ...workers]) expect(rootsIn(name, orderId)).toContain(root)
  })

  test('continues after the relay, which works in its own trace', () => {
    const { xray_trace_id: root } = clickOf(lost)
    for (const name of workers) expect(rootsIn(name, lost)).toContain(root)
  })

  test('is in the events too, so that a listener outside AWS can join it', () => {
    const { orderId, xray_trace_id: root } = clickOf()
    const traces = first
      .filter(({ detail }) => detail.data.orderId === orderId)
      .map(({ detail }) => z.looseObject({ traceparent: z.string() }).parse(detail.metadata).traceparent)
    expect(traces.length).toBeGreaterThanOrEqual(3)
    const id = String(root).replace(/^1-|-/g, '')
    for (const traceparent of traces) expect(traceparent).toMatch(new RegExp(`^00-${id}-`))
  })

  test('is not the only link: an order has one correlation id, whatever batches it was in', () => {
    const counts = Map.groupBy(entries, ({ orderId }) => orderId)
    for (const [orderId, own] of counts) {
      if (orderId === undefined) continue
      const ids = new Set(own.flatMap(({ correlationId }) => correlationId ?? []))
      expect(ids.size).toBeLessThanOrEqual(1)
    }
  })
})

describe('docs/alarms.md', () => {
  const text = readFileSync(join(import.meta.dirname, '..', '..', 'docs', 'alarms.md'), 'utf8')
  const rows = [...text.matchAll(/^\| `(\w+)` \| (.*?) \| (.*?) \|$/gm)].map(
    ([, name = '', , seen = '']) => ({
      name,
      seen,
    }),
  )

  test('has a row for each alarm, and for no other', () => {
    const ofSecondCarrier = (name: string) => name.replace('LogisticsCarrier', 'LogisticsEasypost')
    const names = rows.map(({ name }) => name)
    const all = new Set([...names, ...names.map(ofSecondCarrier)])
    expect([...all].sort()).toEqual(alarms.map(({ name }) => name).sort())
  })

  test.each(rows.filter(({ seen }) => seen === 'this test'))(
    'is right that $name would have fired',
    (row) => {
      const alarm = alarms.find(({ name }) => name === row.name)
      expect(alarm && wouldFire(alarm, samples, speed)).toBe(true)
    },
  )
})
