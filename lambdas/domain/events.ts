import { consumerOf, eventForStatus, type StepName } from './chain.ts'
import type { Order } from './order.ts'

/** The `source` of every event that we publish. */
export const eventSource = 'orders'

/** Identifies an order's item. The id recurs if a reference is placed again after its order has expired. */
export type OrderItem = Pick<Order, 'orderId' | 'nonce'>

/** The part of an order that decides which event its status owes. */
export type Standing = OrderItem &
  Pick<Order, 'status' | 'vendors'> &
  Partial<Pick<Order, 'undo' | 'cancellation'>>

/** The step whose turn it is to advance the order, or to undo its work. */
export const turnOf = ({ status, undo, vendors }: Omit<Standing, keyof OrderItem>): StepName | undefined =>
  undo ?? consumerOf(status, vendors)

/** *Lane*: the name of the vendor whose turn it is; it has its own queue, worker and circuit. */
export function laneOf(order: Omit<Standing, keyof OrderItem>): string | undefined {
  const step = turnOf(order)
  return step && order.vendors[step]
}

/** The event of an order's status. */
export function statusEvent({ orderId, nonce, status, undo, cancellation }: Standing) {
  const idOf = (what: string) => `${orderId}:${nonce}:${what}`
  if (undo === undefined && cancellation?.refusedIn === status)
    return { detailType: 'ORDER_CANCELLATION_REFUSED' as const, eventId: idOf('CANCELLATION_REFUSED') }
  return { detailType: eventForStatus(status), eventId: idOf(undo ? `${status}:${undo}` : status) }
}

/** Whether a lane has to process the order for this event. All earlier events of the order are obsolete. */
export const isOwedTo = (lane: string, eventId: string, order: Standing): boolean =>
  laneOf(order) === lane && statusEvent(order).eventId === eventId

/** The id of the ORDER_NEEDS_ATTENTION event of a dead-lettering. */
export const attentionEventId = (
  { orderId, nonce }: OrderItem,
  { step, number }: { step: StepName; number: number },
): string => `${orderId}:${nonce}:NEEDS_ATTENTION:${step}:${number}`

/** The event that the order currently owes, as listeners get it: without personal data. */
export function eventOf(order: Order) {
  const { orderId, ownerId, status, reference, total, currency, awb, wmsReference } = order
  const { correlationId, traceparent, attention: trouble, deadLettered: number } = order
  const attention = trouble && number ? { step: trouble.step, reason: trouble.reason, number } : undefined
  const { detailType, eventId } = attention
    ? { detailType: 'ORDER_NEEDS_ATTENTION' as const, eventId: attentionEventId(order, attention) }
    : statusEvent(order)
  const occurredAt = (attention && trouble?.since) ?? order.statusAt
  const lane = attention ? undefined : laneOf(order)
  return {
    detailType,
    detail: {
      metadata: { eventId, correlationId, traceparent, occurredAt, schemaVersion: 1 as const },
      data: { orderId, ownerId, status, lane, reference, total, currency, awb, wmsReference, attention },
    },
  }
}
