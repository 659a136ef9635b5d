import {
  ChangeMessageVisibilityCommand,
  GetQueueAttributesCommand,
  type MessageAttributeValue,
  SendMessageBatchCommand,
  SendMessageCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs'
import { xrayHeaderOf } from '../domain/trace.ts'

/** https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessageBatch.html */
export const maxBatch = 10
/** SQS quotas in ms: a message can be delayed for 15 minutes and hidden for 12 hours. */
const maxDelayMs = 15 * 60_000
const maxInvisibleMs = 12 * 60 * 60_000

/** The attributes of a dead-lettered message, for an operator who sees only the queue. */
export interface DeadLetterFacts {
  step: string
  kind: string
  reason: string
  /** This and the next three are `unknown` or 0 if there is no order. */
  orderId?: string | undefined
  trace?: string | undefined
  attempts?: number | undefined
  /** Which of the order's dead-letterings this is. A message with the current number is a redrive. */
  deadLetterNumber?: number | undefined
  /** What the vendor made (JSON), if that is unusable or could not be written. */
  answer?: string
}

/** The message attribute with the number of the order's dead-lettering. */
export const deadLetterNumberAttribute = 'deadLetterNumber' satisfies keyof DeadLetterFacts

/** A message for a step's queue, and its delay. */
export interface DelayedMessage {
  body: string
  delayMs: number
  trace: string
}

const attribute = (value: string | number): MessageAttributeValue => ({
  DataType: typeof value === 'number' ? 'Number' : 'String',
  // SQS rejects empty values, and a rejected dead letter would be lost.
  StringValue: String(value) || '-',
})

/** Keeps a message in its order's trace, whatever trace the sender runs in. */
function inTrace(trace: string) {
  const header = xrayHeaderOf(trace)
  return header && { MessageSystemAttributes: { AWSTraceHeader: attribute(header) } }
}

const secondsOf = (ms: number, waitUnitMs: number, maximumMs: number): number =>
  Math.min(Math.ceil(Math.max(0, ms) / waitUnitMs) * waitUnitMs, maximumMs) / 1000

/** A worker's queue and its DLQ. `waitUnitMs` is the granularity of the queue's delays: 1,000 on AWS. */
export function createStepQueue(
  client: SQSClient,
  {
    queueUrl,
    deadLetterQueueUrl,
    waitUnitMs,
  }: { queueUrl: string; deadLetterQueueUrl: string; waitUnitMs: number },
) {
  return {
    hideFor: async (receiptHandle: string, inMs: number): Promise<void> => {
      await client.send(
        new ChangeMessageVisibilityCommand({
          QueueUrl: queueUrl,
          ReceiptHandle: receiptHandle,
          VisibilityTimeout: secondsOf(inMs, waitUnitMs, maxInvisibleMs),
        }),
      )
    },

    deadLetter: async (body: string, known: DeadLetterFacts): Promise<void> => {
      const { orderId = 'unknown', trace = 'unknown', attempts = 0, deadLetterNumber = 0 } = known
      const facts = { ...known, orderId, trace, attempts, deadLetterNumber }
      await client.send(
        new SendMessageCommand({
          QueueUrl: deadLetterQueueUrl,
          MessageBody: body,
          MessageAttributes: Object.fromEntries(
            Object.entries(facts).map(([name, value]) => [name, attribute(value)]),
          ),
          ...inTrace(trace),
        }),
      )
    },

    /** Sends at most {@link maxBatch} messages. Returns the indexes of those that were not accepted. */
    send: async (messages: readonly DelayedMessage[]): Promise<Set<number>> => {
      const { Failed = [] } = await client.send(
        new SendMessageBatchCommand({
          QueueUrl: queueUrl,
          Entries: messages.map(({ body, delayMs, trace }, index) => ({
            Id: String(index),
            MessageBody: body,
            DelaySeconds: secondsOf(delayMs, waitUnitMs, maxDelayMs),
            ...inTrace(trace),
          })),
        }),
      )
      return new Set(Failed.map(({ Id }) => Number(Id)))
    },

    /** How many messages the queue holds: visible, in flight and delayed. */
    depth: async (): Promise<number> => {
      const { Attributes = {} } = await client.send(
        new GetQueueAttributesCommand({
          QueueUrl: queueUrl,
          AttributeNames: [
            'ApproximateNumberOfMessages',
            'ApproximateNumberOfMessagesNotVisible',
            'ApproximateNumberOfMessagesDelayed',
          ],
        }),
      )
      return Object.values(Attributes).reduce((sum, count) => sum + Number(count), 0)
    },
  }
}
export type StepQueue = ReturnType<typeof createStepQueue>
