import { randomUUID } from 'node:crypto'
import { type DynamoDBDocumentClient, PutCommand } from '@aws-sdk/lib-dynamodb'
import * as z from 'zod/mini'
import type { OrderStatus } from '../domain/chain.ts'
import type { Change } from '../domain/change.ts'
import { isOwedTo } from '../domain/events.ts'
import { type Order, storedOrder } from '../domain/order.ts'
import { markAttributes } from '../domain/outbox.ts'
import { claimFor, openQuestion } from '../domain/uncertainty.ts'
import { type Conditional, conditionally, updateIf, updateOf } from './conditional-update.ts'
import { createOrderReads } from './order-reads.ts'

/** What a conditional write came to: the order as it is now, or the one that failed the condition, if any. */
export type Written = { written: true; order: Order } | { written: false; order: Order | undefined }

/** A failed condition that shows our own write is the SDK's retry of a write whose answer was lost. */
function outcomeOf({ written, item }: Conditional, isOurs: (found: Order) => boolean): Written {
  const order = item && z.parse(storedOrder, item)
  return order && (written || isOurs(order)) ? { written: true, order } : { written: false, order }
}

/** Whose turn it is to bring an order on, and under which conditions. Times are ISO 8601. */
export interface ClaimRequest {
  eventId: string
  lane: string
  from: OrderStatus
  claim: NonNullable<Order['claim']>
  now: string
  /** When the relay is to look at the order, if the claim ends without a result. */
  dueAt: string
}

/** The orders. Every change of one is a conditional write. */
export function createOrderRepository(client: DynamoDBDocumentClient, tableName: string) {
  async function update(
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

  /** Claims an order that nobody has claimed, and whose mark is due late enough, without reading it first. */
  const claimUnread = (orderId: string, { from, lane, claim, now }: ClaimRequest): Promise<Written> =>
    update(
      orderId,
      { set: { claim, outboxSends: 0, outboxClaimed: true } },
      claim.id,
      `#status = :from AND vendors.#${claim.step} = :lane` +
        ' AND attribute_not_exists(deadLettered) AND attribute_not_exists(cancellation)' +
        ' AND attribute_not_exists(#claim) AND outboxDueAt >= :until' +
        ' AND (attribute_not_exists(nextAttemptAt) OR nextAttemptAt <= :now)',
      { ':from': from, ':lane': lane, ':now': now, ':until': claim.until },
    )

  return {
    ...createOrderReads(client, tableName),

    /** Writes a new order, unless there is one with its id: then that one is the answer. */
    async create(order: Order): Promise<Written> {
      const created = await conditionally(() =>
        client.send(
          new PutCommand({
            TableName: tableName,
            Item: order,
            ConditionExpression: 'attribute_not_exists(orderId)',
            ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
          }),
        ),
      )
      return created.written ? { written: true, order } : outcomeOf(created, () => false)
    },

    /**
     * Claims an order for a step. A second call is made only where an earlier claim ended without an outcome,
     * the mark comes due under the claim, or the order was cancelled before.
     */
    async claim(orderId: string, request: ClaimRequest): Promise<Written> {
      const { eventId, lane, claim, now, dueAt } = request
      const first = await claimUnread(orderId, request)
      const { order } = first
      if (first.written || order === undefined) return first
      const isFree = order.claim === undefined || order.claim.until < now
      const isDue = order.nextAttemptAt === undefined || order.nextAttemptAt <= now
      const isItsTurn = isOwedTo(lane, eventId, order)
      if (!isItsTurn || order.deadLettered !== undefined || !isFree || !isDue) return first
      return this.change(order, {
        set: {
          claim: claimFor(order, claim),
          unknownOutcome: openQuestion(order),
          outboxDueAt: dueAt,
          outboxSends: 0,
          outboxClaimed: true,
        },
      })
    },

    /** Ends our own claim with its result, unless the order is in another status by now. */
    conclude: (order: Order, change: Change): Promise<Written> =>
      update(order.orderId, change, randomUUID(), '#claim.#id = :own AND #status = :claimed', {
        ':own': order.claim?.id ?? '',
        ':claimed': order.status,
      }),

    /** Writes what was decided on an order that was read, unless it has changed since. */
    change: (order: Order, change: Change): Promise<Written> =>
      update(order.orderId, change, randomUUID(), 'version = :seen', { ':seen': order.version }),

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
  }
}
/** See {@link createOrderRepository}. */
export type OrderRepository = ReturnType<typeof createOrderRepository>
