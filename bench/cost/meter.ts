import { createRequire } from 'node:module'
import type { Activity, ActivityEvent } from '../../local/activity.ts'

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

const reads = new Set(['GetItem', 'Query', 'BatchGetItem'])
const queueActions = /Message|Queue/

/** Write units of an item: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/read-write-operations.html */
const unitsOf = (bytes: number): number => Math.max(1, Math.ceil(bytes / 1024))

/**
 * Write units of a table's indexes for one write to the table. Our indexes are KEYS_ONLY, so each entry is one unit:
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/GSI.html#GSI.ThroughputConsiderations.Writes
 */
function indexUnits({ GlobalSecondaryIndexes = [] }: Table, before: Item | undefined, after: Item | null) {
  const units = GlobalSecondaryIndexes.map(({ KeySchema, Projection }) => {
    if (Projection.ProjectionType !== 'KEYS_ONLY') throw new Error('Only KEYS_ONLY indexes are metered.')
    const keyIn = (item: Item | null | undefined): string | undefined => {
      const parts = KeySchema.map(({ AttributeName }) => item?.[AttributeName])
      return parts.every((part) => part !== undefined) ? JSON.stringify(parts) : undefined
    }
    const [oldKey, newKey] = [keyIn(before), keyIn(after)]
    if (oldKey === newKey) return 0
    return (oldKey === undefined ? 0 : 1) + (newKey === undefined ? 0 : 1)
  })
  return units.reduce((sum: number, each) => sum + each, 0)
}

/** Overhead per item and index entry: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html */
const overheadBytes = 100

/** The size of a finished order and of its one index entry, in byOwner. */
function storedBytesOf(order: Item): number {
  const { orderId, ownerId, createdAt } = order
  return engine.itemSize(order) + engine.itemSize({ orderId, ownerId, createdAt }) + 2 * overheadBytes
}

/**
 * Counts what AWS would meter in this process's embedded cloud until `stop`, without the relay. Writes are counted
 * inside dynalite, because their units depend on the item before and after.
 */
export function startMeter(activity: Activity) {
  const counts = { apiRequests: 0, readUnits: 0, orderWrites: 0, events: 0, queueRequests: 0 }
  const writeUnits = { orders: 0, indexes: 0, locks: 0 }
  const storedBytes = new Map<string, number>()
  const functions = new Map<string, { invocations: number; durationMs: number }>()

  const { updateIndexes } = engine
  engine.updateIndexes = (store, table, before, after, done) => {
    const isOrder = table.TableName.includes('OrderTable')
    const bytes = [before, after].map((item) => (item ? engine.itemSize(item) : 0))
    writeUnits[isOrder ? 'orders' : 'locks'] += unitsOf(Math.max(...bytes))
    writeUnits.indexes += indexUnits(table, before, after)
    if (isOrder) counts.orderWrites += 1
    if (isOrder && after) storedBytes.set(JSON.stringify(after.orderId), storedBytesOf(after))
    updateIndexes(store, table, before, after, done)
  }

  function addInvocation(name: string, durationMs: number): void {
    const known = functions.get(name) ?? { invocations: 0, durationMs: 0 }
    functions.set(name, {
      invocations: known.invocations + 1,
      durationMs: known.durationMs + durationMs,
    })
    // The event source mapping makes one request to receive the batch and one to delete it.
    if (name.endsWith('-worker')) counts.queueRequests += 2
  }

  const count = (event: ActivityEvent): void => {
    switch (event.type) {
      case 'api-request':
        counts.apiRequests += 1
        return
      case 'aws-call':
        if (event.caller.includes('OutboxRelay')) return
        if (reads.has(event.action)) counts.readUnits += 1
        else if (queueActions.test(event.action)) counts.queueRequests += 1
        return
      case 'event-published':
        counts.events += 1
        return
      case 'event-matched':
        counts.queueRequests += 1
        return
      case 'invoke-end':
        if (event.function !== 'outbox-relay') addInvocation(event.function, event.durationMs)
    }
  }
  activity.on('activity', count)

  return {
    stop: () => {
      activity.off('activity', count)
      engine.updateIndexes = updateIndexes
      const allStoredBytes = [...storedBytes.values()].reduce((sum, bytes) => sum + bytes, 0)
      return { ...counts, writeUnits, storedBytes: allStoredBytes, functions }
    },
  }
}
