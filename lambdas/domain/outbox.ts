import { hash } from 'node:crypto'
import type { StepName } from './chain.ts'
import { attentionEventId, laneOf, type OrderItem, type Standing, statusEvent } from './events.ts'
import type { Order, OutboxTrouble } from './order.ts'

/** Takes the place of a lane in the outbox for events that no step consumes: they only have to be published. */
export const announcement = 'announcement'

/** The attributes that make up a mark. */
export const markAttributes = [
  'outboxEventId',
  'outboxPartition',
  'outboxDueAt',
  'outboxSends',
  'outboxClaimed',
  'outboxTrouble',
] as const satisfies readonly (keyof Order)[]

/** How many shards a shop's orders use, so that its backlog leaves the others free (docs/floods.md). */
const shardsPerShop = 4

const numberIn = (hexadecimal: string): number => Number.parseInt(hexadecimal.slice(-8), 16)

/** A new order's shard. With a single index key, DynamoDB would throttle the table at 1,000 writes per second. */
export const shardOf = ({ ownerId, orderId }: Pick<Order, 'ownerId' | 'orderId'>, shards: number): number =>
  (numberIn(hash('sha256', ownerId)) + (numberIn(orderId) % shardsPerShop)) % shards

const partitionAt = (lane: string, shard: number): string => `${lane}#${shard.toString(16)}`

/** An order's partition in the outbox index and in the dead-letter index. */
export const partitionOf = (
  { orderId, outboxShard = numberIn(orderId) % 16 }: Pick<Order, 'orderId' | 'outboxShard'>,
  lane: string,
): string => partitionAt(lane, outboxShard)

/** A lane's partitions in these indexes: every `groups`th shard, starting at `group`. */
export const outboxPartitions = (lane: string, shards: number, group = 0, groups = 1): string[] =>
  Array.from({ length: shards }, (_, shard) => partitionAt(lane, shard)).filter(
    (_, shard) => shard % groups === group,
  )

type Sharded = OrderItem & Pick<Order, 'outboxShard'>

const mark = (order: Sharded, lane: string, eventId: string, dueAt: number) => ({
  outboxEventId: eventId,
  outboxPartition: partitionOf(order, lane),
  outboxDueAt: new Date(dueAt).toISOString(),
  outboxSends: 0,
  outboxClaimed: false,
})

/** The mark of an order that has just reached its status. `dueAt` in epoch ms. */
export const statusMark = (order: Sharded & Standing, dueAt: number) =>
  mark(order, laneOf(order) ?? announcement, statusEvent(order).eventId, dueAt)

/** The mark of an order that has just been dead-lettered. `dueAt` in epoch ms. */
export const attentionMark = (order: Sharded, step: StepName, number: number, dueAt: number) =>
  mark(order, announcement, attentionEventId(order, { step, number }), dueAt)

/** The relay's failure to send the order's current event, if there is one. */
export const troubleOf = ({
  outboxTrouble,
  outboxEventId = '',
}: Partial<Order>): OutboxTrouble | undefined =>
  outboxTrouble?.eventId === outboxEventId ? outboxTrouble : undefined
