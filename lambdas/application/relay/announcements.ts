import { maxEntries, type Published } from '../../adapters/event-publisher.ts'
import { announcement as lane, outboxPartitions } from '../../domain/outbox.ts'
import { batchesOf, inParallel, sliceSize } from './batches.ts'
import { createEntries } from './entries.ts'
import { type DueOrder, type Failed, readDue } from './read-due.ts'
import type { RelayDeps, ShardGroup } from './relay-deps.ts'
import { createTroubleshooter } from './trouble.ts'

/** Announces orders that no step takes up: they are at their end, or need a person. */
export function createAnnouncements(deps: RelayDeps) {
  const { repository, publisher, telemetry, now, shards } = deps
  const { lookAfter } = createTroubleshooter(deps)

  async function settle({ order, error }: Published<DueOrder>): Promise<Failed | undefined> {
    if (error !== undefined) return { owed: order, error }
    try {
      await repository.clearMark(order)
      return undefined
    } catch (failure) {
      return { owed: order, error: failure }
    }
  }

  async function announce(orders: readonly DueOrder[]): Promise<void> {
    const published = await inParallel(batchesOf(orders, maxEntries), publisher.publish)
    const settled = await inParallel(published.flat(), settle)
    const failed = settled.filter((each) => each !== undefined)
    const accepted = published.flat().filter(({ error }) => error === undefined)
    telemetry.metric('EventsRepublished', accepted.length, { lane })
    await lookAfter(failed, lane)
  }

  /** Announces what is due, slice by slice. */
  return async function* run({ group, groups }: ShardGroup): AsyncGenerator<void> {
    const at = new Date(now()).toISOString()
    const partitions = outboxPartitions(lane, shards, group, groups)
    const due = createEntries(repository.due, 'outboxDueAt', partitions, at)
    while (true) {
      const entries = await due.take(sliceSize)
      if (entries.length === 0) return
      const { orders, unreadable } = await readDue(repository, entries, at)
      await announce(orders)
      await lookAfter(unreadable, lane)
      yield
    }
  }
}
