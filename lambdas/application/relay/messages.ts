import type { Owed } from '../../adapters/outbox-repository.ts'
import { linkOf } from '../../domain/chain.ts'
import { eventOf, eventSource } from '../../domain/events.ts'
import type { Order } from '../../domain/order.ts'
import type { RelayLane } from './relay-deps.ts'

/** Escapes characters that SQS rejects: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html */
const messageWith = (detailType: string, detail: object): string =>
  JSON.stringify({ source: eventSource, 'detail-type': detailType, detail }).replace(
    /[\uFFFE\uFFFF]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16)}`,
  )

/** The message that the bus would put into a step's queue for an order. */
export function messageOf(order: Order): string {
  const { detailType, detail } = eventOf(order)
  return messageWith(detailType, detail)
}

/** The smallest message that a worker understands, without any data from a shop. */
export function leastMessageOf(
  { orderId, outboxEventId: eventId = orderId }: Owed,
  { step, vendor: lane }: RelayLane,
): string {
  return messageWith(linkOf(step).consumes, { metadata: { eventId }, data: { orderId, lane } })
}
