import { type DetailType, eventForStatus, type OrderStatus, type StepName } from './chain.ts'
import type { Order } from './order.ts'

/** The `source` of every event that we publish. */
export const eventSource = 'orders'

/** An event as listeners get it: ids, status and totals, and no personal data. */
export interface OrderEvent {
  detailType: DetailType
  detail: {
    metadata: {
      /** Derived, so the same however often the event is sent: listeners dedupe by it. */
      eventId: string
      correlationId: string
      /** https://www.w3.org/TR/trace-context/#traceparent-header */
      traceparent: string
      occurredAt: string
      schemaVersion: 1
    }
    data: {
      orderId: string
      ownerId: string
      status: OrderStatus
      reference?: string | undefined
      total: number
      currency: string
      awb?: string | undefined
      wmsReference?: string | undefined
      attention?: { step: StepName; reason: string; number: number } | undefined
    }
  }
}

/** An order's item: its id comes again when the same reference is placed after the order has expired. */
export type OrderItem = Pick<Order, 'orderId' | 'nonce'>

/** The id of the event that a status owes. */
export const statusEventId = ({ orderId, nonce }: OrderItem, status: OrderStatus): string =>
  `${orderId}:${nonce}:${status}`

/** The id of the event that a dead-lettering owes. */
export const attentionEventId = ({ orderId, nonce }: OrderItem, step: StepName, number: number): string =>
  `${orderId}:${nonce}:NEEDS_ATTENTION:${step}:${number}`

/** The event that the order owes the world in its present state: a pure function of the order. */
export function eventOf(order: Order): OrderEvent {
  const { orderId, ownerId, status, reference, total, currency, awb, wmsReference } = order
  const { correlationId, traceparent, attention, deadLettered } = order
  const needsAttention = attention !== undefined && deadLettered !== undefined
  return {
    detailType: needsAttention ? 'ORDER_NEEDS_ATTENTION' : eventForStatus(status),
    detail: {
      metadata: {
        eventId: needsAttention
          ? attentionEventId(order, attention.step, deadLettered)
          : statusEventId(order, status),
        correlationId,
        traceparent,
        occurredAt: needsAttention ? attention.since : order.statusAt,
        schemaVersion: 1,
      },
      data: {
        orderId,
        ownerId,
        status,
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
