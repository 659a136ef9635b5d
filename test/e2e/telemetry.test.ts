import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import * as z from 'zod'
import { type Cloud, startCloud, until } from './cloud.ts'
import { type Sample, wouldFire } from './telemetry/alarm-judge.ts'
import { createBadDay } from './telemetry/bad-day.ts'
import {
  agesOf,
  crashesIn,
  emittedIn,
  type LogEntry,
  type LogLine,
  logEntriesIn,
  readLogs,
  watchQueues,
} from './telemetry/measurements.ts'
import { createOperator, type Operator } from './telemetry/operator.ts'
import { readTemplate } from './telemetry/template.ts'

/** Fast enough for ten minutes of trouble to pass in five seconds. */
const speed = 120
const { alarms, onDashboard } = await readTemplate()

let cloud: Cloud
let operator: Operator
let badDay: ReturnType<typeof createBadDay>
let lines: LogLine[]
let entries: LogEntry[]
let samples: Sample[]
let outputs: string[]
let refused: string[]

beforeAll(async () => {
  cloud = await startCloud({ speed })
  operator = await createOperator(cloud)
  badDay = createBadDay(cloud, operator, await cloud.token())
  const depths = watchQueues(cloud)
  await badDay.goesWell()
  refused = [...(await badDay.vendorRefuses('logistics', 15)), ...(await badDay.vendorRefuses('wms', 15))]
  await badDay.poison()
  await badDay.eventsOutOfOrder()
  await badDay.eventsAreLost()
  await badDay.announcementIsLost()
  for (const vendor of ['wms', 'logistics'] as const) await badDay.vendorIsDown(vendor, 8000)
  for (const vendor of ['logistics', 'wms'] as const) await badDay.vendorIsSlow(vendor, 60)
  const crashes = async (name: string) =>
    crashesIn(logEntriesIn(await readLogs(cloud))).filter(({ metric }) => metric.endsWith(`=${name}`)).length
  await badDay.functionsCrash(['logistics-worker', 'wms-worker', 'outbox-relay', 'create-order'], crashes)
  await until(
    async () => emittedIn(await readLogs(cloud)),
    (emitted) => emitted.some(({ metric }) => /EventsRepublished.*step=announcement/.test(metric)),
  )
  depths.stop()

  lines = await readLogs(cloud)
  entries = logEntriesIn(lines)
  const events = await cloud.events()
  const queues = [
    { detailType: 'ORDER_CREATED', worker: 'logistics-worker', queue: 'LogisticsQueue' },
    { detailType: 'AWB_GENERATED', worker: 'wms-worker', queue: 'WmsQueue' },
  ]
  samples = [
    ...emittedIn(lines),
    ...depths.samples,
    ...crashesIn(entries),
    ...badDay.serverErrors,
    ...queues.flatMap((queue) => agesOf(events, entries, queue)),
  ]
  const deadLetters = ['Logistics/DeadLetterQueue', 'Wms/DeadLetterQueue'].map(operator.read)
  outputs = [
    ...lines.map(({ line }) => line),
    ...events.map((event) => JSON.stringify(event)),
    ...(await Promise.all(deadLetters)).flat(),
  ]
}, 240_000)
afterAll(async () => {
  operator?.close()
  await cloud?.stop()
})

describe('what personal data is', () => {
  const person = z.looseObject({
    name: z.string(),
    email: z.string().optional(),
    phone: z.string().optional(),
  })
  const address = z.looseObject({ name: z.string(), line1: z.string(), line2: z.string().optional() })
  const order = z.looseObject({ customer: person, shippingAddress: address })

  /** Every name, street, phone and e-mail of the orders that were placed. */
  const secrets = () => {
    const texts = badDay.placed.flatMap((each) => {
      const { customer, shippingAddress } = order.parse(each)
      const { name, company, email, phone } = customer
      return [name, company, email, phone, shippingAddress.name, shippingAddress.line1, shippingAddress.line2]
    })
    return new Set(texts.filter((text) => typeof text === 'string' && text.length > 0))
  }
  const tellingIn = (texts: readonly string[]) =>
    texts.filter((text) =>
      [...secrets()].some((secret) => text.includes(JSON.stringify(secret).slice(1, -1))),
    )

  test('no log line, metric, event or dead letter tells, though the vendor quotes the address', async () => {
    expect(secrets().size).toBeGreaterThan(50)
    expect(outputs.length).toBeGreaterThan(500)
    expect(outputs.filter((text) => text.includes('ADDRESS_NOT_SERVED')).length).toBeGreaterThanOrEqual(30)
    expect(tellingIn(outputs)).toEqual([])
  })

  test('only the order itself tells, to those who may read it', async () => {
    const token = await cloud.token()
    const view = await cloud.order(token, refused[0] ?? '')
    expect(tellingIn([JSON.stringify(view)])).toHaveLength(1)
  })
})

describe('a metric of ours', () => {
  const emitted = () => new Set(emittedIn(lines).map(({ metric }) => metric))
  const ours = (metrics: Iterable<string>) =>
    [...metrics].filter((metric) => metric.startsWith('CreateOrder ')).sort()

  test('that an alarm names has been emitted, with exactly these dimensions', () => {
    const named = ours(alarms.flatMap(({ metrics }) => metrics))
    expect(named.filter((metric) => !emitted().has(metric))).toEqual([])
  })

  test('that the dashboard shows has been emitted, with exactly these dimensions', () => {
    expect(ours(onDashboard).filter((metric) => !emitted().has(metric))).toEqual([])
  })

  test('that was emitted is on the dashboard', () => {
    expect(ours(emitted()).filter((metric) => !onDashboard.has(metric))).toEqual([])
  })
})

describe('a trace', () => {
  const rootsOf = (orderId: string) =>
    entries
      .filter((entry) => entry.orderId === orderId)
      .map(({ function: name, xray_trace_id: root, correlationId }) => ({ name, root, correlationId }))

  test('leads from the click to READY: one root in every function that worked on the order', async () => {
    const [created] = entries.filter(({ message }) => message === 'Order created')
    const seen = rootsOf(String(created?.orderId))
    expect(seen.map(({ name }) => name)).toEqual(['create-order', 'logistics-worker', 'wms-worker'])
    expect(new Set(seen.map(({ root }) => root))).toEqual(new Set([created?.xray_trace_id]))
    expect(created?.xray_trace_id).toMatch(/^1-[0-9a-f]{8}-[0-9a-f]{24}$/)
  })

  test('is in the events too, so that a listener outside AWS can join it', async () => {
    const [created] = entries.filter(({ message }) => message === 'Order created')
    const traces = (await cloud.events())
      .filter(({ detail }) => detail.data.orderId === created?.orderId)
      .map(({ detail }) => z.looseObject({ traceparent: z.string() }).parse(detail.metadata).traceparent)
    expect(traces).toHaveLength(3)
    const root = String(created?.xray_trace_id).replace(/^1-|-/g, '')
    for (const traceparent of traces) expect(traceparent).toMatch(new RegExp(`^00-${root}-`))
  })

  test('that broke where the relay stepped in is still one correlation id', () => {
    const counts = Map.groupBy(entries, ({ orderId }) => orderId)
    for (const [orderId, lines_] of counts) {
      if (orderId === undefined) continue
      const ids = new Set(lines_.flatMap(({ correlationId }) => correlationId ?? []))
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
    expect(rows.map(({ name }) => name).sort()).toEqual(alarms.map(({ name }) => name).sort())
  })

  test.each(rows.filter(({ seen }) => seen === 'this test'))(
    'is right that $name would have fired',
    (row) => {
      const alarm = alarms.find(({ name }) => name === row.name)
      expect(alarm && wouldFire(alarm, samples, speed)).toBe(true)
    },
  )
})
