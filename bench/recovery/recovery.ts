import { setTimeout as sleep } from 'node:timers/promises'
import * as z from 'zod'
import { sampleOrder } from '../../test/e2e/orders.ts'
import { simulate } from '../capacity/simulation.ts'
import type { Client } from '../cloud.ts'
import { writePlot } from '../report/plot.ts'
import { progress } from '../report/progress.ts'
import type { Row } from '../report/row.ts'
import { startPlainPipeline } from './plain.ts'

const part = '6 recovery'
/** The cloud's waits are divided by it, and the figures multiplied: an outage of minutes is measured in seconds. */
export const recoverySpeed = 20
const rate = 8
const latencyMs = 100
const healthySeconds = 5
/** How long an order may take to get on, in ms of this clock. */
const patienceMs = 120_000
const ledger = z.object({ entries: z.array(z.object({ reference: z.string(), created: z.number() })) })
const placed = z.object({ orderId: z.string() })
const queues = z.object({
  queues: z.array(z.object({ visible: z.number(), deadLetterQueue: z.boolean() })),
})
const logs = z.object({ lines: z.array(z.object({ at: z.string(), line: z.string() })) })

/** Seconds of speed 1 since a time of this clock. */
const secondsSince = (at: number): number => ((Date.now() - at) / 1000) * recoverySpeed

/** When the carrier's worker called its vendor: it emits one metric for each call. */
async function callsOf(cloud: Client): Promise<number[]> {
  const { lines } = logs.parse(await cloud.control('GET', '/logs?function=logistics-worker'))
  return lines.filter(({ line }) => line.includes('"VendorLatency":')).map(({ at }) => Date.parse(at))
}

/** The orders that the carrier has made a tracking number for. */
const createdIn = async (cloud: Client): Promise<Set<string>> => {
  const { entries } = ledger.parse(await cloud.control('GET', '/vendors/logistics/ledger'))
  return new Set(entries.filter(({ created }) => created > 0).map(({ reference }) => reference))
}

/** The carrier is down while orders keep coming, here and in a plain retry-to-DLQ pipeline beside it. */
export async function measureRecovery(cloud: Client, outageSeconds: number): Promise<Row[]> {
  const token = await cloud.token()
  const plain = await startPlainPipeline(recoverySpeed)
  const setDown = async (down: boolean) => {
    plain.setDown(down)
    await cloud.control('PUT', '/vendors/logistics', { down, latencyMs })
  }
  const placing: Promise<string>[] = []
  const place = async () => {
    const serial = placing.length
    plain.add(`plain-${serial}`)
    const { body } = await cloud.place(token, sampleOrder(`recovery-${serial}`, serial))
    return placed.parse(JSON.parse(body)).orderId
  }
  const waitingAt: { x: number; y: number }[] = []
  const startedAt = Date.now()

  /** Watches until the orders that were placed by now have a tracking number, or waited too long for one. */
  const drained = async (): Promise<number> => {
    const orderIds = await Promise.all(placing)
    const until = Date.now() + patienceMs
    for (;;) {
      const created = await createdIn(cloud)
      waitingAt.push({ x: secondsSince(startedAt), y: placing.length - created.size })
      const left = orderIds.filter((orderId) => !created.has(orderId)).length
      if (left === 0 || Date.now() > until) return left
      await sleep(100)
    }
  }

  await setDown(false)
  progress(`${part}: healthy`)
  // Orders keep coming until those of the outage have got on.
  const arrivals = setInterval(() => placing.push(place()), 1000 / rate)
  await sleep(healthySeconds * 1000)
  progress(`${part}: carrier down for ${outageSeconds} s`)
  await setDown(true)
  const downAt = Date.now()
  while (Date.now() - downAt < outageSeconds * 1000) {
    waitingAt.push({ x: secondsSince(startedAt), y: placing.length - (await createdIn(cloud)).size })
    await sleep(250)
  }
  await setDown(false)
  const upAt = Date.now()
  progress(`${part}: draining`)
  const left = await drained()
  const drainSeconds = secondsSince(upAt)
  clearInterval(arrivals)
  await drained()
  const orders = placing.length
  while (!plain.isEmpty()) await sleep(50)

  const calls = await callsOf(cloud)
  const { queues: all } = queues.parse(await cloud.control('GET', '/queues'))
  const deadLettered = all
    .filter((queue) => queue.deadLetterQueue)
    .reduce((sum, { visible }) => sum + visible, 0)
  const whileDown = calls.filter((at) => at >= downAt && at < upAt).length
  await plain.stop()

  // In seconds of speed 1, in which 50 orders a second of the cloud's clock are 2.5.
  const perSecond = (ordersPerSecond: number) => ordersPerSecond / recoverySpeed
  const predicted = simulate({
    ordersPerSecond: perSecond(rate),
    vendorRatePerSecond: perSecond(50),
    relayPerSecond: perSecond(400),
    vendorLatencyMs: latencyMs * recoverySpeed,
    concurrency: 4,
    relayIntervalSeconds: 60,
    outageSeconds: outageSeconds * recoverySpeed,
    outageAtSeconds: healthySeconds * recoverySpeed,
    breakerOpenSeconds: 10,
    breakerMaxOpenSeconds: 300,
    seconds: outageSeconds * recoverySpeed * 4 + 1200,
  })
  const last = waitingAt.at(-1)?.x ?? 0
  const predictedAt = predicted.series
    .filter(({ at }) => at <= last)
    .map(({ at, waiting, queued }) => ({ x: at, y: waiting + queued }))
  writePlot('recovery', {
    title: `Carrier down for ${outageSeconds * recoverySpeed} s while orders keep coming: orders without a tracking number`,
    x: `seconds (measured at speed ${recoverySpeed})`,
    y: 'orders',
    series: [
      { name: 'Create Order', points: waitingAt },
      { name: 'predicted by npm run capacity', points: predictedAt },
    ],
  })
  const about = `${outageSeconds * recoverySpeed} s down, ${orders} orders`
  return [
    {
      part,
      what: `drained after the vendor is back (${about})`,
      ours: left > 0 ? `${left} left` : `${drainSeconds.toFixed(0)} s`,
      baseline: `retry to DLQ: ${plain.counts.done} of ${orders} got through`,
      figure: `predicted by npm run capacity: ${predicted.drainSeconds?.toFixed(0) ?? '–'} s`,
    },
    {
      part,
      what: 'vendor calls for an order',
      ours: `${calls.length} in all`,
      baseline: `${plain.counts.calls} in all`,
      figure: `${(calls.length / orders).toFixed(3)} (retry to DLQ: ${(plain.counts.calls / orders).toFixed(2)})`,
      target: '≤ 1.1',
      holds: calls.length / orders <= 1.1,
    },
    {
      part,
      what: 'calls while down',
      ours: `${whileDown}`,
      baseline: `${plain.counts.callsWhileDown}`,
      figure: `predicted: ${predicted.callsWhileDown.toFixed(0)}`,
    },
    {
      part,
      what: 'orders given up to the DLQ',
      ours: `${deadLettered}`,
      baseline: `${plain.counts.deadLettered}`,
      figure: `${deadLettered} of ${orders}`,
      target: '0',
      holds: deadLettered === 0,
    },
  ]
}
