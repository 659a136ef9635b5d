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
/** Vendors take 1 to 3 s; our clients' time-out is 3 s, so a little less. */
const latencyMs = () => Math.round(1000 + Math.random() * 1900)

const vendorNames = ['logistics', 'wms'] as const
const conditions = [
  { name: 'vendors take 1–3 s', faults: {}, of: vendorNames },
  { name: 'carrier with 20 % errors', faults: { errorRate: 0.2 }, of: ['logistics'] as const },
  { name: 'carrier down', faults: { errorRate: 0, down: true }, of: ['logistics'] as const },
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

/** Changes both designs' vendors' latency all the time, so that each call meets another one. */
function varyLatency(cloud: Client, sync: Awaited<ReturnType<typeof startSync>>): () => void {
  const timer = setInterval(() => {
    for (const vendor of vendorNames) {
      const faults = { latencyMs: latencyMs() }
      sync.setFaults(vendor, faults)
      cloud.control('PUT', `/vendors/${vendor}`, faults).catch(() => {})
    }
  }, 250)
  return () => clearInterval(timer)
}

/** The latency of POST /orders against the synchronous design's, with vendors that are slow, faulty, and down. */
export async function measurePromise(cloud: Client, seconds: number): Promise<Row[]> {
  const token = await cloud.token()
  const sync = await startSync(cloud)
  let serial = 0
  const nextOrder = () => {
    serial += 1
    return sampleOrder(`promise-${serial}`, serial)
  }
  const loads: { name: string; ours: Load; baseline: Load }[] = []
  const stopVarying = varyLatency(cloud, sync)
  try {
    // Every instance that the cloud allows is up, and every connection stands, before anything counts.
    for (let round = 0; round < 8; round += 1)
      await Promise.all(Array.from({ length: 4 }, () => cloud.place(token, nextOrder())))
    await sync.place(nextOrder())
    // The workers start their instances for these orders now, and not while the click is measured.
    progress(`${part}: warming up`)
    await sleep(warmUpMs)
    await Promise.all(Array.from({ length: 4 }, () => cloud.place(token, nextOrder())))
    for (const { name, faults, of } of conditions) {
      for (const vendor of of) {
        sync.setFaults(vendor, faults)
        await cloud.control('PUT', `/vendors/${vendor}`, faults)
      }
      progress(`${part}: ${name}, ours`)
      const ours = await openLoop(rate, seconds, () => cloud.place(token, nextOrder()))
      progress(`${part}: ${name}, synchronous`)
      const baseline = await openLoop(rate, seconds, () => sync.place(nextOrder()))
      loads.push({ name, ours, baseline })
    }
  } finally {
    stopVarying()
    sync.stop()
    for (const vendor of vendorNames)
      await cloud.control('PUT', `/vendors/${vendor}`, { latencyMs: 0, errorRate: 0, down: false })
  }
  plot(loads)
  return rowsOf(loads)
}

function rowsOf(loads: readonly { name: string; ours: Load; baseline: Load }[]): Row[] {
  const [healthy] = loads
  if (healthy === undefined) throw new Error('Nothing was measured')
  const baselineP50 = quantile(healthy.baseline.tookMs, 0.5)
  const healthyP50 = quantile(healthy.ours.tookMs, 0.5)
  return loads.map(({ name, ours, baseline }): Row => {
    const row = {
      part,
      what: `POST /orders, p50 / p95 / p99: ${name}`,
      ours: summary(ours),
      baseline: summary(baseline),
    }
    if (name === healthy.name) {
      const share = baselineP50 / quantile(ours.tookMs, 0.99)
      return {
        ...row,
        figure: `p99 is 1/${share.toFixed(0)} of the baseline's p50`,
        target: '≤ 1/50',
        holds: share >= 50,
      }
    }
    const change = quantile(ours.tookMs, 0.5) / healthyP50
    return {
      ...row,
      figure: `p50 ${change.toFixed(2)} × of the healthy one's`,
      target: '≤ 1.1 ×',
      holds: change <= 1.1,
    }
  })
}

function plot(loads: readonly { name: string; ours: Load; baseline: Load }[]): void {
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
