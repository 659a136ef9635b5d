import { type DynamoDBDocumentClient, QueryCommand, TransactWriteCommand } from '@aws-sdk/lib-dynamodb'
import * as z from 'zod/mini'
import { type OutboxTrouble, outboxTrouble } from '../domain/order.ts'
import { updateIf } from './conditional-update.ts'
import { createdEntry } from './order-reads.ts'
import { createOrderRepository } from './order-repository.ts'
import { ifReadable } from './parse.ts'

const outboxEntry = z.object({ orderId: z.string(), outboxDueAt: z.string() })
/** An entry of the outbox index. */
export type OutboxEntry = z.output<typeof outboxEntry>

const owed = z.object({
  ...outboxEntry.shape,
  outboxEventId: ifReadable(z.string()),
  outboxSends: ifReadable(z.number()),
  outboxTrouble: ifReadable(outboxTrouble()),
})
/** What the relay needs of an order that owes an event, even if the rest of its item is unreadable. */
export type Owed = z.output<typeof owed>
/** The readable part of an unreadable item; undefined if it owes no event. */
export const readableMark = (item: unknown): Owed | undefined => z.safeParse(owed, item).data

const deadLetterEntry = z.object({ orderId: z.string(), deadLetteredAt: z.string() })

/** The order repository with outbox marks and indexes, for the relay and the operator's tools. */
export function createOutboxRepository(client: DynamoDBDocumentClient, tableName: string) {
  /** Builds an update that moves a mark, unless it has been moved since it was read. */
  const moving = ({ orderId, outboxDueAt }: Owed, dueAt: string, changes: string, values: object) => ({
    TableName: tableName,
    Key: { orderId },
    UpdateExpression: `SET outboxDueAt = :dueAt, ${changes}`,
    ConditionExpression: 'outboxDueAt = :seen',
    ExpressionAttributeValues: { ':seen': outboxDueAt, ':dueAt': dueAt, ...values },
  })
  const pushing = (order: Owed, dueAt: string) =>
    moving(order, dueAt, 'outboxSends = :sends REMOVE outboxTrouble', {
      ':sends': (order.outboxSends ?? 0) + 1,
    })

  /** Reads a page of an index: a partition's entries up to a time, earliest first, starting after an entry. */
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
    ...createOrderRepository(client, tableName),

    /** Moves the mark before its event is sent. False if the order has moved on or another run is sending it. */
    async pushMark(order: Owed, dueAt: string): Promise<boolean> {
      const { written, item } = await updateIf(client, pushing(order, dueAt))
      // If the condition failed on our own time, the SDK has retried a write whose response was lost.
      return written || item?.outboxDueAt === dueAt
    },

    /** Moves many marks in one transaction, at a tenth of the CPU of single calls. Throws, moving none, if one fails. */
    async pushMarks(marks: readonly { order: Owed; dueAt: string }[]): Promise<void> {
      const TransactItems = marks.map(({ order, dueAt }) => ({ Update: pushing(order, dueAt) }))
      await client.send(new TransactWriteCommand({ TransactItems }))
    },

    /** Moves the mark of an event that could not be sent. */
    async postponeMark(order: Owed, dueAt: string, trouble: OutboxTrouble): Promise<void> {
      const values = { ':sends': order.outboxSends ?? 0, ':trouble': trouble }
      await updateIf(client, moving(order, dueAt, 'outboxSends = :sends, outboxTrouble = :trouble', values))
    },

    /** A page of an outbox partition's orders that are due, the most overdue first. */
    due: pages('outbox', 'outboxPartition', 'outboxDueAt', outboxEntry),

    /** A page of a partition's unresolved orders that were dead-lettered up to a time, oldest first. */
    deadLetters: pages('deadLetters', 'deadLetterPartition', 'deadLetteredAt', deadLetterEntry),

    /** A page of the orders with an AWB: at most one, unless two carriers use the same number. */
    withAwb: pages('byAwb', 'awb', 'createdAt', createdEntry),

    /** Counts the orders of an outbox partition, due or not, up to `limit`. */
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
export type OutboxRepository = ReturnType<typeof createOutboxRepository>
