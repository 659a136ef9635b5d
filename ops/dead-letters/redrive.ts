import { setTimeout as sleep } from 'node:timers/promises'
import { type MessageAttributeValue, SendMessageCommand } from '@aws-sdk/client-sqs'
import { deadLetterNumberAttribute, maxBatch } from '../../lambdas/adapters/step-queue.ts'
import { amendOrder } from '../../lambdas/application/amend-order.ts'
import { messageOf } from '../../lambdas/application/relay/messages.ts'
import { laneOf } from '../../lambdas/domain/events.ts'
import type { Actor, Order } from '../../lambdas/domain/order.ts'
import { redriveRequested } from '../../lambdas/domain/step-changes.ts'
import { xrayHeaderOf } from '../../lambdas/domain/trace.ts'
import { CommandError } from '../cli/command-error.ts'
import type { WorkerQueues } from '../cli/environment.ts'
import { count } from '../cli/format.ts'
import { telemetry } from '../cli/operator.ts'
import type { Report } from '../cli/program.ts'
import { type Filter, inWords } from '../orders/listing.ts'
import type { DeadLetter } from './dead-letter.ts'
import { deadLetteredOrders, isAskedFor } from './list.ts'
import { type DlqDeps, sweptText, throughMessages } from './messages.ts'

/** A message to be sent to its worker's queue. */
export interface Redrive {
  targetUrl: string
  body: string
  attributes: Record<string, MessageAttributeValue>
  traceHeader: string | undefined
  /** What it is about, in a line. */
  about: string
  /** The order that gets a new round by it. */
  order?: Order
}

/** What redriving works with. Without an actor it only says what it would do. */
export type RedriveDeps = DlqDeps & { actor: Actor | undefined }

const text = (value: string): MessageAttributeValue => ({ DataType: 'String', StringValue: value })

/** The message that starts a new round of a dead-lettered order: its event, with the number of its dead-lettering. */
export function redriveOf(order: Order, workers: readonly WorkerQueues[]): Redrive {
  const { orderId, traceparent, attention, deadLettered = 0, ...owed } = order
  const { step = '', reason = '' } = attention ?? {}
  const lane = laneOf(order)
  const queues = workers.find((each) => each.lane === lane)
  if (queues === undefined) throw new CommandError('failed', `There is no queue for ${orderId} of ${lane}.`)
  return {
    targetUrl: queues.queueUrl,
    body: messageOf({ ...owed, orderId, traceparent, attention }),
    attributes: {
      orderId: text(orderId),
      step: text(step),
      reason: text(reason),
      [deadLetterNumberAttribute]: { DataType: 'Number', StringValue: `${deadLettered}` },
    },
    traceHeader: xrayHeaderOf(traceparent),
    about: `${lane}  ${orderId}  ${reason}`,
    order,
  }
}

/** A message of no dead-lettered order goes back as it is. */
const sentBack = ({ queue, messageId, reason, ...message }: DeadLetter): Redrive => ({
  ...message,
  targetUrl: queue.targetUrl,
  about: `${queue.lane}  message ${messageId}  ${reason}`,
})

/** Sends messages at a rate, until the operator interrupts it. Answers those that were accepted, and counts the others. */
function createSending(
  { sqs, repository, actor, signal, now, tell }: RedriveDeps,
  rate: number,
  counts: { failed: number },
) {
  const size = Math.min(maxBatch, Math.max(1, Math.floor(rate)))
  const startedAt = now()
  let begun = 0

  /** Who wants it, and why, is on the order before its message is sent. */
  async function request({ orderId, deadLettered }: Order, by: Actor): Promise<void> {
    const ref = { orderId, actor: by }
    await amendOrder({ repository, telemetry }, ref, 'Redrive requested', async (current) => {
      if (current.deadLettered === deadLettered) return redriveRequested(current, now())
      throw new CommandError('failed', 'the order has moved on')
    })
  }

  async function sendOne(redrive: Redrive): Promise<boolean> {
    const { targetUrl, body, attributes, traceHeader, about, order } = redrive
    try {
      const trace = traceHeader && { AWSTraceHeader: text(traceHeader) }
      const message = {
        MessageBody: body,
        MessageAttributes: attributes,
        MessageSystemAttributes: trace || {},
      }
      if (actor && order) await request(order, actor)
      if (actor) await sqs.send(new SendMessageCommand({ QueueUrl: targetUrl, ...message }))
      tell(about)
      return true
    } catch (error) {
      tell(`${about}  failed: ${error}`)
      counts.failed += 1
      return false
    }
  }

  return async <Item>(items: readonly Item[], toRedrive: (item: Item) => Redrive): Promise<Item[]> => {
    const accepted: Item[] = []
    const left = [...items]
    while (left.length > 0) {
      const waitMs = actor === undefined ? 0 : startedAt + (begun / rate) * 1000 - now()
      // An interruption ends the wait, and then the loop.
      if (waitMs > 0) await sleep(waitMs, undefined, { signal }).catch(() => {})
      if (signal.aborted) break
      const batch = left.splice(0, size)
      begun += batch.length
      const wasAccepted = await Promise.all(batch.map((item) => sendOne(toRedrive(item))))
      accepted.push(...batch.filter((_, index) => wasAccepted[index]))
    }
    return accepted
  }
}

/** Orders whose redrive is remembered: a DLQ's message of one is deleted before its worker has taken the redrive up. */
const maxRemembered = 10_000
/** Messages that are looked through for that of one order: it is deleted whenever a command meets it. */
const maxLookedThrough = 1000

/**
 * `dlq redrive`: sends each dead-lettered order's message to its queue, which starts a new round of attempts, and
 * messages of no such order back to theirs. It can be repeated: the worker takes one redrive up for each dead-lettering.
 * @throws {CommandError} where an order or a message was named, and is no dead letter
 */
export async function redriveDeadLetters(
  deps: RedriveDeps,
  filter: Filter,
  /** Messages a second. */
  rate: number,
): Promise<Report> {
  const dryRun = deps.actor === undefined
  const { name, workers, signal, now } = deps
  const done = { orders: 0, messages: 0, failed: 0 }
  const send = createSending(deps, rate, done)
  const numbers = new Map<string, number | undefined>()
  let looked = 0

  for await (const orders of deadLetteredOrders(deps, filter)) {
    const accepted = await send(orders, (order) => redriveOf(order, workers))
    for (const { orderId, deadLettered } of accepted) numbers.set(orderId, deadLettered)
    for (const orderId of numbers.keys()) if (numbers.size > maxRemembered) numbers.delete(orderId)
    done.orders += accepted.length
    if (signal.aborted) break
  }
  const swept = await throughMessages(
    deps,
    async (found) => {
      looked += found.length
      const redriven = found.filter(
        ({ order, standing }) =>
          standing !== 'other' && numbers.get(order?.orderId ?? '') === order?.deadLettered,
      )
      const others = found.filter((each) => isAskedFor(each, filter, now()))
      const accepted = await send(others, ({ message }) => sentBack(message))
      done.messages += accepted.length
      return [...redriven, ...accepted].map(({ message }) => message)
    },
    {
      isEnough: () => filter.order !== undefined && looked >= maxLookedThrough,
      isDryRun: dryRun,
    },
  )
  const isNone = done.orders + done.messages + done.failed === 0 && !signal.aborted
  const none = `There are no ${inWords('dead letters', filter)}.`
  if (isNone && (filter.order ?? filter.message) !== undefined) throw new CommandError('notFound', none)
  const what = `${count(done.orders, 'order')} and ${count(done.messages, 'message')} of ${name}`
  return {
    lines: [
      isNone ? none : `${dryRun ? 'Would redrive' : 'Redrove'} ${what}.`,
      ...(done.failed > 0 ? [`Not sent: ${done.failed}.`] : []),
      ...(signal.aborted ? ['Interrupted: run the same command again to go on.'] : sweptText(swept)),
    ],
    json: { dryRun, ...done, ...swept },
    incomplete: done.failed > 0 || signal.aborted,
  }
}
