import type { SQSRecord } from 'aws-lambda'
import * as z from 'zod/mini'
import { numberAttribute } from '../adapters/step-queue.ts'
import type { DetailType } from '../domain/events.ts'
import { orderIdPattern } from '../domain/identity.ts'

/** A message of a step's queue, as far as the frame needs it. */
export interface StepMessage {
  eventId: string
  orderId: string
  /** The number of the dead-lettering that this message came out of, if it was in the DLQ. */
  number: number | undefined
}

const envelope = z.object({
  'detail-type': z.string(),
  detail: z.object({
    metadata: z.object({ eventId: z.string().check(z.minLength(1)) }),
    data: z.object({ orderId: z.string().check(z.regex(orderIdPattern)) }),
  }),
})

/** Reads a queue's message, or says in a reason code why it is poison. */
export function parseStepMessage(record: SQSRecord, consumes: DetailType): StepMessage | { poison: string } {
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
  const number = Number(record.messageAttributes[numberAttribute]?.stringValue)
  return {
    eventId: metadata.eventId,
    orderId: data.orderId,
    number: Number.isSafeInteger(number) && number > 0 ? number : undefined,
  }
}
