import { BatchGetCommand, type DynamoDBDocumentClient, GetCommand, QueryCommand } from '@aws-sdk/lib-dynamodb'
import * as z from 'zod/mini'
import { type Order, storedOrder } from '../domain/order.ts'

/** A page of orders, and the position after which the next page starts. */
export interface Page {
  orders: Order[]
  next?: { createdAt: string; orderId: string } | undefined
}

/** An entry of an index sorted by creation time. */
export const createdEntry = z.object({ orderId: z.string(), createdAt: z.string() })

/** BatchGetItem's limit: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchGetItem.html */
const batchGetLimit = 100

/** The reads of the order repository. */
export function createOrderReads(client: DynamoDBDocumentClient, tableName: string) {
  return {
    async get(orderId: string): Promise<Order | undefined> {
      const { Item } = await client.send(
        new GetCommand({ TableName: tableName, Key: { orderId }, ConsistentRead: true }),
      )
      return Item && z.parse(storedOrder(), Item)
    },

    /** Reads orders, unsorted. Throws if DynamoDB processes none of a batch, and whatever `onUnreadable` throws. */
    async getAll(
      orderIds: readonly string[],
      onUnreadable: (item: unknown, error: Error) => void,
    ): Promise<Order[]> {
      const orders: Order[] = []
      let open: string[] = [...orderIds]
      while (open.length > 0) {
        const keys = open.splice(0, batchGetLimit).map((orderId) => ({ orderId }))
        const { Responses, UnprocessedKeys } = await client.send(
          new BatchGetCommand({ RequestItems: { [tableName]: { Keys: keys, ConsistentRead: true } } }),
        )
        for (const item of Responses?.[tableName] ?? []) {
          const parsed = z.safeParse(storedOrder(), item)
          if (parsed.success) orders.push(parsed.data)
          else onUnreadable(item, parsed.error)
        }
        const unread = UnprocessedKeys?.[tableName]?.Keys ?? []
        if (unread.length === keys.length) throw new Error('DynamoDB left a whole batch unprocessed')
        open = [...z.parse(z.array(z.object({ orderId: z.string() })), unread).map((k) => k.orderId), ...open]
      }
      return orders
    },

    /** An owner's orders, newest first, without those that cannot be read. */
    async list(
      ownerId: string,
      { limit, from }: { limit: number; from: Page['next'] },
      onUnreadable: (orderId: string, error: Error) => void,
    ): Promise<Page> {
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
      const ids = Items.map((entry) => z.parse(createdEntry, entry).orderId)
      const found = await this.getAll(ids, (item, error) =>
        onUnreadable(z.parse(createdEntry, item).orderId, error),
      )
      const orders = ids.flatMap((id) => found.find(({ orderId }) => orderId === id) ?? [])
      return LastEvaluatedKey ? { orders, next: z.parse(createdEntry, LastEvaluatedKey) } : { orders }
    },
  }
}
export type OrderReads = ReturnType<typeof createOrderReads>
