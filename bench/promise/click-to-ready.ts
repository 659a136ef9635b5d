import { setTimeout as sleep } from 'node:timers/promises'
import * as z from 'zod'
import { sampleOrder } from '../../test/e2e/orders.ts'
import type { Client } from '../cloud.ts'
import { quantile } from '../measure.ts'
import { progress } from '../report/progress.ts'
import type { Row } from '../report/row.ts'
import { openLoop } from './open-loop.ts'

const part = '7 click to READY'
const placed = z.object({ orderId: z.string() })
const followed = z.object({
  createdAt: z.string(),
  timeline: z.array(z.object({ at: z.string(), type: z.string() })),
})

/** How long orders take from the click to READY_FOR_FULFILLMENT while vendors answer in 100 ms. */
export async function measureClickToReady(cloud: Client, seconds: number): Promise<Row[]> {
  const token = await cloud.token()
  for (const vendor of ['logistics', 'wms'])
    await cloud.control('PUT', `/vendors/${vendor}`, { latencyMs: 100 })
  const run = `ready-${Date.now()}`
  const ids: string[] = []
  const place = async (index: number) => {
    const answer = await cloud.place(token, sampleOrder(`${run}-${index}`, index))
    if (answer.status === 201) ids.push(placed.parse(JSON.parse(answer.body)).orderId)
    return answer
  }
  progress(`${part}: warming up`)
  await openLoop(5, 3, place)
  await sleep(3000)
  ids.length = 0
  progress(`${part}: ${seconds} s at 5/s`)
  await openLoop(5, seconds, (index) => place(1000 + index))
  const tookMs: number[] = []
  for (const orderId of ids) {
    const ready = async () => {
      const { createdAt, timeline } = followed.parse(await cloud.order(token, orderId))
      const at = timeline.find(({ type }) => type === 'READY_FOR_FULFILLMENT')?.at
      return at && Date.parse(at) - Date.parse(createdAt)
    }
    let took = await ready()
    for (let asked = 0; took === undefined && asked < 100; asked += 1) {
      await sleep(100)
      took = await ready()
    }
    if (typeof took === 'number') tookMs.push(took)
  }
  const [p50, p99] = [quantile(tookMs, 0.5), quantile(tookMs, 0.99)]
  return [
    {
      part,
      what: `click to READY at 5/s, vendors at 100 ms (${tookMs.length} of ${ids.length} orders)`,
      ours: `p50 ${p50.toFixed(0)} ms, p99 ${p99.toFixed(0)} ms`,
      baseline: '200 ms, the vendors alone',
      figure: `p50 ${(p50 / 200).toFixed(1)} ×, p99 ${(p99 / 200).toFixed(1)} ×`,
    },
  ]
}
