import { setTimeout as sleep } from 'node:timers/promises'
import type { Cloud } from '../../test/e2e/cloud.ts'
import { sampleOrder } from '../../test/e2e/orders.ts'
import { simulate } from '../capacity/model.ts'
import { progress, type Row } from '../report.ts'
import { startPlainPipeline } from './plain-pipeline.ts'

const part = '5 recovery'
/** The cloud's waits are divided by it and the figures multiplied, so that minutes of outage take seconds. */
export const recoverySpeed = 20
const rate = 8
const latencyMs = 100
const healthySeconds = 5
/** How long the orders of the outage may take after it, in ms of this clock. */
const drainTimeoutMs = 120_000

/** Counts the worker's calls to the carrier: it emits one metric for each. */
async function countCarrierCalls(cloud: Cloud): Promise<number> {
  const path = '/_local/logs?function=logistics-worker'
  const { body } = await cloud.request<{ lines: { line: string }[] }>('GET', path)
  return body.lines.filter(({ line }) => line.includes('"VendorLatency":')).length
}

/** Waits until the carrier has an AWB for each of the orders. @returns how many have none at the time-out */
async function drain(cloud: Cloud, orderIds: readonly string[]): Promise<number> {
  const until = Date.now() + drainTimeoutMs
  for (;;) {
    const entries = await cloud.ledger('logistics')
    const created = new Set(entries.flatMap((entry) => (entry.created > 0 ? entry.reference : [])))
    const left = orderIds.filter((orderId) => !created.has(orderId)).length
    if (left === 0 || Date.now() > until) return left
    await sleep(100)
  }
}

async function countDeadLetters(cloud: Cloud): Promise<number> {
  const queues = await cloud.queues()
  return queues.reduce((sum, { visible, deadLetterQueue }) => sum + (deadLetterQueue ? visible : 0), 0)
}

/** The model of `npm run capacity` for the same outage, in seconds of speed 1. */
const predict = (outageSeconds: number) =>
  simulate({
    ordersPerSecond: rate / recoverySpeed,
    // The config's 50 orders and the relay's 400 a second are of this clock, too.
    vendorRatePerSecond: 50 / recoverySpeed,
    relayPerSecond: 400 / recoverySpeed,
    vendorLatencyMs: latencyMs * recoverySpeed,
    concurrency: 4,
    outageSeconds: outageSeconds * recoverySpeed,
  })

/** The carrier is down while orders keep coming, here and in a plain retry-to-DLQ pipeline beside it. */
export async function measureRecovery(cloud: Cloud, outageSeconds: number): Promise<Row[]> {
  const token = await cloud.token()
  const plain = await startPlainPipeline(recoverySpeed)
  const setDown = async (down: boolean) => {
    plain.setDown(down)
    await cloud.faults('logistics', { down, latencyMs })
  }
  const placing: Promise<string>[] = []
  const place = async () => {
    const serial = placing.length
    plain.add(`plain-${serial}`)
    const { body } = await cloud.place(token, sampleOrder(`recovery-${serial}`, serial))
    return body.orderId
  }

  await setDown(false)
  progress(`${part}: healthy`)
  const arrivals = setInterval(() => placing.push(place()), 1000 / rate)
  await sleep(healthySeconds * 1000)
  progress(`${part}: carrier down for ${outageSeconds} s`)
  await setDown(true)
  await sleep(outageSeconds * 1000)
  await setDown(false)
  const upAt = Date.now()
  progress(`${part}: draining`)
  // Orders keep coming until those of the outage have their AWBs.
  const left = await drain(cloud, await Promise.all(placing))
  const drainSeconds = ((Date.now() - upAt) / 1000) * recoverySpeed
  clearInterval(arrivals)
  await drain(cloud, await Promise.all(placing))
  while (!plain.isEmpty()) await sleep(50)

  const calls = await countCarrierCalls(cloud)
  const deadLettered = await countDeadLetters(cloud)
  await plain.stop()
  const orders = placing.length
  const predicted = predict(outageSeconds)
  return [
    {
      part,
      what: `drained after the vendor is back (${outageSeconds * recoverySpeed} s down, ${orders} orders)`,
      ours: left > 0 ? `${left} left` : `${drainSeconds.toFixed(0)} s`,
      baseline: `retry to DLQ: ${plain.counts.done} of ${orders} got through`,
      figure: `predicted by npm run capacity: ${predicted.drainSeconds?.toFixed(0) ?? '–'} s`,
    },
    {
      part,
      what: 'vendor calls for an order',
      ours: `${calls} in all`,
      baseline: `${plain.counts.calls} in all`,
      figure: `${(calls / orders).toFixed(3)} (retry to DLQ: ${(plain.counts.calls / orders).toFixed(2)})`,
      target: '≤ 1.1',
      holds: calls / orders <= 1.1,
    },
    {
      part,
      what: 'orders dead-lettered',
      ours: `${deadLettered}`,
      baseline: `${plain.counts.deadLettered}`,
      figure: `${deadLettered} of ${orders}`,
      target: '0',
      holds: deadLettered === 0,
    },
  ]
}
