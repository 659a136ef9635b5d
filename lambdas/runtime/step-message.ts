import type { SQSRecord } from 'aws-lambda'
import { deadLetterNumberAttribute } from '../adapters/step-queue.ts'
import type { StepMessage } from '../application/step.ts'
import type { StepName } from '../domain/chain.ts'
import { type Poison, parseEventMessage, receivesOf } from './event-message.ts'

/** Reads a message of a step's queue, or says why it is poison. */
export function parseStepMessage(record: SQSRecord, step: StepName): StepMessage | Poison {
  const event = parseEventMessage(record)
  if ('poison' in event) return event
  const { lane, eventId, orderId } = event
  if (lane !== step) return { poison: 'WRONG_LANE' }
  const number = Number(record.messageAttributes[deadLetterNumberAttribute]?.stringValue)
  return {
    eventId,
    orderId,
    deadLetterNumber: Number.isSafeInteger(number) && number > 0 ? number : undefined,
    receives: receivesOf(record),
  }
}
