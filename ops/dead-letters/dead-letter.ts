import type { Message, MessageAttributeValue } from '@aws-sdk/client-sqs'
import * as z from 'zod/mini'
import { deadLetterNumberAttribute } from '../../lambdas/adapters/step-queue.ts'
import { orderIdPattern } from '../../lambdas/domain/identity.ts'

/** A DLQ of ours, and where its messages belong. */
export interface DeadLetterQueue {
  worker: string
  /** What the worker could not work off, or what EventBridge could not deliver to it. */
  kind: 'dead-letter' | 'undelivered'
  url: string
  /** The worker's queue. */
  targetUrl: string
}

/** A message of a DLQ as it was received. */
export interface DeadLetter {
  queue: DeadLetterQueue
  messageId: string
  receiptHandle: string
  body: string
  attributes: Record<string, MessageAttributeValue>
  /** X-Ray's header, which SQS keeps beside the attributes. */
  traceHeader: string | undefined
  /** Epoch ms: when it came into the DLQ, or into the worker's queue where SQS moved it by itself. */
  sentAt: number
  orderId: string | undefined
  reason: string
  /** The number of the order's dead-lettering that it came out of. */
  deadLetterNumber: number | undefined
}

const envelope = z.object({
  'detail-type': z.string(),
  detail: z.object({ data: z.object({ orderId: z.string().check(z.regex(orderIdPattern)) }) }),
})

/** The order that a message is about, if it is an event of ours. */
function orderIdIn(body: string): string | undefined {
  try {
    return z.parse(envelope, JSON.parse(body)).detail.data.orderId
  } catch {
    // Poison is what a DLQ is for: it is shown as it is.
    return undefined
  }
}

/** Why a message that says nothing itself is in a DLQ: only SQS's redrive policy puts one there as it was. */
export const movedBySqs = 'RECEIVED_TOO_OFTEN_FOR_SQS'

/** Reads a message that was received from a DLQ. */
export function parseDeadLetter(message: Message, queue: DeadLetterQueue): DeadLetter {
  const { MessageId = '', ReceiptHandle = '', Body = '', MessageAttributes = {}, Attributes = {} } = message
  const text = (name: string) => MessageAttributes[name]?.StringValue
  const number = Number(text(deadLetterNumberAttribute))
  const reason = queue.kind === 'undelivered' ? text('ERROR_CODE') : text('reason')
  return {
    queue,
    messageId: MessageId,
    receiptHandle: ReceiptHandle,
    body: Body,
    attributes: MessageAttributes,
    traceHeader: Attributes.AWSTraceHeader,
    sentAt: Number(Attributes.SentTimestamp ?? 0),
    orderId: orderIdIn(Body),
    reason: reason ?? (queue.kind === 'undelivered' ? 'NOT_DELIVERED' : movedBySqs),
    deadLetterNumber: Number.isSafeInteger(number) && number > 0 ? number : undefined,
  }
}

/** What a script gets of a message. */
export const deadLetterView = ({
  queue,
  messageId,
  orderId,
  reason,
  deadLetterNumber,
  sentAt,
}: DeadLetter) => ({
  messageId,
  orderId,
  step: queue.worker,
  queue: queue.kind,
  reason,
  deadLetterNumber,
  sentAt: new Date(sentAt).toISOString(),
})
