import { type DynamoDBDocumentClient, QueryCommand } from '@aws-sdk/lib-dynamodb'
import * as z from 'zod/mini'
import type { Order, OutboxTrouble } from '../domain/order.ts'
import { markAttributes } from '../domain/outbox.ts'
import { updateIf } from './conditional-update.ts'
import type { Owed } from './owed-order.ts'

export const outboxEntry = z.object({ orderId: z.string(), outboxDueAt: z.string() })
/** An entry of the outbox index. */
export type OutboxEntry = z.output<typeof outboxEntry>

const deadLetterEntry = z.object({ orderId: z.string(), deadLetteredAt: z.string() })

/** The marks of the orders that owe an event or wait for a person, and their indexes. Part of the order repository. */
export function createOutboxMarks(client: DynamoDBDocumentClient, tableName: string) {
  /** Moves a mark that nobody has moved since it was read. Answers whether it did. */
  async function moveMark(
    { orderId, outboxDueAt }: OutboxEntry,
    { expression, dueAt, values }: { expression: string; dueAt: string; values: Record<string, unknown> },
  ): Promise<boolean> {
    const { written, item } = await updateIf(client, {
      TableName: tableName,
      Key: { orderId },
      UpdateExpression: expression,
      ConditionExpression: 'outboxDueAt = :seen',
      ExpressionAttributeValues: { ':seen': outboxDueAt, ':dueAt': dueAt, ...values },
    })
    // A failed condition that shows our own time is the SDK's retry of a write whose answer was lost.
    return written || item?.outboxDueAt === dueAt
  }

  /** Reads an index: a partition's entries up to a time, the earliest first, from after an entry on. */
  const pages =
    <Entry>(IndexName: string, hash: string, range: keyof Entry & string, entry: z.ZodMiniType<Entry>) =>
    async (partition: string, until: string, limit: number, after?: Entry): Promise<Entry[]> => {
      const { Items = [] } = await client.send(
        new QueryCommand({
          TableName: tableName,
          IndexName,
          KeyConditionExpression: `${hash} = :partition AND ${range} <= :until`,
          ExpressionAttributeValues: { ':partition': partition, ':until': until },
          Limit: limit,
          ...(after && { ExclusiveStartKey: { ...after, [hash]: partition } }),
        }),
      )
      return Items.map((item) => z.parse(entry, item))
    }

  return {
    /** Removes the mark, unless the order owes another event by now. */
    async clearMark(order: Order): Promise<void> {
      await updateIf(client, {
        TableName: tableName,
        Key: { orderId: order.orderId },
        UpdateExpression: `REMOVE ${markAttributes.join(', ')}`,
        ConditionExpression: 'outboxEventId = :eventId',
        ExpressionAttributeValues: { ':eventId': order.outboxEventId ?? '' },
      })
    },

    /** Moves the mark before its event is sent. False where the order got on, or another run sends it. */
    pushMark: (order: Owed, dueAt: string): Promise<boolean> =>
      moveMark(order, {
        expression: 'SET outboxDueAt = :dueAt, outboxSends = :sends REMOVE outboxTrouble',
        dueAt,
        values: { ':sends': (order.outboxSends ?? 0) + 1 },
      }),

    /** Moves the mark of an event that could not be sent. */
    async postponeMark(order: Owed, dueAt: string, trouble: OutboxTrouble): Promise<void> {
      await moveMark(order, {
        expression: 'SET outboxDueAt = :dueAt, outboxSends = :sends, outboxTrouble = :trouble',
        dueAt,
        values: { ':sends': order.outboxSends ?? 0, ':trouble': trouble },
      })
    },

    /** A page of an outbox partition's orders that are due, the most overdue first. */
    due: pages('outbox', 'outboxPartition', 'outboxDueAt', outboxEntry),

    /** A page of a partition's orders that have been dead-lettered until a time and not dealt with, the oldest first. */
    deadLetters: pages('deadLetters', 'deadLetterPartition', 'deadLetteredAt', deadLetterEntry),

    /** How many orders an outbox partition holds, due or not, at most `limit`. */
    async count(partition: string, limit: number): Promise<number> {
      const { Count = 0 } = await client.send(
        new QueryCommand({
          TableName: tableName,
          IndexName: 'outbox',
          KeyConditionExpression: 'outboxPartition = :partition',
          ExpressionAttributeValues: { ':partition': partition },
          Select: 'COUNT',
          Limit: limit,
        }),
      )
      return Count
    },
  }
}
