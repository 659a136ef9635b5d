import {
  ChangeMessageVisibilityBatchCommand,
  DeleteMessageBatchCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs'
import { maxBatch } from '../../lambdas/adapters/step-queue.ts'
import type { WorkerQueues } from '../frame/environment.ts'
import { type DeadLetter, type DeadLetterQueue, parseDeadLetter } from './dead-letter.ts'

/** How long a message stays hidden from others while a DLQ is looked through, should we die meanwhile. */
const holdSeconds = 120
/** SQS's limit: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_ChangeMessageVisibility.html */
const longestHoldSeconds = 12 * 60 * 60

/** What a DLQ holds: what we could take, and how many another is looking at. */
export interface Collected {
  queue: DeadLetterQueue
  letters: DeadLetter[]
  hidden: number
}

/** The DLQs of all workers. */
export const deadLetterQueuesOf = (workers: readonly WorkerQueues[]): DeadLetterQueue[] =>
  workers.flatMap(({ worker, queueUrl, deadLetterQueueUrl, undeliveredQueueUrl }) => [
    { worker, kind: 'dead-letter' as const, url: deadLetterQueueUrl, targetUrl: queueUrl },
    ...(undeliveredQueueUrl === undefined
      ? []
      : [{ worker, kind: 'undelivered' as const, url: undeliveredQueueUrl, targetUrl: queueUrl }]),
  ])

/** Cuts items into batches of SQS's size. */
export const batchesOf = <T>(items: readonly T[], size = maxBatch): T[][] =>
  Array.from({ length: Math.ceil(items.length / size) }, (_, i) => items.slice(i * size, (i + 1) * size))

/** Cuts messages into batches, each of one queue. */
const perQueue = (letters: readonly DeadLetter[]): DeadLetter[][] =>
  Object.values(Object.groupBy(letters, ({ queue }) => queue.url)).flatMap((group = []) => batchesOf(group))

const entriesOf = (letters: readonly DeadLetter[]) =>
  letters.map(({ receiptHandle }, index) => ({ Id: String(index), ReceiptHandle: receiptHandle }))

async function hiddenIn(sqs: SQSClient, { url }: DeadLetterQueue): Promise<number> {
  const { Attributes = {} } = await sqs.send(
    new GetQueueAttributesCommand({
      QueueUrl: url,
      AttributeNames: ['ApproximateNumberOfMessagesNotVisible'],
    }),
  )
  return Number(Attributes.ApproximateNumberOfMessagesNotVisible ?? 0)
}

async function receive(sqs: SQSClient, queue: DeadLetterQueue, waitSeconds: number): Promise<DeadLetter[]> {
  const { Messages = [] } = await sqs.send(
    new ReceiveMessageCommand({
      QueueUrl: queue.url,
      MaxNumberOfMessages: maxBatch,
      VisibilityTimeout: holdSeconds,
      MessageAttributeNames: ['All'],
      MessageSystemAttributeNames: ['All'],
      WaitTimeSeconds: waitSeconds,
    }),
  )
  return Messages.map((message) => parseDeadLetter(message, queue))
}

/**
 * Takes all messages of a DLQ, oldest first, and keeps them hidden from others: who calls gives them back
 * with {@link release}. SQS cannot list a queue; receiving until nothing comes is the way to see all of it.
 */
export async function collect(
  sqs: SQSClient,
  queue: DeadLetterQueue,
  signal: AbortSignal,
): Promise<Collected> {
  const hidden = await hiddenIn(sqs, queue)
  // A message whose hold has run out comes a second time, and only the last receipt counts.
  const letters = new Map<string, DeadLetter>()
  let certain = false
  while (!signal.aborted) {
    // A short poll asks only some of SQS's servers: nothing is nothing when a long poll says so.
    const received = await receive(sqs, queue, certain ? 1 : 0)
    for (const letter of received) letters.set(letter.messageId, letter)
    if (received.length === 0 && certain) break
    certain = received.length === 0
  }
  return { queue, letters: [...letters.values()].sort((a, b) => a.sentAt - b.sentAt), hidden }
}

/** Hides messages for so many seconds more; 0 gives them back at once. What SQS will not change comes back by itself. */
export async function hold(sqs: SQSClient, letters: readonly DeadLetter[], seconds: number): Promise<void> {
  const VisibilityTimeout = Math.min(Math.ceil(seconds), longestHoldSeconds)
  for (const batch of perQueue(letters)) {
    const Entries = entriesOf(batch).map((entry) => ({ ...entry, VisibilityTimeout }))
    await sqs.send(new ChangeMessageVisibilityBatchCommand({ QueueUrl: batch[0]?.queue.url, Entries }))
  }
}

/** Makes messages visible again at once. */
export const release = (sqs: SQSClient, letters: readonly DeadLetter[]): Promise<void> =>
  hold(sqs, letters, 0)

/** Deletes messages from their DLQs; answers those that are still there. */
export async function remove(sqs: SQSClient, letters: readonly DeadLetter[]): Promise<DeadLetter[]> {
  const left: DeadLetter[] = []
  for (const batch of perQueue(letters)) {
    const { Failed = [] } = await sqs.send(
      new DeleteMessageBatchCommand({ QueueUrl: batch[0]?.queue.url, Entries: entriesOf(batch) }),
    )
    left.push(...Failed.flatMap(({ Id }) => batch[Number(Id)] ?? []))
  }
  return left
}
