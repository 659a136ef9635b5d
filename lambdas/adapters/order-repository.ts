import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb'
import {
  BatchGetCommand,
  type DynamoDBDocumentClient,
  GetCommand,
  PutCommand,
  QueryCommand,
  UpdateCommand,
} from '@aws-sdk/lib-dynamodb'
import { unmarshall } from '@aws-sdk/util-dynamodb'
import * as z from 'zod/mini'
import type { OrderStatus } from '../domain/chain.ts'
import { type Order, storedOrder } from '../domain/order.ts'
import { type Change, changed } from '../domain/order-changes.ts'

/** What a conditional write came to: the order as it is now, or the order that stood in its way, if there is one. */
export type Written = { written: true; order: Order } | { written: false; order: Order | undefined }

/** A page of orders, and where the next one starts. */
export interface Page {
  orders: Order[]
  next?: { createdAt: string; orderId: string }
}

/** An entry of the outbox index. */
export interface OutboxEntry {
  orderId: string
  outboxDueAt: string
}

const outboxEntry = z.object({ orderId: z.string(), outboxDueAt: z.string() })
const ownerEntry = z.object({ orderId: z.string(), createdAt: z.string() })

/** BatchGetItem's limit: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchGetItem.html */
const batchGetLimit = 100

/** A condition on the order as it is stored. */
interface Condition {
  expression: string
  names?: Record<string, string>
  values: Record<string, unknown>
}

const unchangedSince = ({ version }: Order): Condition => ({
  expression: 'version = :seen',
  values: { ':seen': version },
})

const toUpdate = ({ set, remove, log }: Change, condition: Condition) => {
  const names: Record<string, string> = { '#version': 'version', ...condition.names }
  const values: Record<string, unknown> = { ':one': 1, ...condition.values }
  const assignments = Object.entries(set).map(([key, value]) => {
    names[`#${key}`] = key
    values[`:${key}`] = value
    return `#${key} = :${key}`
  })
  if (log.length > 0) {
    names['#timeline'] = 'timeline'
    values[':log'] = log
    assignments.push('#timeline = list_append(#timeline, :log)')
  }
  const removals = remove.map((key) => {
    names[`#${key}`] = key
    return `#${key}`
  })
  const sets = assignments.length > 0 ? `SET ${assignments.join(', ')} ` : ''
  const removes = removals.length > 0 ? `REMOVE ${removals.join(', ')} ` : ''
  return {
    UpdateExpression: `${sets}${removes}ADD #version :one`,
    ConditionExpression: condition.expression,
    ExpressionAttributeNames: names,
    ExpressionAttributeValues: values,
  }
}

const parseOrder = (item: unknown): Order => z.parse(storedOrder, item)

/** Runs a write; a failed condition is an answer, not an error. */
async function conditionally(write: () => Promise<Order>): Promise<Written> {
  try {
    return { written: true, order: await write() }
  } catch (error) {
    if (!(error instanceof ConditionalCheckFailedException)) throw error
    return { written: false, order: error.Item && parseOrder(unmarshall(error.Item)) }
  }
}

/** The orders. The only file that knows their items; every promise of theirs is a condition here. */
export function createOrderRepository(client: DynamoDBDocumentClient, tableName: string) {
  const key = (orderId: string) => ({ TableName: tableName, Key: { orderId } })

  /** Writes a change if the order meets the condition. */
  const update = (order: Order, change: Change, condition: Condition): Promise<Written> =>
    conditionally(async () => {
      await client.send(
        new UpdateCommand({
          ...key(order.orderId),
          ...toUpdate(change, condition),
          ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
        }),
      )
      return changed(order, change)
    })

  /** Moves or removes the mark, unless it has become another event's by now. */
  async function moveMark(order: Order, UpdateExpression: string, values: Record<string, unknown>) {
    try {
      await client.send(
        new UpdateCommand({
          ...key(order.orderId),
          UpdateExpression,
          ConditionExpression: 'outboxEventId = :eventId',
          ExpressionAttributeValues: { ':eventId': order.outboxEventId ?? '', ...values },
        }),
      )
    } catch (error) {
      if (!(error instanceof ConditionalCheckFailedException)) throw error
    }
  }

  return {
    /** Writes a new order: the commit point. Where one has its id already, that one is the answer. */
    create: (order: Order): Promise<Written> =>
      conditionally(async () => {
        await client.send(
          new PutCommand({
            TableName: tableName,
            Item: order,
            ConditionExpression: 'attribute_not_exists(orderId)',
            ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
          }),
        )
        return order
      }),

    /** Reads an order, consistently. */
    async get(orderId: string): Promise<Order | undefined> {
      const { Item } = await client.send(new GetCommand({ ...key(orderId), ConsistentRead: true }))
      return Item && parseOrder(Item)
    },

    /**
     * Reads orders, consistently and in any order. Throws where DynamoDB keeps leaving some unread, and for an
     * item that makes no sense, unless `onUnreadable` takes note of that.
     */
    async getAll(
      orderIds: readonly string[],
      onUnreadable: (orderId: string, error: Error) => void = (_orderId, error) => {
        throw error
      },
    ): Promise<Order[]> {
      const orders: Order[] = []
      let open: string[] = [...orderIds]
      while (open.length > 0) {
        const keys = open.splice(0, batchGetLimit).map((orderId) => ({ orderId }))
        const { Responses, UnprocessedKeys } = await client.send(
          new BatchGetCommand({ RequestItems: { [tableName]: { Keys: keys, ConsistentRead: true } } }),
        )
        const read = Responses?.[tableName] ?? []
        for (const item of read) {
          const parsed = z.safeParse(storedOrder, item)
          if (parsed.success) orders.push(parsed.data)
          else onUnreadable(String(item.orderId), parsed.error)
        }
        const unread = UnprocessedKeys?.[tableName]?.Keys ?? []
        if (unread.length === keys.length) throw new Error('DynamoDB left a whole batch unprocessed')
        open = [...z.parse(z.array(z.object({ orderId: z.string() })), unread).map((k) => k.orderId), ...open]
      }
      return orders
    },

    /** An owner's orders, newest first. */
    async list(ownerId: string, limit: number, from?: Page['next']): Promise<Page> {
      const { Items = [], LastEvaluatedKey } = await client.send(
        new QueryCommand({
          TableName: tableName,
          IndexName: 'byOwner',
          KeyConditionExpression: 'ownerId = :ownerId',
          ExpressionAttributeValues: { ':ownerId': ownerId },
          ScanIndexForward: false,
          Limit: limit,
          ...(from && { ExclusiveStartKey: { ownerId, ...from } }),
        }),
      )
      const ids = Items.map((entry) => z.parse(ownerEntry, entry).orderId)
      const found = new Map((await this.getAll(ids)).map((order) => [order.orderId, order]))
      const orders = ids.flatMap((id) => found.get(id) ?? [])
      return LastEvaluatedKey ? { orders, next: z.parse(ownerEntry, LastEvaluatedKey) } : { orders }
    },

    /**
     * Claims an order for a step: it must be in the step's status, not dead-lettered, not before its next
     * attempt, and nobody else's. One call replaces the read, the status check and the lease.
     * A claim that ended without an outcome is an outcome that nobody knows.
     */
    claim: (
      orderId: string,
      {
        from,
        claim,
        now,
        dueAt,
      }: { from: OrderStatus; claim: NonNullable<Order['claim']>; now: string; dueAt: string },
    ): Promise<Written> =>
      conditionally(async () => {
        const change: Change = {
          set: { claim, outboxDueAt: dueAt, outboxSends: 0, outboxClaimed: true },
          remove: [],
          log: [],
        }
        const { Attributes } = await client.send(
          new UpdateCommand({
            ...key(orderId),
            ...toUpdate(change, {
              expression:
                '#status = :from AND attribute_not_exists(deadLettered)' +
                ' AND (attribute_not_exists(#claim) OR #claim.#until < :now)' +
                ' AND (attribute_not_exists(nextAttemptAt) OR nextAttemptAt <= :now)',
              names: { '#status': 'status', '#until': 'until' },
              values: { ':from': from, ':now': now },
            }),
            ReturnValues: 'ALL_OLD',
            ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
          }),
        )
        const before = parseOrder(Attributes)
        const order = changed(before, change)
        if (before.claim === undefined) return order
        const round = before.unknownOutcome?.round ?? before.round
        return { ...order, unknownOutcome: { at: before.claim.until, round } }
      }),

    /** Ends our own claim with what came of it. */
    conclude: (order: Order, change: Change): Promise<Written> =>
      update(order, change, {
        expression: '#claim.#id = :own',
        names: { '#claim': 'claim', '#id': 'id' },
        values: { ':own': order.claim?.id ?? '' },
      }),

    /** Writes what was decided on an order that was read, unless it has changed since. */
    change: (order: Order, change: Change): Promise<Written> => update(order, change, unchangedSince(order)),

    /** The event has been taken in by everybody who must: nothing is owed any more. */
    clearMark: (order: Order): Promise<void> =>
      moveMark(order, 'REMOVE outboxEventId, outboxPartition, outboxDueAt, outboxSends, outboxClaimed', {}),

    /** The event could not be sent: look again at `dueAt`. */
    postponeMark: (order: Order, dueAt: string): Promise<void> =>
      moveMark(order, 'SET outboxDueAt = :dueAt', { ':dueAt': dueAt }),

    /** The event has been sent once more: look again at `dueAt`. */
    pushMark: (order: Order, dueAt: string): Promise<void> =>
      moveMark(order, 'SET outboxDueAt = :dueAt ADD outboxSends :one', { ':dueAt': dueAt, ':one': 1 }),

    /** The entries of one outbox partition that are due, the most overdue first. */
    async due(partition: string, now: string, limit: number): Promise<OutboxEntry[]> {
      const { Items = [] } = await client.send(
        new QueryCommand({
          TableName: tableName,
          IndexName: 'outbox',
          KeyConditionExpression: 'outboxPartition = :partition AND outboxDueAt <= :now',
          ExpressionAttributeValues: { ':partition': partition, ':now': now },
          Limit: limit,
        }),
      )
      return Items.map((entry) => z.parse(outboxEntry, entry))
    },

    /** How many orders an outbox partition holds, due or not; a megabyte of index (some 10,000) at the most. */
    async count(partition: string): Promise<number> {
      const { Count = 0 } = await client.send(
        new QueryCommand({
          TableName: tableName,
          IndexName: 'outbox',
          KeyConditionExpression: 'outboxPartition = :partition',
          ExpressionAttributeValues: { ':partition': partition },
          Select: 'COUNT',
        }),
      )
      return Count
    },
  }
}
/** See {@link createOrderRepository}. */
export type OrderRepository = ReturnType<typeof createOrderRepository>
