import { fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import * as z from 'zod'
import type { Cloud } from '../../test/e2e/cloud.ts'
import { sampleOrder } from '../../test/e2e/orders.ts'
import { openLoop, placerOn, post, summary } from '../load.ts'
import { progress, type Row } from '../report.ts'
import { quantile } from '../statistics.ts'

const part = '1 promise'
const rate = 5
/** By then slow vendors occupy all instances of the workers, so their cold starts are over. */
const warmUpSeconds = 10
const vendorNames = ['logistics', 'wms'] as const
/** Vendors take 1 to 3 s, but never as long as our clients' time-out of 3 s. */
const randomLatencyMs = () => Math.round(1000 + Math.random() * 1900)

/** Starts the synchronous design in a process of its own, on the same cloud. */
async function startSync(cloud: Cloud) {
  const child = fork(join(import.meta.dirname, 'sync-server.ts'), {
    env: { ...process.env, AWS_ENDPOINT_URL: cloud.url },
    execArgv: [],
  })
  const [address] = await once(child, 'message')
  const { port } = z.object({ port: z.number() }).parse(address)
  return {
    place: (order: unknown) => post(`http://127.0.0.1:${port}/orders`, {}, order),
    setFaults: (vendor: string, faults: object) => child.send({ vendor, faults }),
    stop: () => child.kill(),
  }
}

/** Varies the latency of all vendors, so that each call has a different one. @returns a function that stops it */
function varyLatency(cloud: Cloud, sync: Awaited<ReturnType<typeof startSync>>): () => void {
  const timer = setInterval(() => {
    for (const vendor of vendorNames) {
      const faults = { latencyMs: randomLatencyMs() }
      sync.setFaults(vendor, faults)
      cloud.faults(vendor, faults).catch(() => {})
    }
  }, 250)
  return () => clearInterval(timer)
}

/** Waits for the relay's first run, a minute at most, so that its cold start is over. */
async function relayRan(cloud: Cloud): Promise<void> {
  const path = '/_local/logs?function=outbox-relay'
  const { body } = await cloud.request<{ lines: unknown[] }>('GET', path)
  if (body.lines.length > 0) return
  await sleep(500)
  await relayRan(cloud)
}

/** Compares POST /orders with the synchronous design, with slow vendors and with the carrier down. */
export async function measurePromise(cloud: Cloud, seconds: number): Promise<Row[]> {
  const place = placerOn(cloud.url, await cloud.token())
  const sync = await startSync(cloud)
  const compare = async (name: string) => ({
    ours: await openLoop(rate, seconds, (index) => place(sampleOrder(`${name}-${index}`, index))),
    baseline: await openLoop(rate, seconds, (index) =>
      sync.place(sampleOrder(`sync-${name}-${index}`, index)),
    ),
  })
  const stopVarying = varyLatency(cloud, sync)
  try {
    progress(`${part}: warming up`)
    await relayRan(cloud)
    await openLoop(rate, warmUpSeconds, (index) => place(sampleOrder(`warm-up-${index}`, index)))

    progress(`${part}: vendors take 1–3 s`)
    const slow = await compare('slow')

    progress(`${part}: carrier down`)
    sync.setFaults('logistics', { down: true })
    await cloud.faults('logistics', { down: true })
    const down = await compare('down')

    const share = quantile(slow.baseline.tookMs, 0.5) / quantile(slow.ours.tookMs, 0.99)
    return [
      {
        part,
        what: 'POST /orders, p50 / p95 / p99: vendors take 1–3 s',
        ours: summary(slow.ours),
        baseline: summary(slow.baseline),
        figure: `p99 is 1/${share.toFixed(0)} of the baseline's p50`,
        target: '≤ 1/50',
        holds: share >= 50,
      },
      {
        part,
        what: 'POST /orders, p50 / p95 / p99: carrier down',
        ours: summary(down.ours),
        baseline: summary(down.baseline),
        figure: `${(down.ours.failed * 100).toFixed(0)} % errors`,
        target: '0 %',
        holds: down.ours.failed === 0,
      },
    ]
  } finally {
    stopVarying()
    sync.stop()
  }
}
