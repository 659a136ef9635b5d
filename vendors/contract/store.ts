import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb'
import { type DynamoDBDocumentClient, GetCommand, PutCommand, paginateQuery } from '@aws-sdk/lib-dynamodb'
import * as z from 'zod'
import { entryOf, newRecord } from '../conduct.ts'
import { type Faults, faultsSchema, noFaults } from '../faults.ts'
import type { LedgerEntry, VendorRecord } from '../protocol.ts'
import { type Memory, recall, saved, savedMemory } from './fake.ts'

/** Simulated data expires after a week. */
const keptSeconds = 7 * 24 * 3600
const conflictLimit = 20

const record = z.object({
  reference: z.string(),
  id: z.string().nullable(),
  createCalls: z.number(),
  created: z.number(),
  undoneAt: z.array(z.number()),
})
const orderItem = z.object({ version: z.number(), state: z.string() })
const orderState = z.object({ record: record.optional(), memory: savedMemory.optional() })
const faultsItem = z.object({ faults: faultsSchema })

/** What a call works on: the vendor's memory of one order, and its record. */
export interface Work {
  memory: Memory
  recordOf(): VendorRecord
}

/** The state of a simulator on AWS, in a table keyed by `vendor` and `id`: an item per order, per key, and for faults. */
export function createVendorStore(
  documents: DynamoDBDocumentClient,
  { tableName: TableName, vendor, now }: { tableName: string; vendor: string; now: () => number },
) {
  const read = async (id: string) =>
    (await documents.send(new GetCommand({ TableName, Key: { vendor, id }, ConsistentRead: true }))).Item

  /** Returns false if the condition does not hold. */
  async function put(id: string, fields: object, condition: object): Promise<boolean> {
    const Item = { vendor, id, ...fields, expiresAt: Math.floor(now() / 1000) + keptSeconds }
    try {
      await documents.send(new PutCommand({ TableName, Item, ...condition }))
      return true
    } catch (error) {
      if (error instanceof ConditionalCheckFailedException) return false
      throw error
    }
  }

  const faults = async (): Promise<Faults> => {
    const item = await read('faults')
    return item ? faultsItem.parse(item).faults : noFaults
  }

  /** Runs `work` on the stored state of an order. */
  async function workOn<T>(order: string, work: (state: Work) => T) {
    const item = await read(`order#${order}`)
    const { version, state: before } = item ? orderItem.parse(item) : { version: 0, state: '{}' }
    const stored = orderState.parse(JSON.parse(before))
    let { record } = stored
    const recordOf = () => {
      record ??= newRecord(order)
      return record
    }
    const memory = recall(stored.memory)
    const result = work({ memory, recordOf })
    const state = record ? JSON.stringify({ record, memory: saved(memory) }) : before
    return { result, version, state, isChanged: state !== before }
  }

  return {
    faults,
    setFaults: (faults: Faults): Promise<unknown> => put('faults', { faults }, {}),
    /** Claims a key for an order. Returns false if another order has claimed it first. */
    holdKey: (key: string, order: string): Promise<boolean> =>
      put(
        `key#${key}`,
        { order },
        {
          ConditionExpression: 'attribute_not_exists(id) OR #order = :order',
          ExpressionAttributeNames: { '#order': 'order' },
          ExpressionAttributeValues: { ':order': order },
        },
      ),
    /** Lets a call read an order's state, and discards its changes. */
    look: async <T>(order: string, see: (state: Work) => T): Promise<T> => (await workOn(order, see)).result,
    /** Runs a call on an order in a transaction: its things, keys and record are saved together, or not at all. */
    async transact<T>(order: string, work: (state: Work) => T): Promise<T> {
      for (let tries = 0; tries < conflictLimit; tries += 1) {
        const { result, version, state, isChanged } = await workOn(order, work)
        const condition = {
          ConditionExpression: 'attribute_not_exists(id) OR version = :version',
          ExpressionAttributeValues: { ':version': version },
        }
        if (!isChanged || (await put(`order#${order}`, { version: version + 1, state }, condition)))
          return result
      }
      throw new Error(`Too many calls for ${order} at once`)
    },
    async ledger(): Promise<LedgerEntry[]> {
      const query = {
        TableName,
        ConsistentRead: true,
        KeyConditionExpression: 'vendor = :vendor AND begins_with(id, :orders)',
        ExpressionAttributeValues: { ':vendor': vendor, ':orders': 'order#' },
      }
      const entries: LedgerEntry[] = []
      for await (const { Items = [] } of paginateQuery({ client: documents }, query))
        for (const item of Items) {
          const { record } = orderState.parse(JSON.parse(orderItem.parse(item).state))
          if (record) entries.push(entryOf(record, now()))
        }
      return entries
    },
  }
}
/** See {@link createVendorStore}. */
export type VendorStore = ReturnType<typeof createVendorStore>
