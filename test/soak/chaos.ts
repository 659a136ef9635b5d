import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs'
import { type Faults, noFaults } from '../../vendors/faults.ts'
import type { Cloud } from '../e2e/cloud.ts'

const moods: Partial<Faults>[] = [
  {},
  { down: true },
  { latencyMs: 800 },
  { errorRate: 0.2 },
  { rateLimitPerSecond: 20 },
  { timeoutAfterWork: true },
]
const workers = ['logistics-worker', 'wms-worker', 'outbox-relay', 'create-order']

/** How many faults were injected. */
export interface ChaosReport {
  moods: number
  kills: number
  duplicates: number
  dropped: number
}

/** A seeded generator of random numbers in [0, 1), mulberry32, so that a run's faults can be repeated. */
export function seeded(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
}

/** Makes vendors flap, kills functions, and drops and duplicates events, until the returned function is called. */
export function startChaos(cloud: Cloud, random: () => number) {
  const report: ChaosReport = { moods: 0, kills: 0, duplicates: 0, dropped: 0 }
  const sqs = new SQSClient({
    endpoint: cloud.url,
    region: 'us-east-1',
    credentials: { accessKeyId: 'operator', secretAccessKey: 'local' },
  })
  const pick = <T>(items: readonly T[]): T | undefined => items[Math.floor(random() * items.length)]

  async function duplicate() {
    const events = await cloud.events()
    const event = pick(events)
    const name = { ORDER_CREATED: 'LogisticsCarrier/Queue', AWB_GENERATED: 'WmsWarehouse/Queue' }[
      event?.['detail-type'] ?? ''
    ]
    const queue = (await cloud.queues()).find((each) => each.name === name)
    if (!event || !queue) return
    await sqs.send(new SendMessageCommand({ QueueUrl: queue.url, MessageBody: JSON.stringify(event) }))
    report.duplicates++
  }

  async function injectFault() {
    const vendor = random() < 0.5 ? 'logistics' : 'wms'
    const dice = random()
    if (dice < 0.4) {
      // The carrier is configured as ignoring idempotency keys, so the simulator ignores them, too.
      await cloud.faults(vendor, { ...noFaults, idempotency: vendor === 'wms', ...pick(moods) })
      report.moods++
    } else if (dice < 0.6) {
      await cloud.kill(pick(workers) ?? 'logistics-worker')
      report.kills++
    } else if (dice < 0.9) await duplicate()
    else {
      await cloud.dropEvents(3)
      report.dropped += 3
    }
  }

  let stopped = false
  const finished = (async () => {
    while (!stopped) {
      await injectFault()
      await new Promise((resolve) => setTimeout(resolve, 500 + random() * 1500))
    }
  })()
  return async (): Promise<ChaosReport> => {
    stopped = true
    await finished
    for (const vendor of ['logistics', 'wms'] as const) await cloud.faults(vendor, noFaults)
    sqs.destroy()
    return report
  }
}
