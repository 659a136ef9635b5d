import { type OutboxEntry, type Owed, readableMark } from '../../adapters/outbox-repository.ts'
import type { Order } from '../../domain/order.ts'
import { outboxPartitions, partitionOf, troubleOf } from '../../domain/outbox.ts'
import { waitedFor } from './backoff.ts'
import { sliceSize } from './batches.ts'
import { createEntries } from './entries.ts'
import type { RelayDeps, ShardGroup } from './relay-deps.ts'

/** An order that was still due when it was read. */
export type DueOrder = Order & OutboxEntry

/** What became of an order that the relay could do nothing for. */
export interface Failed<Of extends Owed = Owed> {
  owed: Of
  error: unknown
}

/** Does something for an order; an error is an answer, so that it stops no other order. */
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

/** Reads the orders of a lane that are due now, of each shard in turn, so that no shop's backlog keeps all others waiting. */
export function createDue(
  { repository, telemetry, now, shards, backoffMs }: RelayDeps,
  lane: string,
  { group, groups }: ShardGroup,
) {
  const at = new Date(now()).toISOString()
  const partitions = outboxPartitions(lane, shards, group, groups)
  const { oldest, take } = createEntries(repository.due, 'outboxDueAt', partitions, at, 'in turn')
  /** The index may be behind: the order's own time and lane decide. */
  const isDue = (order: Order): order is DueOrder =>
    order.outboxPartition === partitionOf(order, lane) && (order.outboxDueAt ?? '~') <= at

  return {
    oldest,
    /** The next slice, with what cannot be read in it; undefined where all were read. */
    async next(): Promise<{ orders: DueOrder[]; unreadable: Failed[] } | undefined> {
      const ids = (await take(sliceSize)).map(({ orderId }) => orderId)
      if (ids.length === 0) return undefined
      const unreadable: Failed[] = []
      const read = await repository.getAll(ids, (item, error) => {
        const owed = readableMark(item)
        if (owed !== undefined && owed.outboxDueAt <= at) unreadable.push({ owed, error })
      })
      const orders = read.filter(isDue).sort((a, b) => (a.outboxDueAt < b.outboxDueAt ? -1 : 1))
      // How long the relay has sent, or tried to send, an order that no worker has taken up since.
      const unclaimedMs = [...orders, ...unreadable.map(({ owed }) => owed)].map(
        (each) => waitedFor(each.outboxSends ?? 0, backoffMs) + (troubleOf(each)?.waitedMs ?? 0),
      )
      telemetry.metric('UnclaimedSeconds', Math.max(0, ...unclaimedMs) / 1000)
      return { orders, unreadable }
    },
  }
}
