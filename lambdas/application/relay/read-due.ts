import { type OutboxEntry, type Owed, readableMark } from '../../adapters/outbox-repository.ts'
import type { Order } from '../../domain/order.ts'
import { outboxPartitions, partitionOf, troubleOf } from '../../domain/outbox.ts'
import { waitedFor } from './backoff.ts'
import { sliceSize } from './batches.ts'
import { createEntries } from './entries.ts'
import type { RelayDeps, ShardGroup } from './relay-deps.ts'

/** An order that was still due when it was read. */
export type DueOrder = Order & OutboxEntry

/** An order that the relay could not process, and why. */
export interface Failed<Of extends Owed = Owed> {
  owed: Of
  error: unknown
}

/** Runs an action for an order. An error is returned, so that it does not stop other orders. */
export async function orFailed<Of extends Owed, Result>(
  owed: Of,
  action: () => Promise<Result>,
): Promise<Result | Failed<Of>> {
  try {
    return await action()
  } catch (error) {
    return { owed, error }
  }
}

/** Reads a lane's due orders from each shard in turn, so that one shop's backlog does not hold up all others. */
export function createDue(
  { repository, telemetry, now, shards, backoffMs }: RelayDeps,
  lane: string,
  { group, groups }: ShardGroup,
) {
  const at = new Date(now()).toISOString()
  const partitions = outboxPartitions(lane, shards, group, groups)
  const { oldest, take } = createEntries(repository.due, 'outboxDueAt', partitions, at, 'in turn')
  /** The index is eventually consistent, so the order's own time and lane decide. */
  const isDue = (order: Order): order is DueOrder =>
    order.outboxPartition === partitionOf(order, lane) && (order.outboxDueAt ?? '~') <= at

  return {
    oldest,
    /** The next slice, with its unreadable orders; undefined at the end. */
    async next(): Promise<{ orders: DueOrder[]; unreadable: Failed[] } | undefined> {
      const ids = (await take(sliceSize)).map(({ orderId }) => orderId)
      if (ids.length === 0) return undefined
      const unreadable: Failed[] = []
      const read = await repository.getAll(ids, (item, error) => {
        const owed = readableMark(item)
        if (owed !== undefined && owed.outboxDueAt <= at) unreadable.push({ owed, error })
      })
      const orders = read.filter(isDue).sort((a, b) => (a.outboxDueAt < b.outboxDueAt ? -1 : 1))
      // How long the relay has been sending, or trying to send, an order without a worker claiming it.
      const unclaimedMs = [...orders, ...unreadable.map(({ owed }) => owed)].map(
        (each) => waitedFor(each.outboxSends ?? 0, backoffMs) + (troubleOf(each)?.waitedMs ?? 0),
      )
      telemetry.metric('UnclaimedSeconds', Math.max(0, ...unclaimedMs) / 1000)
      return { orders, unreadable }
    },
  }
}
