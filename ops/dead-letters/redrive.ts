import { setTimeout as sleep } from 'node:timers/promises'
import {
  DeleteMessageCommand,
  type MessageAttributeValue,
  SendMessageCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs'
import {
  deadLetterNumberAttribute,
  maxBatch,
  nothingMadeAttribute,
} from '../../lambdas/adapters/step-queue.ts'
import { eventOf, eventSource } from '../../lambdas/domain/events.ts'
import type { Order } from '../../lambdas/domain/order.ts'
import { xrayHeaderOf } from '../../lambdas/domain/trace.ts'
import { CommandError } from '../cli/command-error.ts'
import type { WorkerQueues } from '../cli/environment.ts'
import { count } from '../cli/format.ts'
import { createProgress, type Report } from '../cli/program.ts'
import { type DeadLetter, deadLetterJson, type Filter } from './dead-letter.ts'
import { batchesOf, type DlqDeps, ordersOf, select, withReceivedMessages } from './queues.ts'

/** A message to be sent to its worker's queue. */
export interface Redrive {
  step: string
  targetUrl: string
  body: string
  attributes: Record<string, MessageAttributeValue>
  traceHeader: string | undefined
  orderId: string | undefined
  /** The DLQ's message that it replaces; none if it was made from the order. */
  deadLetter: DeadLetter | undefined
}

const numeric = (value: number): MessageAttributeValue => ({ DataType: 'Number', StringValue: `${value}` })
const text = (value: string): MessageAttributeValue => ({ DataType: 'String', StringValue: value })

const isStuckAt = (order: Order | undefined, step: string): order is Order =>
  order?.deadLettered !== undefined && order.attention?.step === step

/**
 * A DLQ's message, unchanged but for its number: where the order was dead-lettered again since, the worker
 * would return a message with an old number to the DLQ.
 */
function redriveMessage(deadLetter: DeadLetter, order: Order | undefined): Redrive {
  const { queue, body, attributes, traceHeader, orderId } = deadLetter
  const step = queue.worker
  const isOutdated = isStuckAt(order, step) && deadLetter.deadLetterNumber !== order.deadLettered
  const number = isOutdated ? { [deadLetterNumberAttribute]: numeric(order.deadLettered ?? 0) } : {}
  return {
    step,
    targetUrl: queue.targetUrl,
    body,
    traceHeader,
    orderId,
    deadLetter,
    attributes: { ...attributes, ...number },
  }
}

/**
 * The message for a dead-lettered order that has none in a DLQ: the event of its status, with its number.
 * None for an order that is not dead-lettered.
 */
export function redriveFromOrder(order: Order, workers: readonly WorkerQueues[]): Redrive | undefined {
  const { orderId, attention, deadLettered, ...rest } = order
  const queues = workers.find(({ worker }) => worker === attention?.step)
  if (attention === undefined || deadLettered === undefined || queues === undefined) return undefined
  const { detailType, detail } = eventOf({ orderId, ...rest })
  return {
    step: attention.step,
    targetUrl: queues.queueUrl,
    body: JSON.stringify({ source: eventSource, 'detail-type': detailType, detail }),
    attributes: {
      orderId: text(orderId),
      step: text(attention.step),
      reason: text(attention.reason),
      [deadLetterNumberAttribute]: numeric(deadLettered),
    },
    traceHeader: xrayHeaderOf(rest.traceparent),
    orderId,
    deadLetter: undefined,
  }
}

/** Sends first and deletes then: if the deletion fails there are two messages, and the worker ignores one. */
async function redriveOne(sqs: SQSClient, redrive: Redrive): Promise<void> {
  const { targetUrl, body, attributes, traceHeader, deadLetter } = redrive
  await sqs.send(
    new SendMessageCommand({
      QueueUrl: targetUrl,
      MessageBody: body,
      MessageAttributes: attributes,
      ...(traceHeader && {
        MessageSystemAttributes: { AWSTraceHeader: { DataType: 'String', StringValue: traceHeader } },
      }),
    }),
  )
  if (deadLetter)
    await sqs.send(
      new DeleteMessageCommand({ QueueUrl: deadLetter.queue.url, ReceiptHandle: deadLetter.receiptHandle }),
    )
}

/** Redrives messages at a rate, until all are done or the signal aborts. */
async function redriveAll(
  { environment: { sqs }, signal, now }: DlqDeps,
  redrives: readonly Redrive[],
  { ratePerSecond, onDone }: { ratePerSecond: number; onDone: (redrive: Redrive) => void },
): Promise<{ done: Redrive[]; failed: { redrive: Redrive; error: string }[] }> {
  const size = Math.min(maxBatch, Math.max(1, Math.floor(ratePerSecond)))
  const startedAt = now()
  const done: Redrive[] = []
  const failed: { redrive: Redrive; error: string }[] = []
  for (const batch of batchesOf(redrives, size)) {
    const dueAt = startedAt + ((done.length + failed.length) / ratePerSecond) * 1000
    // An interruption ends the wait; the loop ends below.
    await sleep(Math.max(0, dueAt - now()), undefined, { signal }).catch(() => {})
    if (signal.aborted) break
    const results = await Promise.allSettled(batch.map((redrive) => redriveOne(sqs, redrive)))
    for (const [index, redrive] of batch.entries()) {
      const result = results[index]
      if (result?.status === 'rejected') failed.push({ redrive, error: String(result.reason) })
      else {
        done.push(redrive)
        onDone(redrive)
      }
    }
  }
  return { done, failed }
}

/** Added to the time that the redrive should take at its rate. */
const marginSeconds = 120

/** The redrives of the selected messages; for a named order without a message, one made from the order. */
async function redrivesOf(
  { environment, repository }: DlqDeps,
  selected: readonly DeadLetter[],
  orderId: string | undefined,
): Promise<Redrive[]> {
  const orders = await ordersOf(repository, selected)
  const redrives = selected.map((message) => redriveMessage(message, orders.get(message.orderId ?? '')))
  if (orderId === undefined) return redrives
  const order = await repository.get(orderId)
  const made = order && redriveFromOrder(order, environment.workers)
  if (made && !redrives.some(({ step }) => step === made.step)) redrives.push(made)
  if (redrives.length > 0) return redrives
  throw new CommandError(
    'notFound',
    order
      ? `Order ${orderId} is ${order.status} and not dead-lettered: there is nothing to redrive.`
      : `There is no order ${orderId}.`,
  )
}

/** The redrive with an operator's word that the vendor has made nothing. */
const withNothingMade = (redrive: Redrive): Redrive => ({
  ...redrive,
  attributes: { ...redrive.attributes, [nothingMadeAttribute]: text('true') },
})

const redriveJson = ({ step, orderId, deadLetter }: Redrive) =>
  deadLetter ? deadLetterJson(deadLetter) : { step, orderId, madeFromOrder: true }

function redriveText({ step, orderId = 'no order', deadLetter }: Redrive): string {
  const origin = deadLetter ? `${deadLetter.reason}, message ${deadLetter.messageId}` : 'made from the order'
  return `${step}  ${orderId}  ${origin}`
}

/**
 * `dlq redrive`: sends messages back to their queues, which starts a new round of attempts for each order.
 * @throws {CommandError} where an operator's word is given for more than one order
 */
export function redriveDeadLetters(
  deps: DlqDeps,
  filter: Filter,
  {
    dryRun = false,
    nothingMade = false,
    rate,
  }: { dryRun?: boolean | undefined; nothingMade?: boolean | undefined; rate: number },
): Promise<Report> {
  if (nothingMade && filter.order === undefined)
    throw new CommandError('usage', '--nothing-made is about one order: name it with --order.')
  const { environment, signal, now } = deps
  const { name } = environment
  return withReceivedMessages(environment, signal, async (received) => {
    const selected = select(received, filter, now())
    const found = await redrivesOf(deps, selected, filter.order)
    const redrives = nothingMade ? found.map(withNothingMade) : found
    if (dryRun)
      return {
        text: [
          `Would redrive ${count(redrives.length, 'message')} of ${name}.`,
          ...redrives.map((redrive) => `  ${redriveText(redrive)}`),
        ].join('\n'),
        json: { environment: name, dryRun, wouldRedrive: redrives.map(redriveJson) },
      }
    await received.keepInFlight(selected, redrives.length / rate + marginSeconds)
    const progress = createProgress(redrives.length, rate)
    const { done, failed } = await redriveAll(deps, redrives, {
      ratePerSecond: rate,
      onDone: ({ deadLetter }) => {
        if (deadLetter) received.markDeleted(deadLetter)
        progress.advance()
      },
    })
    progress.end()
    const left = redrives.length - done.length - failed.length
    return {
      text: [
        `Redrove ${count(done.length, 'message')} of ${name}.`,
        ...failed.map(({ redrive, error }) => `Failed: ${redriveText(redrive)} (${error})`),
        ...(left > 0 ? [`Interrupted: ${left} left; run the same command again to go on.`] : []),
      ].join('\n'),
      json: {
        environment: name,
        dryRun,
        redriven: done.map(redriveJson),
        left,
        failed: failed.map(({ redrive, error }) => ({ ...redriveJson(redrive), error })),
      },
      incomplete: left > 0 || failed.length > 0,
    }
  })
}
