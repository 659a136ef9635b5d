import {
  ChangeMessageVisibilityBatchCommand,
  DeleteMessageBatchCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs'
import type { OrderRepository } from '../../lambdas/adapters/order-repository.ts'
import { maxBatch } from '../../lambdas/adapters/step-queue.ts'
import type { Order } from '../../lambdas/domain/order.ts'
import { CommandError } from '../cli/command-error.ts'
import type { Environment, WorkerQueues } from '../cli/environment.ts'
import {
  type DeadLetter,
  type DeadLetterQueue,
  type Filter,
  matches,
  parseDeadLetter,
} from './dead-letter.ts'

/** What the commands of `dlq` work with. */
export interface DlqDeps {
  environment: Pick<Environment, 'name' | 'sqs' | 'workers'>
  repository: Pick<OrderRepository, 'get' | 'getAll'>
  /** Aborts when the operator interrupts the command. */
  signal: AbortSignal
  now: () => number
}

/** Visibility timeout of a received message: if this process dies, the message is visible again after it. */
const visibilityTimeoutSeconds = 120
/** SQS's limit: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_ChangeMessageVisibility.html */
const maxVisibilityTimeoutSeconds = 12 * 60 * 60

/** The messages of a DLQ that we could receive, and how many another consumer has in flight. */
export interface QueueContents {
  queue: DeadLetterQueue
  messages: DeadLetter[]
  hidden: number
}

/** The messages of all DLQs while they are in flight here, and thus hidden from others. */
export interface ReceivedMessages {
  queues: readonly QueueContents[]
  /** Of all queues, oldest first. */
  messages: readonly DeadLetter[]
  /** Keeps these in flight for `seconds` more and makes all others visible again. */
  keepInFlight(messages: readonly DeadLetter[], seconds: number): Promise<void>
  /** Call it for each message that was deleted: it is not made visible again in the end. */
  markDeleted(message: DeadLetter): void
}

const deadLetterQueuesOf = (workers: readonly WorkerQueues[]): DeadLetterQueue[] =>
  workers.flatMap(({ worker, queueUrl, deadLetterQueueUrl, undeliveredQueueUrl }) => [
    { worker, kind: 'dead-letter' as const, url: deadLetterQueueUrl, targetUrl: queueUrl },
    ...(undeliveredQueueUrl === undefined
      ? []
      : [{ worker, kind: 'undelivered' as const, url: undeliveredQueueUrl, targetUrl: queueUrl }]),
  ])

/** Splits items into batches, by default of SQS's maximum size. */
export const batchesOf = <T>(items: readonly T[], size = maxBatch): T[][] =>
  Array.from({ length: Math.ceil(items.length / size) }, (_, i) => items.slice(i * size, (i + 1) * size))

/** Splits messages into batches, each of one queue. */
const batchesByQueue = (messages: readonly DeadLetter[]): DeadLetter[][] =>
  Object.values(Object.groupBy(messages, ({ queue }) => queue.url)).flatMap((group = []) => batchesOf(group))

const entriesOf = (messages: readonly DeadLetter[]) =>
  messages.map(({ receiptHandle }, index) => ({ Id: String(index), ReceiptHandle: receiptHandle }))

async function countInFlight(sqs: SQSClient, { url }: DeadLetterQueue): Promise<number> {
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
      VisibilityTimeout: visibilityTimeoutSeconds,
      MessageAttributeNames: ['All'],
      MessageSystemAttributeNames: ['All'],
      WaitTimeSeconds: waitSeconds,
    }),
  )
  return Messages.map((message) => parseDeadLetter(message, queue))
}

/** Receives all messages of a DLQ. SQS cannot list a queue: receiving until it is empty is the only way. */
async function receiveAll(
  sqs: SQSClient,
  queue: DeadLetterQueue,
  signal: AbortSignal,
): Promise<QueueContents> {
  const hidden = await countInFlight(sqs, queue)
  // A message whose visibility timeout has expired is received again, and only the last receipt handle is valid.
  const messages = new Map<string, DeadLetter>()
  let longPoll = false
  while (!signal.aborted) {
    // A short poll asks only some of SQS's servers: only an empty long poll means that the queue is empty.
    const received = await receive(sqs, queue, longPoll ? 1 : 0)
    for (const message of received) messages.set(message.messageId, message)
    if (received.length === 0 && longPoll) break
    longPoll = received.length === 0
  }
  return { queue, messages: [...messages.values()].sort((a, b) => a.sentAt - b.sentAt), hidden }
}

/** Failed entries are ignored: their visibility timeout expires by itself. */
async function changeVisibility(
  sqs: SQSClient,
  messages: readonly DeadLetter[],
  seconds: number,
): Promise<void> {
  const VisibilityTimeout = Math.min(Math.ceil(seconds), maxVisibilityTimeoutSeconds)
  for (const batch of batchesByQueue(messages)) {
    const Entries = entriesOf(batch).map((entry) => ({ ...entry, VisibilityTimeout }))
    await sqs.send(new ChangeMessageVisibilityBatchCommand({ QueueUrl: batch[0]?.queue.url, Entries }))
  }
}

/** Deletes messages from their DLQs; returns those that could not be deleted. */
export async function deleteMessages(sqs: SQSClient, messages: readonly DeadLetter[]): Promise<DeadLetter[]> {
  const left: DeadLetter[] = []
  for (const batch of batchesByQueue(messages)) {
    const { Failed = [] } = await sqs.send(
      new DeleteMessageBatchCommand({ QueueUrl: batch[0]?.queue.url, Entries: entriesOf(batch) }),
    )
    left.push(...Failed.flatMap(({ Id }) => batch[Number(Id)] ?? []))
  }
  return left
}

/**
 * Receives the messages of all DLQs, runs `use` on them, and in the end makes those visible again that are
 * still in flight, also after an error.
 * @throws {CommandError} if interrupted before `use`; and what `use` throws
 */
export async function withReceivedMessages<T>(
  { sqs, workers }: { sqs: SQSClient; workers: readonly WorkerQueues[] },
  signal: AbortSignal,
  use: (received: ReceivedMessages) => Promise<T>,
): Promise<T> {
  const results = await Promise.allSettled(
    deadLetterQueuesOf(workers).map((queue) => receiveAll(sqs, queue, signal)),
  )
  const queues = results.flatMap((result) => (result.status === 'fulfilled' ? result.value : []))
  const messages = queues.flatMap((each) => each.messages).sort((a, b) => a.sentAt - b.sentAt)
  const inFlight = new Set(messages)
  try {
    for (const result of results) if (result.status === 'rejected') throw result.reason
    if (signal.aborted) throw new CommandError('failed', 'Interrupted before anything was changed.')
    return await use({
      queues,
      messages,
      keepInFlight: async (kept, seconds) => {
        const keptSet = new Set(kept)
        const others = [...inFlight].filter((message) => !keptSet.has(message))
        for (const other of others) inFlight.delete(other)
        await changeVisibility(sqs, others, 0)
        await changeVisibility(sqs, kept, seconds)
      },
      markDeleted: (message) => void inFlight.delete(message),
    })
  } finally {
    await changeVisibility(sqs, [...inFlight], 0)
  }
}

/**
 * The messages that meet a filter, oldest first.
 * @throws {CommandError} where the filter names a step or a message that does not exist
 */
export function select({ queues, messages }: ReceivedMessages, filter: Filter, now: number): DeadLetter[] {
  const steps = [...new Set(queues.map(({ queue }) => queue.worker))]
  if (filter.step !== undefined && !steps.includes(filter.step))
    throw new CommandError('usage', `There is no step ${filter.step}: ${steps.join(', ')}.`)
  const selected = messages.filter((message) => matches(message, filter, now))
  if (filter.message !== undefined && selected.length === 0)
    throw new CommandError('notFound', `No DLQ has a message ${filter.message}.`)
  return selected
}

/** The orders of messages, by id. */
export async function ordersOf(
  repository: Pick<OrderRepository, 'getAll'>,
  messages: readonly DeadLetter[],
): Promise<Map<string, Order>> {
  const ids = new Set(messages.flatMap(({ orderId }) => orderId ?? []))
  return new Map((await repository.getAll([...ids])).map((order) => [order.orderId, order]))
}
