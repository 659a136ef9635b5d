import { createRequire } from 'node:module'
import type { Activity } from '../../local/activity.ts'

type Item = Record<string, unknown>
interface Table {
  TableName: string
  GlobalSecondaryIndexes?: {
    KeySchema: { AttributeName: string }[]
    Projection: { ProjectionType: string }
  }[]
}
type UpdateIndexes = (
  store: unknown,
  table: Table,
  before: Item | undefined,
  after: Item | null,
  done: unknown,
) => void

const engine: {
  updateIndexes: UpdateIndexes
  itemSize: (item: Item) => number
} = createRequire(import.meta.url)('dynalite/db')

const reads = new Set(['GetItem', 'Query', 'BatchGetItem', 'Scan'])
const queueActions = /Message|Queue/

/** Write units of an item: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/read-write-operations.html */
const units = (bytes: number): number => Math.max(1, Math.ceil(bytes / 1024))

/**
 * Writes to an index for one write to its table; ours hold keys only, so each is one unit.
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/GSI.html#GSI.ThroughputConsiderations.Writes
 */
function indexWrites({ GlobalSecondaryIndexes = [] }: Table, before: Item | undefined, after: Item | null) {
  const writes = GlobalSecondaryIndexes.map(({ KeySchema, Projection }) => {
    if (Projection.ProjectionType !== 'KEYS_ONLY') throw new Error('Only indexes of keys are metered')
    const keyIn = (item: Item | null | undefined): string | undefined => {
      const parts = KeySchema.map(({ AttributeName }) => item?.[AttributeName])
      return parts.every((part) => part !== undefined) ? JSON.stringify(parts) : undefined
    }
    const [old, young] = [keyIn(before), keyIn(after)]
    if (old === young) return 0
    return (old === undefined ? 0 : 1) + (young === undefined ? 0 : 1)
  })
  return writes.reduce((sum: number, count) => sum + count, 0)
}

/** https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html */
const overheadBytes = 100

/** What an order takes up for good: itself and its entry in the owner's index, which holds keys only. */
function storedBytesOf(order: Item): number {
  const { orderId, ownerId, createdAt } = order
  const entry = engine.itemSize({ orderId, ownerId, createdAt })
  return engine.itemSize(order) + entry + 2 * overheadBytes
}

/** One write to a table, as AWS would meter it. */
export interface MeteredWrite {
  isOrders: boolean
  /** The item after it, unless it is gone. */
  after: Item | null
  units: number
  /** Units of the table's indexes. */
  indexUnits: number
}

/** Tells of every write to the tables of the embedded clouds in this process. @returns what ends that */
export function meterWrites(onWrite: (write: MeteredWrite) => void): () => void {
  const { updateIndexes } = engine
  engine.updateIndexes = (store, table, before, after, done) => {
    const bytes = Math.max(...[before, after].map((item) => (item ? engine.itemSize(item) : 0)))
    const isOrders = table.TableName.includes('OrderTable')
    onWrite({ isOrders, after, units: units(bytes), indexUnits: indexWrites(table, before, after) })
    updateIndexes(store, table, before, after, done)
  }
  return () => {
    engine.updateIndexes = updateIndexes
  }
}

/** Counts what AWS would meter of the embedded cloud in this process, from `start` on. */
export function createMeter() {
  let isOn = false
  const counts = { apiRequests: 0, readUnits: 0, orderWrites: 0, events: 0, queueRequests: 0 }
  const writeUnits: Record<string, number> = {}
  /** By order: the bytes that it takes up. */
  const stored = new Map<string, number>()
  const functions = new Map<string, { invocations: number; durationMs: number }>()

  const addUnits = (what: string, amount: number) => {
    writeUnits[what] = (writeUnits[what] ?? 0) + amount
  }
  meterWrites(({ isOrders, after, units, indexUnits }) => {
    if (!isOn) return
    addUnits(isOrders ? 'orders' : 'locks and breakers', units)
    if (!isOrders) return
    addUnits('orders, indexes', indexUnits)
    counts.orderWrites += 1
    if (after) stored.set(JSON.stringify(after.orderId), storedBytesOf(after))
  })

  return {
    watch: (activity: Activity): void => {
      activity.on('happening', (happening) => {
        if (!isOn) return
        switch (happening.type) {
          case 'api-request':
            counts.apiRequests += 1
            return
          case 'aws-call':
            if (reads.has(happening.action)) counts.readUnits += 1
            else if (queueActions.test(happening.action)) counts.queueRequests += 1
            return
          case 'event-published':
            counts.events += 1
            return
          case 'event-matched':
            counts.queueRequests += 1
            return
          case 'invoke-end': {
            const { function: name, durationMs } = happening
            const known = functions.get(name) ?? { invocations: 0, durationMs: 0 }
            functions.set(name, {
              invocations: known.invocations + 1,
              durationMs: known.durationMs + durationMs,
            })
            // Lambda's own: it received the batch, and deletes it.
            if (name.endsWith('-worker')) counts.queueRequests += 2
          }
        }
      })
    },
    start: (): void => {
      isOn = true
    },
    stop: () => {
      isOn = false
      const storedBytes = [...stored.values()].reduce((sum, bytes) => sum + bytes, 0)
      return { ...counts, writeUnits, storedBytes, functions }
    },
  }
}
