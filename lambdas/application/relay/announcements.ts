import { maxEntries, type Published } from '../../adapters/event-publisher.ts'
import { announcement as lane, outboxPartitions, troubleOf } from '../../domain/outbox.ts'
import { batchesOf, inParallel, sliceSize } from './batches.ts'
import { createDeadLetters } from './dead-letters.ts'
import { createEntries } from './entries.ts'
import { type DueOrder, type Failed, readDue } from './read-due.ts'
import type { RelayDeps, ShardGroup } from './relay-deps.ts'
import { createTroubleshooter } from './trouble.ts'

/** Announces orders that no step takes up: they are at their end, or need a person. */
export function createAnnouncements(deps: RelayDeps) {
  const { repository, publisher, telemetry, now, shards } = deps
  const deadLetters = createDeadLetters(deps)
  const { lookAfter } = createTroubleshooter(deps)

  /** Remembers that the message is in the DLQ, so that a bus outage puts no second one there. */
  const withMessage = (order: DueOrder): DueOrder => ({
    ...order,
    outboxTrouble: {
      waitedMs: 0,
      ...troubleOf(order),
      eventId: order.outboxEventId ?? '',
      inDeadLetterQueue: true,
    },
  })

  /** The worker may have died before it dead-lettered the message. A second message does no harm. */
  async function ensureMessage(order: DueOrder): Promise<DueOrder | Failed> {
    if (order.deadLettered === undefined || troubleOf(order)?.inDeadLetterQueue) return order
    try {
      await deadLetters.put(order)
      return withMessage(order)
    } catch (error) {
      return { owed: order, error }
    }
  }

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
    const ensured = await inParallel(orders, ensureMessage)
    const ready = ensured.filter((each): each is DueOrder => !('owed' in each))
    const published = await inParallel(batchesOf(ready, maxEntries), publisher.publish)
    const settled = await inParallel(published.flat(), settle)
    const failed = [...ensured, ...settled].filter((each) => each !== undefined && 'owed' in each)
    const accepted = published.flat().filter(({ error }) => error === undefined)
    telemetry.metric('EventsRepublished', accepted.length, { lane })
    await lookAfter(failed, lane)
  }

  return {
    announce,
    /** Announces what is due, slice by slice. */
    async *run({ group, groups }: ShardGroup): AsyncGenerator<void> {
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
    },
  }
}
