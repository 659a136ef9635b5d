import { randomUUID } from 'node:crypto'
import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb'
import { type DynamoDBDocumentClient, PutCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb'
import { unmarshall } from '@aws-sdk/util-dynamodb'
import * as z from 'zod/mini'
import type { OrderStatus } from '../domain/chain.ts'
import { type Change, changed } from '../domain/change.ts'
import { isOwedTo } from '../domain/events.ts'
import { type Order, storedOrder } from '../domain/order.ts'
import { claimFor, openQuestion } from '../domain/uncertainty.ts'
import { createOrderReads } from './order-reads.ts'
import { createOutboxMarks } from './outbox-marks.ts'

/** What a conditional write came to: the order as it is now, or the one that failed the condition, if any. */
export type Written = { written: true; order: Order } | { written: false; order: Order | undefined }

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

const toUpdate = ({ set, remove, log }: Change, lastWriteId: string, condition: Condition) => {
  const names: Record<string, string> = { '#version': 'version', ...condition.names }
  const values: Record<string, unknown> = { ':one': 1, ...condition.values }
  const assignments = Object.entries({ ...set, lastWriteId }).flatMap(([key, value]) => {
    // A fact that a vendor left out is no attribute.
    if (value === undefined) return []
    names[`#${key}`] = key
    values[`:${key}`] = value
    return [`#${key} = :${key}`]
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
  const removes = removals.length > 0 ? `REMOVE ${removals.join(', ')} ` : ''
  return {
    UpdateExpression: `SET ${assignments.join(', ')} ${removes}ADD #version :one`,
    ConditionExpression: condition.expression,
    ExpressionAttributeNames: names,
    ExpressionAttributeValues: values,
  }
}

const parseOrder = (item: unknown): Order => z.parse(storedOrder, item)

/** A failed condition that shows our own write is the SDK's retry of a write whose answer was lost. */
async function conditionally(
  isOurs: (found: Order) => boolean,
  write: () => Promise<Order>,
): Promise<Written> {
  try {
    return { written: true, order: await write() }
  } catch (error) {
    if (!(error instanceof ConditionalCheckFailedException)) throw error
    const found = error.Item && parseOrder(unmarshall(error.Item))
    return found && isOurs(found) ? { written: true, order: found } : { written: false, order: found }
  }
}

/** Whose turn it is to bring an order on, and under which conditions. Times are ISO 8601. */
export interface ClaimRequest {
  eventId: string
  from: OrderStatus
  claim: NonNullable<Order['claim']>
  now: string
  /** When the relay is to look at the order, if the claim ends without a result. */
  dueAt: string
}

/** The orders. Every change of one is a conditional write. */
export function createOrderRepository(client: DynamoDBDocumentClient, tableName: string) {
  const key = (orderId: string) => ({ TableName: tableName, Key: { orderId } })

  function update(order: Order, change: Change, condition: Condition): Promise<Written> {
    const writeId = randomUUID()
    return conditionally(
      ({ lastWriteId }) => lastWriteId === writeId,
      async () => {
        await client.send(
          new UpdateCommand({
            ...key(order.orderId),
            ...toUpdate(change, writeId, condition),
            ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
          }),
        )
        return { ...changed(order, change), lastWriteId: writeId }
      },
    )
  }

  /** Claims an order that nobody has claimed, and whose mark is due late enough, without reading it first. */
  const claimUnread = (orderId: string, { from, claim, now }: ClaimRequest): Promise<Written> => {
    const change: Change = { set: { claim, outboxSends: 0, outboxClaimed: true }, remove: [], log: [] }
    return conditionally(
      (found) => found.claim?.id === claim.id,
      async () => {
        const { Attributes } = await client.send(
          new UpdateCommand({
            ...key(orderId),
            ...toUpdate(change, claim.id, {
              expression:
                '#status = :from AND attribute_not_exists(deadLettered) AND attribute_not_exists(cancellation)' +
                ' AND attribute_not_exists(#claim) AND outboxDueAt >= :until' +
                ' AND (attribute_not_exists(nextAttemptAt) OR nextAttemptAt <= :now)',
              names: { '#status': 'status' },
              values: { ':from': from, ':now': now, ':until': claim.until },
            }),
            ReturnValues: 'ALL_NEW',
            ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
          }),
        )
        return parseOrder(Attributes)
      },
    )
  }

  return {
    ...createOrderReads(client, tableName),
    ...createOutboxMarks(client, tableName),

    /** Writes a new order, unless there is one with its id: then that one is the answer. */
    create: (order: Order): Promise<Written> =>
      conditionally(
        () => false,
        async () => {
          await client.send(
            new PutCommand({
              TableName: tableName,
              Item: order,
              ConditionExpression: 'attribute_not_exists(orderId)',
              ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
            }),
          )
          return order
        },
      ),

    /**
     * Claims an order for a step. A second call is made only where an earlier claim ended without an outcome,
     * the mark comes due under the claim, or the order was cancelled before.
     */
    async claim(orderId: string, request: ClaimRequest): Promise<Written> {
      const { eventId, claim, now, dueAt } = request
      const first = await claimUnread(orderId, request)
      const { order } = first
      if (first.written || order === undefined) return first
      const isFree = order.claim === undefined || order.claim.until < now
      const isDue = order.nextAttemptAt === undefined || order.nextAttemptAt <= now
      const isItsTurn = isOwedTo(claim.step, eventId, order)
      if (!isItsTurn || order.deadLettered !== undefined || !isFree || !isDue) return first
      const unknownOutcome = openQuestion(order)
      return this.change(order, {
        set: {
          claim: claimFor(order, claim),
          ...(unknownOutcome && { unknownOutcome }),
          outboxDueAt: dueAt,
          outboxSends: 0,
          outboxClaimed: true,
        },
        remove: [],
        log: [],
      })
    },

    /** Ends our own claim with its result, unless the order is in another status by now. */
    conclude: (order: Order, change: Change): Promise<Written> =>
      update(order, change, {
        expression: '#claim.#id = :own AND #status = :claimed',
        names: { '#claim': 'claim', '#id': 'id', '#status': 'status' },
        values: { ':own': order.claim?.id ?? '', ':claimed': order.status },
      }),

    /** Writes what was decided on an order that was read, unless it has changed since. */
    change: (order: Order, change: Change): Promise<Written> => update(order, change, unchangedSince(order)),
  }
}
/** See {@link createOrderRepository}. */
export type OrderRepository = ReturnType<typeof createOrderRepository>
