import { type EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge'
import { eventOf, eventSource } from '../domain/events.ts'
import type { Order } from '../domain/order.ts'
import { xrayHeaderOf } from '../domain/trace.ts'

/** https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEvents.html */
export const maxEntries = 10

/** The result of publishing an order's event. */
export interface Published<Of extends Order = Order> {
  order: Of
  /** The error code, if EventBridge did not accept the entry. */
  error?: string
}

export function createEventPublisher(client: EventBridgeClient, busName: string) {
  return {
    /** Publishes at most {@link maxEntries} events. Never throws: if the call fails, each event gets its error. */
    async publish<Of extends Order>(orders: readonly Of[]): Promise<Published<Of>[]> {
      const Entries = orders.map((order) => {
        const { detailType, detail } = eventOf(order)
        // The sender (a worker with a batch, or the relay) may run in another trace.
        const TraceHeader = xrayHeaderOf(order.traceparent)
        return {
          EventBusName: busName,
          Source: eventSource,
          DetailType: detailType,
          Detail: JSON.stringify(detail),
          ...(TraceHeader && { TraceHeader }),
        }
      })
      try {
        const result = await client.send(new PutEventsCommand({ Entries }))
        return orders.map((order, index) => {
          const entry = result.Entries?.[index]
          return entry?.EventId ? { order } : { order, error: entry?.ErrorCode ?? 'NoAnswerForThisEntry' }
        })
      } catch (error) {
        return orders.map((order) => ({ order, error: error instanceof Error ? error.name : String(error) }))
      }
    },
  }
}
export type EventPublisher = ReturnType<typeof createEventPublisher>
