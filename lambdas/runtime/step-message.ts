import type { SQSRecord } from 'aws-lambda'
import { deadLetterNumberAttribute, nothingMadeAttribute } from '../adapters/step-queue.ts'
import type { StepMessage } from '../application/step.ts'
import type { DetailType } from '../domain/chain.ts'
import { type Poison, parseEventMessage, receivesOf } from './event-message.ts'

/** Reads a message of a step's queue, or says why it is poison. */
export function parseStepMessage(record: SQSRecord, consumes: DetailType): StepMessage | Poison {
  const event = parseEventMessage(record)
  if ('poison' in event) return event
  const { detailType, eventId, orderId } = event
  if (detailType !== consumes) return { poison: 'WRONG_DETAIL_TYPE' }
  const number = Number(record.messageAttributes[deadLetterNumberAttribute]?.stringValue)
  return {
    eventId,
    orderId,
    deadLetterNumber: Number.isSafeInteger(number) && number > 0 ? number : undefined,
    isNothingMade: record.messageAttributes[nothingMadeAttribute] !== undefined,
    receives: receivesOf(record),
  }
}
