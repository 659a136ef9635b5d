import { setTimeout as sleep } from 'node:timers/promises'
import { startCloud } from '../../local/cloud.ts'
import { Cloud } from '../../test/e2e/cloud.ts'
import { sampleOrder } from '../../test/e2e/orders.ts'
import { openLoop, placerOn } from '../load.ts'
import type { Usage } from './bill.ts'
import { startMeter } from './meter.ts'

/** The number of orders in a run, their rate, and the vendors' latency. */
export interface RunOptions {
  orders: number
  ratePerSecond: number
  vendorMs: number
}

/** Added to each event by CloudWatch Logs: https://aws.amazon.com/cloudwatch/pricing/ */
const bytesPerLogEvent = 26
/** The START, END and REPORT lines of an invocation, and API Gateway's access log: the embedded cloud writes none. */
const platformLogBytes = 480
const accessLogBytes = 330
const warmUpOrders = 20

/** Waits until the warehouse has `count` orders and the writes that follow a shipment are done. */
async function allShipped(cloud: Cloud, count: number): Promise<void> {
  while ((await cloud.ledger('wms')).length < count) await sleep(250)
  await sleep(2000)
}

/**
 * Runs orders through an embedded cloud of its own, in real time, and counts what AWS would have metered.
 * @param memoryMb of each function
 */
export async function measureUsage(options: RunOptions, memoryMb: Map<string, number>): Promise<Usage> {
  const { orders, ratePerSecond, vendorMs } = options
  const lines: string[] = []
  const running = await startCloud({
    port: 0,
    speed: 1,
    signal: new AbortController().signal,
    onLog: (log) => {
      if (log.function !== 'outbox-relay') lines.push(log.line)
    },
  })
  const cloud = new Cloud(running.url, undefined, running.stop)
  try {
    const place = placerOn(cloud.url, await cloud.token())
    for (const vendor of ['logistics', 'wms'] as const) await cloud.faults(vendor, { latencyMs: vendorMs })
    await openLoop(ratePerSecond, warmUpOrders / ratePerSecond, (index) =>
      place(sampleOrder(`warm-up-${index}`, index)),
    )
    await allShipped(cloud, warmUpOrders)

    const meter = startMeter(running.activity)
    lines.length = 0
    const { failed } = await openLoop(ratePerSecond, orders / ratePerSecond, (index) =>
      place(sampleOrder(`cost-${index}`, index)),
    )
    if (failed > 0) throw new Error(`${(failed * 100).toFixed(1)} % of the orders were refused.`)
    await allShipped(cloud, warmUpOrders + orders)
    const { functions, ...counts } = meter.stop()

    const events = await cloud.events()
    const bytesPerEvent = JSON.stringify(events).length / events.length
    const used = [...functions].map(([name, each]) => ({
      name,
      ...each,
      memoryMb: memoryMb.get(name) ?? 0,
    }))
    return {
      ...counts,
      orders,
      functions: used,
      eventBytes: counts.events * bytesPerEvent,
      logBytes:
        lines.reduce((sum, line) => sum + Buffer.byteLength(line) + bytesPerLogEvent, 0) +
        used.reduce((sum, { invocations }) => sum + invocations * platformLogBytes, 0) +
        counts.apiRequests * accessLogBytes,
      vendorMs,
    }
  } finally {
    await cloud.stop()
  }
}
