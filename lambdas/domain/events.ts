import { consumerOf, type DetailType, eventForStatus, type StepName } from './chain.ts'
import type { EventMetadata } from './event-details.ts'
import type { Order } from './order.ts'

/** The `source` of every event that we publish. */
export const eventSource = 'orders'

type OrderFacts = Pick<
  Order,
  'orderId' | 'ownerId' | 'status' | 'reference' | 'total' | 'currency' | 'awb' | 'wmsReference'
>

/** An event as listeners get it: ids, status and totals, and no personal data. */
export interface OrderEvent {
  detailType: DetailType
  detail: {
    metadata: EventMetadata
    data: OrderFacts & {
      /** The vendor whose turn it is, in whose queue the event ends up, if any. */
      lane?: string | undefined
      attention?: { step: StepName; reason: string; number: number } | undefined
    }
  }
}

/** An order's item: its id comes again when the same reference is placed after the order has expired. */
export type OrderItem = Pick<Order, 'orderId' | 'nonce'>

/** The part of an order that decides which event its status owes. */
export type Standing = OrderItem &
  Pick<Order, 'status' | 'vendors'> &
  Partial<Pick<Order, 'undo' | 'cancellation'>>

/** The step whose turn it is to bring an order on, or back. */
export const turnOf = ({ status, undo }: Pick<Standing, 'status' | 'undo'>): StepName | undefined =>
  undo ?? consumerOf(status)

/** *Lane*: the vendor whose turn it is, with a queue, a worker and a circuit of its own. */
export function laneOf({ vendors, ...order }: Omit<Standing, keyof OrderItem>): string | undefined {
  const step = turnOf(order)
  return step && vendors[step]
}

/** The event of an order's status. */
export function statusEvent({ orderId, nonce, status, undo, cancellation }: Standing): {
  detailType: DetailType
  eventId: string
} {
  if (undo !== undefined)
    return { detailType: eventForStatus(status), eventId: `${orderId}:${nonce}:${status}:${undo}` }
  if (cancellation?.refusedIn === status)
    return { detailType: 'ORDER_CANCELLATION_REFUSED', eventId: `${orderId}:${nonce}:CANCELLATION_REFUSED` }
  return { detailType: eventForStatus(status), eventId: `${orderId}:${nonce}:${status}` }
}

/** Whether a lane has to take an order up by an event. Any earlier event of the order is obsolete. */
export const isOwedTo = (lane: string, eventId: string, order: Standing): boolean =>
  laneOf(order) === lane && statusEvent(order).eventId === eventId

/** The id of the event that a dead-lettering owes. */
export const attentionEventId = ({ orderId, nonce }: OrderItem, step: StepName, number: number): string =>
  `${orderId}:${nonce}:NEEDS_ATTENTION:${step}:${number}`

/** The event that the order owes in its present state. */
export function eventOf(order: Order): OrderEvent {
  const { orderId, ownerId, status, reference, total, currency, awb, wmsReference } = order
  const { correlationId, traceparent, attention, deadLettered } = order
  const needsAttention = attention !== undefined && deadLettered !== undefined
  const { detailType, eventId } = needsAttention
    ? {
        detailType: 'ORDER_NEEDS_ATTENTION' as const,
        eventId: attentionEventId(order, attention.step, deadLettered),
      }
    : statusEvent(order)
  return {
    detailType,
    detail: {
      metadata: {
        eventId,
        correlationId,
        traceparent,
        occurredAt: needsAttention ? attention.since : order.statusAt,
        schemaVersion: 1,
      },
      data: {
        orderId,
        ownerId,
        status,
        lane: needsAttention ? undefined : laneOf(order),
        reference,
        total,
        currency,
        awb,
        wmsReference,
        ...(needsAttention && {
          attention: { step: attention.step, reason: attention.reason, number: deadLettered },
        }),
      },
    },
  }
}
