import type { Sqs } from '../services/sqs.ts'
import type { VendorSimulator } from '../vendor-simulator.ts'
import type { DeadLetter } from './dead-letters.ts'
import type { Tables } from './tables.ts'
import type { Topology } from './topology.ts'

/** Looks at queues, vendors, orders and circuits: what the picture shows now. */
export const createSampler = (deps: {
  topology: Topology
  sqs: Pick<Sqs, 'queues'>
  tables: Tables
  deadLetters: () => DeadLetter[]
  vendors: Record<string, VendorSimulator>
}) => {
  const { topology, sqs, tables, deadLetters, vendors } = deps

  return () => {
    const letters = deadLetters()
    const queues = Object.fromEntries(
      sqs.queues().map(({ name, visible, inFlight, delayed }) => {
        const dead = letters.filter(({ queue }) => queue === name).length
        return [name, { visible, inFlight, delayed, dead }]
      }),
    )
    const lanes = new Map(
      topology.lanes.map(({ vendor: name }) => {
        const circuit = tables.circuits.get(name)
        return [name, { faults: vendors[name]?.faults(), unfinished: 0, waiting: 0, done: 0, circuit }]
      }),
    )
    for (const { outboxPartition, attention, made, vendors } of tables.orders.values()) {
      for (const step in made) {
        const madeAt = lanes.get(vendors[step] ?? '')
        if (madeAt) madeAt.done += 1
      }
      const lane = lanes.get(outboxPartition?.split('#')[0] ?? '')
      if (!lane) continue
      lane.unfinished += 1
      if (attention?.state === 'waiting') lane.waiting += 1
    }
    return { queues, dead: letters.length, vendors: Object.fromEntries(lanes) }
  }
}
