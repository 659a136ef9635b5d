import * as z from 'zod'
import type { Sqs } from '../services/sqs.ts'
import type { VendorSimulator } from '../vendor-simulator.ts'
import { type Call, scan } from './order-search.ts'
import type { Topology } from './topology.ts'

/** A vendor's circuit, as the workers store it. */
const circuit = z.object({
  vendor: z.string(),
  state: z.enum(['closed', 'open']),
  failures: z.number().optional(),
  since: z.number().optional(),
  until: z.number().optional(),
  reason: z.string().optional(),
  heldSince: z.number().optional(),
})

/** Looking at the tables may take so small a part of the time. */
const tableShare = 0.05
const tableIntervalMs = 500

/** Looks at queues, vendors and tables; tables at intervals that grow with what looking costs. */
export const createSampler = (deps: {
  topology: Topology
  sqs: Pick<Sqs, 'queues'>
  dynamoDb: { call: Call }
  vendors: Record<string, VendorSimulator>
}) => {
  const { topology, sqs, dynamoDb, vendors } = deps
  const { tables } = topology
  let circuits: z.output<typeof circuit>[] = []
  /** Orders that are still to be brought on, by vendor. */
  let unfinished: Record<string, number> = {}
  /** Those of them that wait for their vendor, in no queue. */
  const waiting: Record<string, number> = {}
  const beyondBefore: Record<string, number> = {}
  let dueAt = 0
  let reading = false

  const readTables = async (): Promise<void> => {
    const startedAt = performance.now()
    const sizes = Object.fromEntries(
      sqs.queues().map(({ name, visible, inFlight, delayed }) => [name, visible + inFlight + delayed]),
    )
    const [circuitItems, outboxItems] = await Promise.all([
      scan(dynamoDb.call, { TableName: tables.circuits }),
      scan(dynamoDb.call, { TableName: tables.orders, IndexName: 'outbox' }),
    ])
    circuits = z.array(circuit).parse(circuitItems)
    unfinished = {}
    for (const { outboxPartition } of outboxItems) {
      const [lane = ''] = String(outboxPartition).split('#')
      unfinished[lane] = (unfinished[lane] ?? 0) + 1
    }
    // What is unfinished and in no queue waits; what has only just been written is on its way to the queue.
    for (const { vendor, queue } of topology.lanes) {
      const beyond = (unfinished[vendor] ?? 0) - (sizes[queue] ?? 0)
      waiting[vendor] = Math.max(0, Math.min(beyond, beyondBefore[vendor] ?? 0))
      beyondBefore[vendor] = beyond
    }
    const tookMs = performance.now() - startedAt
    dueAt = performance.now() + Math.max(tableIntervalMs, tookMs / tableShare)
  }

  /** What the picture shows now. */
  const sample = () => {
    if (!reading && performance.now() >= dueAt) {
      reading = true
      readTables()
        .catch((error) => console.error(`local: the console cannot read the tables: ${error}`))
        .finally(() => {
          reading = false
        })
    }
    const now = sqs.queues()
    const queues = Object.fromEntries(
      now.map(({ name, visible, inFlight, delayed }) => [name, { visible, inFlight, delayed }]),
    )
    const stations = topology.lanes.map(({ vendor: name }) => [
      name,
      {
        faults: vendors[name]?.faults(),
        unfinished: unfinished[name] ?? 0,
        waiting: waiting[name] ?? 0,
        circuit: circuits.find(({ vendor }) => vendor === name),
      },
    ])
    const dead = now.reduce(
      (sum, { deadLetterQueue, visible, inFlight }) => sum + (deadLetterQueue ? visible + inFlight : 0),
      0,
    )
    return { queues, dead, vendors: Object.fromEntries(stations) }
  }
  return { sample }
}
