import { consumerOf, type OrderStatus, type StepName } from './chain.ts'
import { attentionEventId, type OrderItem, statusEventId } from './events.ts'

/** Who has to take an event up: a step of the chain, or nobody of ours (then it only has to be announced). */
export type Consumer = StepName | 'announcement'

/** The mark that a write sets on the order: which event is owed, to whom, and when somebody must look. */
export interface OutboxMark {
  outboxEventId: string
  outboxPartition: string
  outboxDueAt: string
  outboxSends: number
  outboxClaimed: boolean
}

/** One hot index key would throttle the table at 1,000 writes a second, so each consumer's is split. */
const shards = '0123456789abcdef'

/** The outbox index's partitions of one consumer. */
export const outboxPartitions = (consumer: Consumer): string[] => [...shards].map((s) => `${consumer}#${s}`)

const mark = (orderId: string, consumer: Consumer, eventId: string, dueAt: number): OutboxMark => ({
  outboxEventId: eventId,
  // The order's id ends in a hash's hexadecimal digit.
  outboxPartition: `${consumer}#${orderId.at(-1)}`,
  outboxDueAt: new Date(dueAt).toISOString(),
  outboxSends: 0,
  outboxClaimed: false,
})

/** The mark of an order that has just reached a status. `dueAt` in epoch ms. */
export function statusMark(item: OrderItem, status: OrderStatus, dueAt: number): OutboxMark {
  return mark(item.orderId, consumerOf(status) ?? 'announcement', statusEventId(item, status), dueAt)
}

/** The mark of an order that has just been dead-lettered. `dueAt` in epoch ms. */
export function attentionMark(item: OrderItem, step: StepName, number: number, dueAt: number): OutboxMark {
  return mark(item.orderId, 'announcement', attentionEventId(item, step, number), dueAt)
}
