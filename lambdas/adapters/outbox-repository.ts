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
/** What the relay must know of an order that owes an event, even if the rest of its item is unreadable. */
export type Owed = z.output<typeof owed>
/** The readable part of an unreadable item; undefined where it owes nothing. */
export const readableMark = (item: unknown): Owed | undefined => z.safeParse(owed, item).data

const deadLetterEntry = z.object({ orderId: z.string(), deadLetteredAt: z.string() })

/** The orders with the marks of what they owe and the indexes of them: for the relay, and the operator's tools. */
export function createOutboxRepository(client: DynamoDBDocumentClient, tableName: string) {
  /** The update that moves a mark, unless another has moved it since it was read. */
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
    ...createOrderRepository(client, tableName),

    /** Moves the mark before its event is sent. False where the order got on, or another run sends it. */
    async pushMark(order: Owed, dueAt: string): Promise<boolean> {
      const { written, item } = await updateIf(client, pushing(order, dueAt))
      // A failed condition that shows our own time is the repetition of a write whose answer was lost.
      return written || item?.outboxDueAt === dueAt
    },

    /** Moves many marks at a tenth of the CPU that one call for each takes. Throws where one cannot be moved: none is. */
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

    /** A page of a partition's orders that have been dead-lettered until a time and not dealt with, the oldest first. */
    deadLetters: pages('deadLetters', 'deadLetterPartition', 'deadLetteredAt', deadLetterEntry),

    /** A page of the orders that have an AWB: one or none, where no two carriers number alike. */
    withAwb: pages('byAwb', 'awb', 'createdAt', createdEntry),

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
export type OutboxRepository = ReturnType<typeof createOutboxRepository>
