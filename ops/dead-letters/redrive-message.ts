import type { MessageAttributeValue } from '@aws-sdk/client-sqs'
import { deadLetterNumberAttribute } from '../../lambdas/adapters/step-queue.ts'
import { eventOf, eventSource } from '../../lambdas/domain/events.ts'
import type { Order } from '../../lambdas/domain/order.ts'
import { xrayHeaderOf } from '../../lambdas/domain/trace.ts'
import type { WorkerQueues } from '../frame/environment.ts'
import type { DeadLetter } from './dead-letter.ts'

/** A message on its way back to its worker's queue. */
export interface Redrive {
  step: string
  targetUrl: string
  body: string
  attributes: Record<string, MessageAttributeValue>
  traceHeader: string | undefined
  orderId: string | undefined
  /** The message of the DLQ that it is; without one, it was made from the order. */
  letter: DeadLetter | undefined
}

const numeric = (value: number): MessageAttributeValue => ({ DataType: 'Number', StringValue: `${value}` })
const text = (value: string): MessageAttributeValue => ({ DataType: 'String', StringValue: value })

const isStuckAt = (order: Order | undefined, step: string): order is Order =>
  order?.deadLettered !== undefined && order.attention?.step === step

/**
 * A DLQ's message with its attributes as they are, but for one: where its order has been dead-lettered again
 * since, an old number would only bring it back into the DLQ.
 */
export function redriveOf(letter: DeadLetter, order: Order | undefined): Redrive {
  const { queue, body, attributes, traceHeader, orderId } = letter
  const step = queue.worker
  const isOutdated = isStuckAt(order, step) && letter.deadLetterNumber !== order.deadLettered
  const number = isOutdated ? { [deadLetterNumberAttribute]: numeric(order.deadLettered ?? 0) } : {}
  return {
    step,
    targetUrl: queue.targetUrl,
    body,
    traceHeader,
    orderId,
    letter,
    attributes: { ...attributes, ...number },
  }
}

/** The message that a dead-lettered order lacks in the DLQ: the event that its status owes, with its number. */
export function redriveMadeOf(order: Order, workers: readonly WorkerQueues[]): Redrive | undefined {
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
    letter: undefined,
  }
}
