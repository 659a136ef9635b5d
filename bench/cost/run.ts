import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import * as z from 'zod'
import { readAssembly, synthesize } from '../../local/cloud-assembly.ts'
import type { Standing } from './bill.ts'
import { createMeter } from './meter.ts'
import type { Usage } from './usage.ts'

/** What is run: so many orders, at so many a second, by vendors that take so long. */
export interface RunOptions {
  orders: readonly Record<string, unknown>[]
  ratePerSecond: number
  vendorMs: number
}

/** What CloudWatch Logs adds to each event: https://aws.amazon.com/cloudwatch/pricing/ */
const bytesPerLogEvent = 26
/** START, END and REPORT of an invocation, which the embedded cloud does not write, and API Gateway's access log. */
const platformLogBytes = 480
const accessLogBytes = 330
const warmUp = 20

const functionProperties = z.object({ Handler: z.string(), MemorySize: z.number() })
const aliasProperties = z.object({
  ProvisionedConcurrencyConfig: z.object({ ProvisionedConcurrentExecutions: z.number() }).optional(),
})
/** An alarm on an expression names the metrics that it is made of; any other has one. */
const alarmProperties = z.object({
  Metrics: z.array(z.object({ MetricStat: z.unknown().optional() })).optional(),
})
const vendorLatency = z.object({ VendorLatency: z.number(), vendor: z.string() })

async function readTemplates() {
  const folder = await mkdtemp(join(tmpdir(), 'create-order-cost-'))
  await synthesize(folder, { env: 'prod' }, new AbortController().signal)
  const stacks = await readAssembly(folder)
  await rm(folder, { recursive: true })
  const resources = stacks.flatMap(({ template }) => Object.values(template.Resources))
  const memory = resources.flatMap(({ Type, Properties }): [string, number][] => {
    if (Type !== 'AWS::Lambda::Function') return []
    const { Handler, MemorySize } = functionProperties.parse(Properties)
    return [[Handler.replace('.handler', ''), MemorySize]]
  })
  const warm = resources.reduce((sum, { Type, Properties }) => {
    if (Type !== 'AWS::Lambda::Alias') return sum
    const { ProvisionedConcurrencyConfig } = aliasProperties.parse(Properties)
    return sum + (ProvisionedConcurrencyConfig?.ProvisionedConcurrentExecutions ?? 0)
  }, 0)
  const count = (type: string) => resources.filter(({ Type }) => Type === type).length
  const dashboard = JSON.stringify(resources.find(({ Type }) => Type === 'AWS::CloudWatch::Dashboard') ?? {})
  const custom = dashboard.matchAll(/\\"CreateOrder\\",(\\"\w+\\"(?:,\\"[\w-]+\\")+)/g)
  return {
    memory: new Map(memory),
    warm,
    alarmMetrics: resources.reduce((sum, { Type, Properties }) => {
      if (Type !== 'AWS::CloudWatch::Alarm') return sum
      const { Metrics } = alarmProperties.parse(Properties)
      return sum + (Metrics?.filter(({ MetricStat }) => MetricStat !== undefined).length ?? 1)
    }, 0),
    secrets: count('AWS::SecretsManager::Secret'),
    queues: count('AWS::Lambda::EventSourceMapping'),
    customMetrics: new Set([...custom].map(([, metric]) => metric)).size,
  }
}

const vendorLatenciesIn = (lines: readonly string[]): number[] => {
  const byVendor = new Map<string, number[]>()
  for (const line of lines) {
    if (!line.includes('"VendorLatency":')) continue
    const { vendor, VendorLatency } = vendorLatency.parse(JSON.parse(line))
    byVendor.set(vendor, [...(byVendor.get(vendor) ?? []), VendorLatency])
  }
  return [...byVendor.values()].map((all) => all.reduce((sum, ms) => sum + ms, 0) / all.length)
}

/** Runs orders on an embedded cloud of its own, in real time, and counts what AWS would have metered. */
export async function measure({ orders, ratePerSecond, vendorMs }: RunOptions): Promise<[Usage, Standing]> {
  const { memory, warm: instances, ...standing } = await readTemplates()
  const meter = createMeter()
  // After the meter, which has to be in its engine before it opens a table.
  const { startCloud } = await import('../../local/cloud.ts')
  const lines: { function: string; line: string }[] = []
  let isMeasuring = false
  const cloud = await startCloud({
    port: 0,
    speed: 1,
    signal: new AbortController().signal,
    onLog: (line) => {
      if (isMeasuring) lines.push(line)
    },
  })
  meter.watch(cloud.activity)
  const token = await cloud.token({ sub: 'shop-1', scope: 'orders/write orders/read' })

  const control = async (method: string, path: string, body?: unknown): Promise<unknown> => {
    const init = { method, ...(body !== undefined && { body: JSON.stringify(body) }) }
    return (await fetch(`${cloud.url}/_local${path}`, init)).json()
  }
  const place = async (order: Record<string, unknown>): Promise<void> => {
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
    const response = await fetch(`${cloud.url}/orders`, {
      method: 'POST',
      headers,
      body: JSON.stringify(order),
    })
    if (response.status !== 201)
      throw new Error(`POST /orders answered ${response.status}: ${await response.text()}`)
  }
  const shipments = z.object({ entries: z.array(z.unknown()) })
  const ready = async (count: number): Promise<void> => {
    while (shipments.parse(await control('GET', '/vendors/wms/ledger')).entries.length < count)
      await sleep(250)
    // The last transitions and events are on their way.
    await sleep(2000)
  }

  try {
    for (const vendor of ['logistics', 'wms'])
      await control('PUT', `/vendors/${vendor}`, { latencyMs: vendorMs })
    for (const order of orders.slice(0, warmUp))
      await place({ ...order, reference: `warm-${order.reference}` })
    await ready(Math.min(warmUp, orders.length))
    for (const vendor of ['logistics', 'wms']) await control('DELETE', `/vendors/${vendor}/ledger`)

    meter.start()
    isMeasuring = true
    const placing: Promise<void>[] = []
    for (const order of orders) {
      placing.push(place(order))
      await sleep(1000 / ratePerSecond)
    }
    await Promise.all(placing)
    await ready(orders.length)
    // At least one run of the relay, which is paid by the month and not by the order.
    while (!lines.some((line) => line.function === 'outbox-relay')) await sleep(1000)
    await sleep(2000)
    isMeasuring = false
    const { functions, ...counts } = meter.stop()

    const { events } = z.object({ events: z.array(z.unknown()) }).parse(await control('GET', '/events'))
    const eventBytes = (counts.events * JSON.stringify(events).length) / events.length
    const byOrders = lines.filter((line) => line.function !== 'outbox-relay')
    const used = [...functions].map(([name, usage]) => ({ name, ...usage, memoryMb: memory.get(name) ?? 0 }))
    const byOrderFunctions = used.filter(({ name }) => name !== 'outbox-relay')
    const invocations = byOrderFunctions.reduce((sum, each) => sum + each.invocations, 0)
    const logBytes =
      byOrders.reduce((sum, { line }) => sum + Buffer.byteLength(line) + bytesPerLogEvent, 0) +
      invocations * platformLogBytes +
      counts.apiRequests * accessLogBytes
    const relay = used.find(({ name }) => name === 'outbox-relay')
    if (relay === undefined) throw new Error('The relay did not run')
    const relayMs = relay.durationMs / relay.invocations
    return [
      {
        ...counts,
        orders: orders.length,
        eventBytes,
        logBytes,
        functions: byOrderFunctions,
        vendorMs: vendorLatenciesIn(byOrders.map(({ line }) => line)),
      },
      {
        ...standing,
        warm: { instances, memoryMb: memory.get('create-order') ?? 0 },
        relay: { durationMs: relayMs, memoryMb: relay.memoryMb },
      },
    ]
  } finally {
    await cloud.stop()
  }
}
