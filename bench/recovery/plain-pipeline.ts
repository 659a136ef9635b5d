import { setTimeout as sleep } from 'node:timers/promises'
import { startVendorSimulator } from '../../local/vendor-simulator.ts'
import { post } from '../load.ts'

/** A common configuration: a failed message is visible again after 30 s, and dead-lettered after five receives. */
const visibilityMs = 30_000
const maxReceiveCount = 5
/** Messages in flight at once, as many as our worker has: four invocations of ten. */
const concurrency = 40

interface Message {
  reference: string
  visibleAt: number
  receives: number
}

/**
 * The plain design for comparison: a queue, a worker that calls the carrier for every message, SQS's own retry and a
 * DLQ; no circuit breaker and no waiting room. In memory, since only its calls and its dead letters are measured.
 * `speed` divides its waits as it does ours.
 */
export async function startPlainPipeline(speed: number) {
  const vendor = await startVendorSimulator({ name: 'logistics' })
  const queue: Message[] = []
  const working = new Set<Promise<void>>()
  const counts = { calls: 0, done: 0, deadLettered: 0 }
  let stopped = false

  async function work(message: Message): Promise<void> {
    message.receives += 1
    counts.calls += 1
    const headers = { authorization: 'Bearer bench', 'idempotency-key': message.reference }
    const address = { line1: 'Unter den Linden 1', city: 'Berlin', postalCode: '10117', country: 'DE' }
    const status = await post(`${vendor.url}/awbs`, headers, {
      reference: message.reference,
      recipient: { name: 'Ada Lovelace', address },
      parcel: { items: [{ sku: 'TEA-1', quantity: 1 }] },
      declaredValue: { amount: 1290, currency: 'EUR' },
    })
    if (status === 201) counts.done += 1
    else if (message.receives >= maxReceiveCount) counts.deadLettered += 1
    else queue.push({ ...message, visibleAt: Date.now() + visibilityMs / speed })
  }

  async function poll(): Promise<void> {
    while (!stopped) {
      const index = queue.findIndex(({ visibleAt }) => visibleAt <= Date.now())
      const [message] = index >= 0 && working.size < concurrency ? queue.splice(index, 1) : []
      if (message === undefined) await sleep(5)
      else {
        const task = work(message).finally(() => working.delete(task))
        working.add(task)
      }
    }
  }
  const polling = poll()

  return {
    counts,
    add: (reference: string) => queue.push({ reference, visibleAt: 0, receives: 0 }),
    isEmpty: () => queue.length === 0 && working.size === 0,
    setDown: (down: boolean) => vendor.setFaults({ down, latencyMs: 100 }),
    async stop() {
      stopped = true
      await polling
      await vendor.stop()
    },
  }
}
