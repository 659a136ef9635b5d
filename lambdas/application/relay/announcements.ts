import { maxEntries, type Published } from '../../adapters/event-publisher.ts'
import { announcement as lane } from '../../domain/outbox.ts'
import { batchesOf, inParallel } from './batches.ts'
import { createDue, type DueOrder, type Failed, orFailed } from './read-due.ts'
import type { RelayDeps, ShardGroup } from './relay-deps.ts'
import { createTroubleshooter } from './trouble.ts'

/** Publishes the events that no step consumes: the order is finished or needs an operator. */
export function createAnnouncements(deps: RelayDeps) {
  const { repository, publisher, telemetry } = deps
  const { lookAfter } = createTroubleshooter(deps)

  const settle = async ({ order, error }: Published<DueOrder>): Promise<Failed | undefined> => {
    if (error !== undefined) return { owed: order, error }
    return orFailed(order, () => repository.clearMark(order).then(() => undefined))
  }

  async function announce(orders: readonly DueOrder[]): Promise<void> {
    const published = (await inParallel(batchesOf(orders, maxEntries), publisher.publish)).flat()
    const failed = (await inParallel(published, settle)).filter((each) => each !== undefined)
    const accepted = published.filter(({ error }) => error === undefined)
    telemetry.metric('EventsRepublished', accepted.length, { lane })
    await lookAfter(failed, lane)
  }

  /** Announces what is due, slice by slice. */
  return async function* run(shardGroup: ShardGroup): AsyncGenerator<void> {
    const due = createDue(deps, lane, shardGroup)
    for (let slice = await due.next(); slice !== undefined; slice = await due.next()) {
      await announce(slice.orders)
      await lookAfter(slice.unreadable, lane)
      yield
    }
  }
}
