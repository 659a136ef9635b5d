import { setTimeout as sleep } from 'node:timers/promises'
import * as z from 'zod'
import { sampleOrder } from '../../test/e2e/orders.ts'
import { simulate } from '../capacity/simulation.ts'
import type { Client } from '../cloud.ts'
import { openLoop } from '../promise/open-loop.ts'
import { writePlot } from '../report/plot.ts'
import { progress } from '../report/progress.ts'
import type { Row } from '../report/row.ts'
import { startPlainPipeline } from './plain.ts'

const part = '6 recovery'
/** The cloud's waits are divided by it, and the figures multiplied: an outage of minutes is measured in seconds. */
export const recoverySpeed = 20
const rate = 8
const ledger = z.object({ entries: z.array(z.object({ reference: z.string(), created: z.number() })) })
const queues = z.object({
  queues: z.array(z.object({ visible: z.number(), deadLetterQueue: z.boolean() })),
})
const logs = z.object({ lines: z.array(z.object({ at: z.string(), line: z.string() })) })

/** When the carrier's worker called its vendor: it emits one metric for each call. */
async function callsOf(cloud: Client): Promise<number[]> {
  const { lines } = logs.parse(await cloud.control('GET', '/logs?function=logistics-worker'))
  return lines.filter(({ line }) => line.includes('"VendorLatency":')).map(({ at }) => Date.parse(at))
}

const createdIn = async (cloud: Client): Promise<number> => {
  const { entries } = ledger.parse(await cloud.control('GET', '/vendors/logistics/ledger'))
  return entries.filter(({ created }) => created > 0).length
}

/** The carrier is down while orders keep coming, here and in a plain retry-to-DLQ pipeline beside it. */
export async function measureRecovery(cloud: Client, outageSeconds: number): Promise<Row[]> {
  const token = await cloud.token()
  const plain = await startPlainPipeline(recoverySpeed)
  const setDown = async (down: boolean) => {
    plain.setDown(down)
    await cloud.control('PUT', '/vendors/logistics', { down, latencyMs: 100 })
  }
  let serial = 0
  const place = () => {
    serial += 1
    plain.add(`plain-${serial}`)
    return cloud.place(token, sampleOrder(`recovery-${serial}`, serial))
  }
  const waitingAt: { x: number; y: number }[] = []
  const startedAt = Date.now()
  const watch = async (isOver: () => boolean) => {
    while (!isOver()) {
      waitingAt.push({
        x: ((Date.now() - startedAt) / 1000) * recoverySpeed,
        y: serial - (await createdIn(cloud)),
      })
      await sleep(250)
    }
  }

  await setDown(false)
  progress(`${part}: healthy`)
  await openLoop(rate, 3, place)
  await sleep(2000)
  progress(`${part}: carrier down for ${outageSeconds} s`)
  await setDown(true)
  const downAt = Date.now()
  let over = false
  const watching = watch(() => over)
  await openLoop(rate, outageSeconds, place)
  await setDown(false)
  const upAt = Date.now()
  progress(`${part}: draining`)
  let created = await createdIn(cloud)
  while (created < serial && Date.now() - upAt < 120_000) {
    await sleep(100)
    created = await createdIn(cloud)
  }
  const drainMs = Date.now() - upAt
  while (!plain.isEmpty()) await sleep(50)
  over = true
  await watching

  const calls = await callsOf(cloud)
  const { queues: all } = queues.parse(await cloud.control('GET', '/queues'))
  const deadLettered = all
    .filter((queue) => queue.deadLetterQueue)
    .reduce((sum, { visible }) => sum + visible, 0)
  const whileDown = calls.filter((at) => at >= downAt && at < upAt).length
  await plain.stop()

  const predicted = simulate({
    ...{
      ordersPerSecond: rate / recoverySpeed,
      vendorLatencyMs: 100,
      vendorRatePerSecond: 50,
      concurrency: 4,
    },
    ...{ outageSeconds: outageSeconds * recoverySpeed, outageAtSeconds: 60, breakerOpenSeconds: 10 },
    ...{ breakerMaxOpenSeconds: 300, relayIntervalSeconds: 60, relayPerSecond: 400 },
    seconds: outageSeconds * recoverySpeed * 4 + 1200,
  })
  writePlot('recovery', {
    title: `Carrier down for ${outageSeconds * recoverySpeed} s while orders keep coming: orders without a tracking number`,
    x: `seconds (measured at speed ${recoverySpeed})`,
    y: 'orders',
    series: [{ name: 'Create Order', points: waitingAt }],
  })
  const seconds = (ms: number) => `${((ms / 1000) * recoverySpeed).toFixed(0)} s`
  const about = `${outageSeconds * recoverySpeed} s down, ${serial} orders`
  return [
    {
      part,
      what: `drained after the vendor is back (${about})`,
      ours: created < serial ? `${serial - created} left` : seconds(drainMs),
      baseline: `retry to DLQ: ${plain.counts.done} of ${serial} got through`,
      figure: `predicted by npm run capacity: ${predicted.drainSeconds?.toFixed(0) ?? '–'} s`,
    },
    {
      part,
      what: 'vendor calls for an order',
      ours: `${calls.length} in all`,
      baseline: `${plain.counts.calls} in all`,
      figure: `${(calls.length / serial).toFixed(3)} (retry to DLQ: ${(plain.counts.calls / serial).toFixed(2)})`,
      target: '≤ 1.1',
      holds: calls.length / serial <= 1.1,
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
      figure: `${deadLettered} of ${serial}`,
      target: '0',
      holds: deadLettered === 0,
    },
  ]
}
