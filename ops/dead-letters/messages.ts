import {
  ChangeMessageVisibilityCommand,
  DeleteMessageCommand,
  ReceiveMessageCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs'
import { maxBatch } from '../../lambdas/adapters/step-queue.ts'
import { inParallel } from '../../lambdas/application/relay/batches.ts'
import type { Order } from '../../lambdas/domain/order.ts'
import type { DeadLetterQueue, Environment } from '../cli/environment.ts'
import { count } from '../cli/format.ts'
import type { Report } from '../cli/program.ts'
import type { FindDeps } from '../orders/find-orders.ts'
import { type Filter, meets } from '../orders/listing.ts'
import { type DeadLetter, parseDeadLetter, type Standing, standingOf } from './dead-letter.ts'

export interface DlqDeps extends FindDeps, Pick<Environment, 'name' | 'sqs' | 'queues' | 'telemetry'> {}

/** How long a received message stays hidden from others, if this process dies. */
const visibilityTimeoutSeconds = 600
/** Kept messages come back after that time: going through the DLQs ends before, so that it meets none twice. */
const marginMs = 60_000
/** Kept messages that are made visible again in the end. More would take memory; those become visible in time. */
const maxReleased = 10_000
const receivesAtOnce = 10

export interface Found {
  message: DeadLetter
  order: Order | undefined
  standing: Standing
}

/** Whether a message is a dead letter of its own, and meets a filter. */
export const isAskedFor = ({ message, standing }: Found, filter: Filter, now: number): boolean =>
  standing === 'other' && meets(message.row, filter, now)

/** How far a command came in the DLQs, and how many messages it deleted since their orders have moved on. */
export interface Swept {
  swept: number
  isComplete: boolean
}

/** What it takes to delete a message, or to make it visible again. */
const receiptOf = ({ queue, receiptHandle }: DeadLetter) => ({
  QueueUrl: queue.url,
  ReceiptHandle: receiptHandle,
})
type Receipt = ReturnType<typeof receiptOf>

async function receive(sqs: SQSClient, queue: DeadLetterQueue): Promise<DeadLetter[]> {
  const { Messages = [] } = await sqs.send(
    new ReceiveMessageCommand({
      QueueUrl: queue.url,
      MaxNumberOfMessages: maxBatch,
      VisibilityTimeout: visibilityTimeoutSeconds,
      MessageAttributeNames: ['All'],
      MessageSystemAttributeNames: ['All'],
      // A short poll asks only some of SQS's servers: only empty long polls mean that the queue is empty.
      WaitTimeSeconds: 1,
    }),
  )
  return Messages.map((message) => parseDeadLetter(message, queue))
}

/** Waits for all, also where one fails, and then throws as it did. */
async function allOf<T>(promises: readonly Promise<T>[]): Promise<T[]> {
  await Promise.allSettled(promises)
  return Promise.all(promises)
}

/**
 * Goes through the messages of all DLQs, some at a time, with memory that does not grow: hands those whose orders have
 * not moved on to `use`, and deletes those that it answers and the others; none where it answers none at all. SQS cannot
 * list a queue: receiving until it is empty is the only way. In the end, also after an error, it makes what is left
 * visible again.
 */
export async function throughMessages(
  { sqs, queues, repository, signal, now }: DlqDeps,
  use: (found: readonly Found[]) => Promise<readonly DeadLetter[] | undefined>,
): Promise<Swept> {
  let filled = queues
  let swept = 0
  let endsAt = Number.POSITIVE_INFINITY
  const inHand: DeadLetter[] = []
  const kept: Receipt[] = []

  async function poll(queue: DeadLetterQueue): Promise<boolean> {
    const polls = Array.from({ length: receivesAtOnce }, async () => {
      const messages = await receive(sqs, queue)
      inHand.push(...messages)
      return messages.length
    })
    const counts = await allOf(polls)
    return counts.some((messages) => messages > 0)
  }

  // One that cannot be released becomes visible by itself.
  const release = (receipt: Receipt) =>
    sqs.send(new ChangeMessageVisibilityCommand({ ...receipt, VisibilityTimeout: 0 })).catch(() => {})

  async function handle(): Promise<void> {
    const ids = new Set(inHand.flatMap(({ row }) => row.orderId ?? []))
    // An order that cannot be read leaves its messages where they are.
    const read = await repository.getAll([...ids], () => {})
    const orders = new Map(read.map((order) => [order.orderId, order]))
    const found = inHand.map((message) => {
      const order = orders.get(message.row.orderId ?? '')
      return { message, order, standing: standingOf(message, order) }
    })
    const done = await use(found.filter(({ standing }) => standing !== 'obsolete'))
    const obsolete = found.flatMap(({ message, standing }) => (standing === 'obsolete' ? message : []))
    const gone = new Set(done && [...obsolete, ...done])
    await inParallel([...gone], (message) => sqs.send(new DeleteMessageCommand(receiptOf(message))))
    swept += done ? obsolete.length : 0
    kept.push(...inHand.filter((message) => !gone.has(message)).map(receiptOf))
    kept.splice(maxReleased)
    inHand.length = 0
  }

  try {
    while (filled.length > 0 && !signal.aborted && now() < endsAt) {
      const comesBackAt = now() + visibilityTimeoutSeconds * 1000
      const isFilled = await allOf(filled.map(poll))
      filled = filled.filter((_, index) => isFilled[index])
      await handle()
      if (kept.length > 0) endsAt = Math.min(endsAt, comesBackAt - marginMs)
    }
    return { swept, isComplete: filled.length === 0 && !signal.aborted }
  } finally {
    await inParallel([...inHand.map(receiptOf), ...kept], release)
  }
}

/** A command's report, with what it says of the messages that were met by the way. */
export const withSwept = ({ lines, json, incomplete = false }: Report, swept: Swept): Report => ({
  lines: [
    ...lines,
    ...(swept.swept > 0 ? [`Deleted ${count(swept.swept, 'message')} whose orders have moved on.`] : []),
    ...(swept.isComplete ? [] : ['The DLQs were not gone through to the end.']),
  ],
  json: { ...json, ...swept },
  incomplete: incomplete || !swept.isComplete,
})
