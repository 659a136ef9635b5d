import { randomUUID } from 'node:crypto'
import { type DynamoDBDocumentClient, PutCommand } from '@aws-sdk/lib-dynamodb'
import * as z from 'zod/mini'
import type { Change } from '../domain/change.ts'
import { type Order, storedOrder } from '../domain/order.ts'
import { markAttributes } from '../domain/outbox.ts'
import { type Conditional, conditionally, updateIf, updateOf } from './conditional-update.ts'
import { createOrderReads } from './order-reads.ts'

/** The result of a conditional write: the order as it is now, or the one that failed the condition, if any. */
export type Written = { written: true; order: Order } | { written: false; order: Order | undefined }

/** If the condition failed on our own write, the SDK has retried a write whose response was lost. */
function outcomeOf({ written, item }: Conditional, isOurs: (found: Order) => boolean): Written {
  const order = item && z.parse(storedOrder(), item)
  return order && (written || isOurs(order)) ? { written: true, order } : { written: false, order }
}

/** The writes of the order repository, all conditional. create-order needs only these. */
export function createOrderWrites(client: DynamoDBDocumentClient, tableName: string) {
  /** Writes a change under a condition. `lastWriteId` tells the SDK's retry of this write from any other write. */
  async function write(
    orderId: string,
    { set, log = [] }: Change,
    lastWriteId: string,
    ConditionExpression: string,
    conditionValues: Record<string, unknown>,
  ): Promise<Written> {
    const appends = log.length > 0 ? ['#timeline = list_append(#timeline, :log)'] : []
    const { expression, values } = updateOf({ ...set, lastWriteId }, ...appends)
    const written = await updateIf(client, {
      TableName: tableName,
      Key: { orderId },
      UpdateExpression: expression,
      ConditionExpression,
      ExpressionAttributeValues: { ...values, ...conditionValues, ...(log.length > 0 && { ':log': log }) },
      ReturnValues: 'ALL_NEW',
    })
    return outcomeOf(written, (found) => found.lastWriteId === lastWriteId)
  }

  return {
    write,

    /** Writes a new order, or returns the existing one with its id. With `isRefused` it never writes. */
    async create(order: Order, isRefused = false): Promise<Written> {
      const created = await conditionally(() =>
        client.send(
          new PutCommand({
            TableName: tableName,
            Item: order,
            ConditionExpression: `attribute_not_exists(orderId)${isRefused ? ' AND attribute_exists(orderId)' : ''}`,
            ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
          }),
        ),
      )
      return created.written ? { written: true, order } : outcomeOf(created, () => false)
    },

    /** Ends our own claim with its result, unless the order's status has changed. */
    conclude: (order: Order, change: Change): Promise<Written> =>
      write(order.orderId, change, randomUUID(), '#claim.#id = :own AND #status = :claimed', {
        ':own': order.claim?.id ?? '',
        ':claimed': order.status,
      }),

    /** Writes a change, unless the order has changed since it was read. */
    change: (order: Order, change: Change): Promise<Written> =>
      write(order.orderId, change, randomUUID(), 'version = :seen', { ':seen': order.version }),

    /** Removes the outbox mark, unless the order owes a different event by now. */
    async clearMark(order: Order): Promise<void> {
      await updateIf(client, {
        TableName: tableName,
        Key: { orderId: order.orderId },
        UpdateExpression: `REMOVE ${markAttributes.join(', ')}`,
        ConditionExpression: 'outboxEventId = :eventId',
        ExpressionAttributeValues: { ':eventId': order.outboxEventId ?? '' },
      })
    },
  }
}

/** The order repository. Every change is a conditional write. */
export const createOrderRepository = (client: DynamoDBDocumentClient, tableName: string) => ({
  ...createOrderReads(client, tableName),
  ...createOrderWrites(client, tableName),
})
export type OrderRepository = ReturnType<typeof createOrderRepository>
