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

/** How long a received message stays hidden from other consumers if this process dies. */
const visibilityTimeoutSeconds = 600
/** Reading stops this long before the first kept message becomes visible again, so that none is read twice. */
const marginMs = 60_000
/** At most this many messages are made visible again at the end, to bound memory. The rest wait for their time-out. */
const maxReleased = 10_000
const receivesAtOnce = 10

export interface Found {
  message: DeadLetter
  order: Order | undefined
  standing: Standing
}

/** Whether a message belongs to no dead-lettered order and matches a filter. */
export const isAskedFor = ({ message, standing }: Found, filter: Filter, now: number): boolean =>
  standing === 'other' && meets(message.row, filter, now)

/** `swept` counts the deleted obsolete messages; `isComplete` says whether all DLQs were read to the end. */
export interface Swept {
  swept: number
  isComplete: boolean
}

/** The parameters that delete a message or make it visible again. */
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
      // A short poll asks only some of SQS's servers, so only an empty long poll means an empty queue.
      WaitTimeSeconds: 1,
    }),
  )
  return Messages.map((message) => parseDeadLetter(message, queue))
}

/** Like Promise.all, but waits for all promises before it throws. */
async function allOf<T>(promises: readonly Promise<T>[]): Promise<T[]> {
  await Promise.allSettled(promises)
  return Promise.all(promises)
}

/**
 * Receives the messages of all DLQs in batches, since SQS cannot list a queue, and passes those that are not obsolete to
 * `use`. It deletes the messages that `use` returns, and the obsolete ones; if `use` returns undefined, it deletes none.
 * At the end, also after an error, it makes the remaining messages visible again. Memory is bounded.
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

  // If this fails, the message becomes visible after its time-out.
  const release = (receipt: Receipt) =>
    sqs.send(new ChangeMessageVisibilityCommand({ ...receipt, VisibilityTimeout: 0 })).catch(() => {})

  async function handle(): Promise<void> {
    const ids = new Set(inHand.flatMap(({ row }) => row.orderId ?? []))
    // The messages of an order that cannot be read are kept.
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

/** Adds to a report how many obsolete messages were deleted, and whether all DLQs were read. */
export const withSwept = ({ lines, json, incomplete = false }: Report, swept: Swept): Report => ({
  lines: [
    ...lines,
    ...(swept.swept > 0 ? [`Deleted ${count(swept.swept, 'message')} whose orders have moved on.`] : []),
    ...(swept.isComplete ? [] : ['Not all messages in the DLQs were read.']),
  ],
  json: { ...json, ...swept },
  incomplete: incomplete || !swept.isComplete,
})
