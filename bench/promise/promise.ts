import { fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import * as z from 'zod'
import { sampleOrder } from '../../test/e2e/orders.ts'
import { type Client, send } from '../cloud.ts'
import { quantile } from '../measure.ts'
import { writePlot } from '../report/plot.ts'
import { progress } from '../report/progress.ts'
import type { Row } from '../report/row.ts'
import { type Load, openLoop, summary } from './open-loop.ts'

const part = '1 promise'
const rate = 5
const warmUpMs = 10_000
const logs = z.object({ lines: z.array(z.unknown()) })
/** Vendors take 1 to 3 s; our clients' time-out is 3 s, so a little less. */
const latencyMs = () => Math.round(1000 + Math.random() * 1900)

const vendorNames = ['logistics', 'wms'] as const
const conditions = [
  { name: 'vendors take 1–3 s', carrier: undefined },
  { name: 'carrier with 20 % errors', carrier: { errorRate: 0.2 } },
  { name: 'carrier down', carrier: { errorRate: 0, down: true } },
]

/** The synchronous design, as a process of its own on the same cloud. */
async function startSync(cloud: Client) {
  const child = fork(join(import.meta.dirname, 'sync-server.ts'), {
    env: { ...process.env, AWS_ENDPOINT_URL: cloud.url },
    execArgv: [],
  })
  const [address] = await once(child, 'message')
  const { port } = z.object({ port: z.number() }).parse(address)
  return {
    place: (order: unknown) => send('POST', `http://127.0.0.1:${port}/orders`, {}, JSON.stringify(order)),
    setFaults: (vendor: string, faults: object) => child.send({ vendor, faults }),
    stop: () => child.kill(),
  }
}

/** Changes all vendors' latency all the time, so that each call meets another one. */
function varyLatency(clouds: readonly Client[], sync: Awaited<ReturnType<typeof startSync>>): () => void {
  const timer = setInterval(() => {
    for (const vendor of vendorNames) {
      const faults = { latencyMs: latencyMs() }
      sync.setFaults(vendor, faults)
      for (const cloud of clouds) cloud.control('PUT', `/vendors/${vendor}`, faults).catch(() => {})
    }
  }, 250)
  return () => clearInterval(timer)
}

/** Until the relay has started its instance, too: it runs every minute. */
async function relayed(cloud: Client): Promise<void> {
  const { lines } = logs.parse(await cloud.control('GET', '/logs?function=outbox-relay'))
  if (lines.length > 0) return
  await sleep(500)
  await relayed(cloud)
}

/** What was measured while vendors behave in one way. */
interface Measured {
  name: string
  ours: Load
  baseline: Load
  /** Ours with healthy vendors, measured at the same time; none where these vendors are healthy themselves. */
  healthy: Load | undefined
}

/**
 * The latency of POST /orders against the synchronous design's, with vendors that are slow, faulty, and down.
 * `healthyCloud` is a second one beside it whose vendors stay well: what the machine does to both cancels out.
 */
export async function measurePromise(cloud: Client, healthyCloud: Client, seconds: number): Promise<Row[]> {
  let serial = 0
  const nextOrder = () => {
    serial += 1
    return sampleOrder(`promise-${serial}`, serial)
  }
  const placerOn = async (each: Client) => {
    const token = await each.token()
    return () => each.place(token, nextOrder())
  }
  const [place, placeHealthy] = [await placerOn(cloud), await placerOn(healthyCloud)]
  const sync = await startSync(cloud)
  const loads: Measured[] = []
  const stopVarying = varyLatency([cloud, healthyCloud], sync)
  const warmUp = () => Promise.all([place, placeHealthy].flatMap((each) => Array.from({ length: 4 }, each)))
  try {
    // Every instance that the clouds allow is up, and every connection stands, before anything counts.
    for (let round = 0; round < 8; round += 1) await warmUp()
    await sync.place(nextOrder())
    // The workers start their instances for these orders now, and not while the click is measured.
    progress(`${part}: warming up`)
    await Promise.all([sleep(warmUpMs), relayed(cloud), relayed(healthyCloud)])
    await warmUp()
    for (const { name, carrier } of conditions) {
      if (carrier) {
        sync.setFaults('logistics', carrier)
        await cloud.control('PUT', '/vendors/logistics', carrier)
      }
      progress(`${part}: ${name}, ours`)
      // Beside one with faults, the healthy one is asked between its requests, not at the same moments.
      const healthy = carrier && sleep(500 / rate).then(() => openLoop(rate, seconds, placeHealthy))
      const ours = await openLoop(rate, seconds, place)
      progress(`${part}: ${name}, synchronous`)
      const baseline = await openLoop(rate, seconds, () => sync.place(nextOrder()))
      loads.push({ name, ours, baseline, healthy: await healthy })
    }
  } finally {
    stopVarying()
    sync.stop()
  }
  plot(loads)
  return loads.map(rowOf)
}

function rowOf({ name, ours, baseline, healthy }: Measured): Row {
  const row = {
    part,
    what: `POST /orders, p50 / p95 / p99: ${name}`,
    ours: summary(ours),
    baseline: summary(baseline),
  }
  if (healthy === undefined) {
    const share = quantile(baseline.tookMs, 0.5) / quantile(ours.tookMs, 0.99)
    return {
      ...row,
      figure: `p99 is 1/${share.toFixed(0)} of the baseline's p50`,
      target: '≤ 1/50',
      holds: share >= 50,
    }
  }
  const change = quantile(ours.tookMs, 0.5) / quantile(healthy.tookMs, 0.5)
  return {
    ...row,
    figure: `p50 ${change.toFixed(2)} × of the one beside it with healthy vendors`,
    target: '≤ 1.1 ×',
    holds: change <= 1.1,
  }
}

function plot(loads: readonly Measured[]): void {
  const [healthy] = loads
  if (healthy === undefined) return
  const points = ({ tookMs }: Load) =>
    Array.from({ length: 100 }, (_, index) => ({ x: index, y: quantile(tookMs, index / 99) }))
  writePlot('promise', {
    title: 'POST /orders while the vendors take 1–3 s each: time to the answer',
    x: 'percentile of requests',
    y: 'ms (log)',
    logY: true,
    series: [
      { name: 'Create Order', points: points(healthy.ours) },
      { name: 'synchronous, vendors inline', points: points(healthy.baseline) },
    ],
  })
}
