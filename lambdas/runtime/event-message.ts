import type { SQSRecord } from 'aws-lambda'
import * as z from 'zod/mini'
import { parseJson } from '../adapters/parse-json.ts'
import { deadLetterNumberAttribute } from '../adapters/step-queue.ts'
import type { StepMessage } from '../application/step.ts'
import { orderIdPattern } from '../domain/identity.ts'
import type { ReasonCode } from '../domain/reasons.ts'

const envelope = z.object({
  'detail-type': z.string(),
  detail: z.looseObject({
    metadata: z.looseObject({ eventId: z.string().check(z.minLength(1)) }),
    data: z.looseObject({
      orderId: z.string().check(z.regex(orderIdPattern)),
      lane: z.optional(z.string()),
    }),
  }),
})

/** An event of an order as it lies in a queue. */
export interface EventMessage {
  detailType: string
  eventId: string
  orderId: string
  /** The vendor whose turn it is. */
  lane: string | undefined
  detail: object
}

/** A message that nobody can work off, in a reason code: it goes to the DLQ at once. */
export type Poison = { poison: ReasonCode }

/** Receives of a message, this one included. */
export const receivesOf = (record: SQSRecord): number => Number(record.attributes.ApproximateReceiveCount)

/** Reads the event in a queue's message, or says why it is poison. */
export function parseEventMessage(record: SQSRecord): EventMessage | Poison {
  const body = parseJson(record.body)
  if (body === undefined) return { poison: 'NOT_JSON' }
  const parsed = z.safeParse(envelope, body)
  if (!parsed.success) return { poison: 'NOT_AN_EVENT' }
  const { 'detail-type': detailType, detail } = parsed.data
  const { orderId, lane } = detail.data
  return { detailType, eventId: detail.metadata.eventId, orderId, lane, detail }
}

/** Reads a message of a lane's queue, or says why it is poison. */
export function parseStepMessage(record: SQSRecord, ownLane: string): StepMessage | Poison {
  const event = parseEventMessage(record)
  if ('poison' in event) return event
  const { lane, eventId, orderId } = event
  if (lane !== ownLane) return { poison: 'WRONG_LANE' }
  const number = Number(record.messageAttributes[deadLetterNumberAttribute]?.stringValue)
  return {
    eventId,
    orderId,
    deadLetterNumber: Number.isSafeInteger(number) && number > 0 ? number : undefined,
    receives: receivesOf(record),
  }
}
