import type { SQSRecord } from 'aws-lambda'
import * as z from 'zod/mini'
import { parseJson } from '../adapters/parse.ts'
import { deadLetterNumberAttribute } from '../adapters/step-queue.ts'
import type { StepMessage } from '../application/step.ts'
import { orderIdPattern } from '../domain/identity.ts'
import type { ReasonCode } from '../domain/reasons.ts'

/** An order's event, as the body of an SQS message. */
const envelope = z.object({
  'detail-type': z.string(),
  detail: z.looseObject({
    metadata: z.looseObject({ eventId: z.string().check(z.minLength(1)) }),
    data: z.looseObject({
      orderId: z.string().check(z.regex(orderIdPattern)),
      /** The vendor whose turn it is. */
      lane: z.optional(z.string()),
    }),
  }),
})

/** Why a message can never be processed, as a reason code: it goes to the DLQ at once. */
export type Poison = { poison: ReasonCode }

/** A message of a step's queue, with its SQS ids. */
export type QueuedMessage = StepMessage & Pick<SQSRecord, 'messageId' | 'receiptHandle'>

/** How often a message has been received, including this time. */
export const receivesOf = (record: SQSRecord): number => Number(record.attributes.ApproximateReceiveCount)

/** Reads the event in a queue's message, or says why it is poison. */
export function parseEventMessage(record: SQSRecord): z.output<typeof envelope> | Poison {
  const body = parseJson(record.body)
  if (body === undefined) return { poison: 'NOT_JSON' }
  return z.safeParse(envelope, body).data ?? { poison: 'NOT_AN_EVENT' }
}

/** Reads a message of a lane's queue, or says why it is poison. */
export function parseStepMessage(record: SQSRecord, ownLane: string): QueuedMessage | Poison {
  const event = parseEventMessage(record)
  if ('poison' in event) return event
  const { metadata, data } = event.detail
  if (data.lane !== ownLane) return { poison: 'WRONG_LANE' }
  const number = Number(record.messageAttributes[deadLetterNumberAttribute]?.stringValue)
  return {
    eventId: metadata.eventId,
    orderId: data.orderId,
    deadLetterNumber: Number.isSafeInteger(number) && number > 0 ? number : undefined,
    receives: receivesOf(record),
    messageId: record.messageId,
    receiptHandle: record.receiptHandle,
  }
}

/** Handles records concurrently, and reports those that threw: https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html */
export async function handleEach(records: SQSRecord[], handle: (record: SQSRecord) => Promise<void>) {
  const ended = await Promise.allSettled(records.map(handle))
  const failed = records.filter((_, index) => ended[index]?.status === 'rejected')
  return { batchItemFailures: failed.map(({ messageId }) => ({ itemIdentifier: messageId })) }
}
