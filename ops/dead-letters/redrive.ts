import { setTimeout as sleep } from 'node:timers/promises'
import {
  type MessageAttributeValue,
  SendMessageCommand,
  type SendMessageCommandInput,
} from '@aws-sdk/client-sqs'
import { deadLetterNumberAttribute } from '../../lambdas/adapters/step-queue.ts'
import { amendOrder } from '../../lambdas/application/amend-order.ts'
import { inParallel } from '../../lambdas/application/relay/batches.ts'
import { messageOf } from '../../lambdas/application/relay/messages.ts'
import { laneOf } from '../../lambdas/domain/events.ts'
import type { Actor, Order } from '../../lambdas/domain/order.ts'
import { redriveRequested } from '../../lambdas/domain/step-changes.ts'
import { xrayHeaderOf } from '../../lambdas/domain/trace.ts'
import { CommandError } from '../cli/command-error.ts'
import type { DeadLetterQueue } from '../cli/environment.ts'
import { count } from '../cli/format.ts'
import type { Report } from '../cli/program.ts'
import { findOrders } from '../orders/find-orders.ts'
import { type Filter, inWords } from '../orders/listing.ts'
import type { DeadLetter } from './dead-letter.ts'
import { type DlqDeps, isAskedFor, throughMessages, withSwept } from './messages.ts'

export interface Redrive {
  message: SendMessageCommandInput
  about: string
  order?: Order
}

export type RedriveDeps = DlqDeps & { actor: Actor }

const text = (value: string): MessageAttributeValue => ({ DataType: 'String', StringValue: value })
const traced = (header: string | undefined) => (header === undefined ? {} : { AWSTraceHeader: text(header) })

/** The message that starts a dead-lettered order's new round: its event, with the number of its dead-lettering. */
export function redriveOf(order: Order, queues: readonly DeadLetterQueue[]): Redrive {
  const { orderId, traceparent, attention, deadLettered = 0, ...owed } = order
  const lane = laneOf(order)
  const queue = queues.find((each) => each.lane === lane)
  if (queue === undefined) throw new CommandError('failed', `There is no queue for ${orderId} of ${lane}.`)
  return {
    message: {
      QueueUrl: queue.targetUrl,
      MessageBody: messageOf({ ...owed, orderId, traceparent, attention }),
      MessageAttributes: {
        [deadLetterNumberAttribute]: { DataType: 'Number', StringValue: `${deadLettered}` },
      },
      MessageSystemAttributes: traced(xrayHeaderOf(traceparent)),
    },
    about: `${lane}  ${orderId}  ${attention?.reason}`,
    order,
  }
}

/** A message that belongs to no dead-lettered order is sent back unchanged. */
const sentBack = ({ queue, row, traceHeader }: DeadLetter): Redrive => ({
  message: {
    QueueUrl: queue.targetUrl,
    MessageBody: row.body,
    MessageAttributes: row.attributes,
    MessageSystemAttributes: traced(traceHeader),
  },
  about: `${row.lane}  message ${row.messageId}  ${row.reason}`,
})

/** Sends messages at `rate` per second until the signal aborts. Returns those that were sent; counts failed ones. */
function createSending(deps: RedriveDeps, rate: number, counts: { failed: number }) {
  const { sqs, actor, signal, now, tell } = deps
  let nextAt = now()

  /** Records on the order who redrives it and why, before its message is sent. */
  async function request({ orderId, deadLettered }: Order): Promise<void> {
    await amendOrder(deps, { orderId, actor }, 'Redrive requested', (current, at) => {
      if (current.deadLettered === deadLettered) return redriveRequested(current, at)
      throw new CommandError('failed', 'the order has moved on')
    })
  }

  async function sendOne({ message, about, order }: Redrive): Promise<boolean> {
    const waitMs = Math.max(0, nextAt - now())
    nextAt = now() + waitMs + 1000 / rate
    // Ctrl-C ends the wait.
    if (waitMs > 0) await sleep(waitMs, undefined, { signal }).catch(() => {})
    if (signal.aborted) return false
    try {
      if (order) await request(order)
      await sqs.send(new SendMessageCommand(message))
      tell(about)
      return true
    } catch (error) {
      tell(`${about}  failed: ${error}`)
      counts.failed += 1
      return false
    }
  }

  return async <Item>(items: readonly Item[], toRedrive: (item: Item) => Redrive): Promise<Item[]> => {
    const wasSent = await inParallel(items, (item) => sendOne(toRedrive(item)))
    return items.filter((_, index) => wasSent[index])
  }
}

/** How many redriven orders are remembered, so that their messages in the DLQ are deleted in the same run. */
const maxRemembered = 10_000

/**
 * `dlq redrive`: sends each dead-lettered order's event to its queue, which starts a new round of attempts, and sends
 * other messages back to their queues. It can be repeated: a worker accepts one redrive per dead-lettering.
 * @throws {CommandError} if an order or a message is named that is not a dead letter
 */
export async function redriveDeadLetters(deps: RedriveDeps, filter: Filter, rate: number): Promise<Report> {
  const { name, queues, signal, now } = deps
  const done = { orders: 0, messages: 0, failed: 0 }
  const send = createSending(deps, rate, done)
  const numbers = new Map<string, number | undefined>()

  for await (const orders of findOrders(deps, { ...filter, attention: 'dead-lettered' })) {
    const accepted = await send(orders, (order) => redriveOf(order, queues))
    for (const { orderId, deadLettered } of accepted) numbers.set(orderId, deadLettered)
    for (const orderId of numbers.keys()) if (numbers.size > maxRemembered) numbers.delete(orderId)
    done.orders += accepted.length
    if (signal.aborted) break
  }
  const swept = await throughMessages(deps, async (found) => {
    const redriven = found.filter(
      ({ order, standing }) =>
        standing !== 'other' && numbers.get(order?.orderId ?? '') === order?.deadLettered,
    )
    const others = found.filter((each) => isAskedFor(each, filter, now()))
    const accepted = await send(others, ({ message }) => sentBack(message))
    done.messages += accepted.length
    return [...redriven, ...accepted].map(({ message }) => message)
  })
  const isNone = done.orders + done.messages + done.failed === 0 && swept.isComplete
  const none = `There are no ${inWords('dead letters', filter)}.`
  if (isNone && (filter.order ?? filter.message) !== undefined) throw new CommandError('notFound', none)
  const sent = `${count(done.orders, 'order')} and ${count(done.messages, 'message')} of ${name}`
  const lines = [
    isNone ? none : `Redrove ${sent}.`,
    ...(done.failed > 0 ? [`Not sent: ${done.failed}.`] : []),
    ...(signal.aborted ? ['Interrupted: run the same command again to continue.'] : []),
  ]
  return withSwept({ lines, json: done, incomplete: done.failed > 0 }, swept)
}
