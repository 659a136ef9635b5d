import type { Message } from '@aws-sdk/client-sqs'
import * as z from 'zod/mini'
import { parseJson } from '../../lambdas/adapters/parse.ts'
import { deadLetterNumberAttribute } from '../../lambdas/adapters/step-queue.ts'
import { isOwedTo } from '../../lambdas/domain/events.ts'
import { orderIdPattern } from '../../lambdas/domain/identity.ts'
import type { Order } from '../../lambdas/domain/order.ts'
import { CommandError } from '../cli/command-error.ts'
import type { DeadLetterQueue } from '../cli/environment.ts'
import type { Filter } from '../orders/listing.ts'

const orderEvent = z.object({
  'detail-type': z.string(),
  detail: z.object({
    metadata: z.object({ eventId: z.string() }),
    data: z.object({ orderId: z.string().check(z.regex(orderIdPattern)) }),
  }),
})

/** The ids in a message, if it is an order event. */
function subjectOf(body: string): { orderId?: string; eventId?: string } {
  // A DLQ may hold anything; a message that is not an order event has no ids.
  const { data } = z.safeParse(orderEvent, parseJson(body))
  return { ...data?.detail.data, ...data?.detail.metadata }
}

/** The reason shown for a message that SQS's redrive policy moved: SQS adds no attributes. */
export const movedBySqs = 'RECEIVED_TOO_OFTEN_FOR_SQS'

export function parseDeadLetter(message: Message, queue: DeadLetterQueue) {
  const { MessageId = '', ReceiptHandle = '', Body = '', MessageAttributes = {}, Attributes = {} } = message
  const text = (name: string) => MessageAttributes[name]?.StringValue
  const number = text(deadLetterNumberAttribute)
  const isUndelivered = queue.kind === 'undelivered'
  const given = text(isUndelivered ? 'ERROR_CODE' : 'reason')
  const { orderId, eventId = '' } = subjectOf(Body)
  return {
    queue,
    receiptHandle: ReceiptHandle,
    /** X-Ray's trace header, a system attribute in SQS. */
    traceHeader: Attributes.AWSTraceHeader,
    /** '' if it is not an order event. */
    eventId,
    /** The number of its order's dead-lettering, from 1; 0 if there is no order; undefined if SQS moved the message. */
    deadLetterNumber: number === undefined ? undefined : Number(number),
    /** The message in a listing; `--json` also shows its attributes and body. */
    row: {
      orderId,
      messageId: MessageId,
      status: queue.kind,
      lane: queue.lane,
      reason: given ?? (isUndelivered ? 'NOT_DELIVERED' : movedBySqs),
      /** When it was sent to the DLQ, or to the worker's queue if SQS's redrive policy moved it. */
      since: new Date(Number(Attributes.SentTimestamp ?? 0)).toISOString(),
      attributes: MessageAttributes,
      body: Body,
    },
  }
}
export type DeadLetter = ReturnType<typeof parseDeadLetter>

/**
 * How a message relates to its order. `obsolete`: the order has moved on, and the message can be deleted.
 * `of dead-lettered order`: the order is in the index of dead letters. `other`: neither, or there is no such order.
 */
export type Standing = 'obsolete' | 'of dead-lettered order' | 'other'

export function standingOf(
  { queue: { lane, step }, eventId, deadLetterNumber }: DeadLetter,
  order: Order | undefined,
): Standing {
  // A listener's message is independent of its order's state.
  if (step === undefined || order === undefined || deadLetterNumber === 0) return 'other'
  const isOpen =
    deadLetterNumber === undefined ? isOwedTo(lane, eventId, order) : deadLetterNumber === order.deadLettered
  if (!isOpen) return 'obsolete'
  const isIndexed = order.deadLetterPartition !== undefined && order.attention?.step === step
  return isIndexed ? 'of dead-lettered order' : 'other'
}

/**
 * Requires exactly one way of choosing the messages, so that a forgotten option never means all of them.
 * @throws {CommandError} if there is none, or more than one
 */
export function requireOneFilter(options: Filter & { all?: true | undefined }): Filter {
  const { all, order, message, lane, reason, olderThan } = options
  const conditions = lane ?? reason ?? olderThan
  const ways = [order, message, conditions, all].filter((way) => way !== undefined)
  if (ways.length === 1) return { order, message, lane, reason, olderThan }
  throw new CommandError(
    'usage',
    `${ways.length === 0 ? 'Choose the messages' : 'Choose the messages in only one way'}: --order ID, --message ID, a filter (--lane, --reason, --older-than), or --all.`,
  )
}
