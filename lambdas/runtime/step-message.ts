import type { SQSRecord } from 'aws-lambda'
import * as z from 'zod/mini'
import { deadLetterNumberAttribute, nothingMadeAttribute } from '../adapters/step-queue.ts'
import type { StepMessage } from '../application/step.ts'
import type { DetailType } from '../domain/chain.ts'
import { orderIdPattern } from '../domain/identity.ts'
import type { ReasonCode } from '../domain/reasons.ts'

const envelope = z.object({
  'detail-type': z.string(),
  detail: z.object({
    metadata: z.object({ eventId: z.string().check(z.minLength(1)) }),
    data: z.object({ orderId: z.string().check(z.regex(orderIdPattern)) }),
  }),
})

/** A message, or why it is poison, in a reason code. */
export type ParsedMessage = StepMessage | { poison: ReasonCode }

/** How often a message was received, this time included. */
export const receivesOf = (record: SQSRecord): number => Number(record.attributes.ApproximateReceiveCount)

/** Reads a queue's message, or says in a reason code why it is poison. */
export function parseStepMessage(record: SQSRecord, consumes: DetailType): ParsedMessage {
  let body: unknown
  try {
    body = JSON.parse(record.body)
  } catch {
    return { poison: 'NOT_JSON' }
  }
  const parsed = z.safeParse(envelope, body)
  if (!parsed.success) return { poison: 'NOT_AN_EVENT' }
  if (parsed.data['detail-type'] !== consumes) return { poison: 'WRONG_DETAIL_TYPE' }
  const { metadata, data } = parsed.data.detail
  const number = Number(record.messageAttributes[deadLetterNumberAttribute]?.stringValue)
  return {
    eventId: metadata.eventId,
    orderId: data.orderId,
    deadLetterNumber: Number.isSafeInteger(number) && number > 0 ? number : undefined,
    isNothingMade: record.messageAttributes[nothingMadeAttribute] !== undefined,
    receives: receivesOf(record),
  }
}
