import type { OrderRepository } from '../../adapters/order-repository.ts'
import type { OutboxEntry } from '../../adapters/outbox-marks.ts'

/** Entries that are read of a shard at once. */
const pageSize = 50

interface Shard {
  partition: string
  entries: OutboxEntry[]
  last: OutboxEntry | undefined
  isRead: boolean
}

/** Merges partitions page by page. No entry is read twice: one that stays due holds up none after it. */
export function createDueEntries(
  repository: Pick<OrderRepository, 'due'>,
  partitions: readonly string[],
  at: string,
) {
  const shards = partitions.map(
    (partition): Shard => ({ partition, entries: [], last: undefined, isRead: false }),
  )

  async function readOn(shard: Shard): Promise<void> {
    shard.entries = await repository.due(shard.partition, at, pageSize, shard.last)
    shard.last = shard.entries.at(-1)
    shard.isRead = shard.entries.length < pageSize
  }

  /** The shard whose next entry is the most overdue. */
  async function first(): Promise<Shard | undefined> {
    const empty = shards.filter(({ entries, isRead }) => entries.length === 0 && !isRead)
    if (empty.length > 0) await Promise.all(empty.map(readOn))
    let found: { shard: Shard; dueAt: string } | undefined
    for (const shard of shards) {
      const dueAt = shard.entries[0]?.outboxDueAt
      if (dueAt !== undefined && (found === undefined || dueAt < found.dueAt)) found = { shard, dueAt }
    }
    return found?.shard
  }

  return {
    /** When the most overdue entry that was not taken yet was due. */
    oldest: async () => (await first())?.entries[0]?.outboxDueAt,
    /** The next entries, at most `limit`; none where all were taken. */
    async take(limit: number): Promise<OutboxEntry[]> {
      const taken: OutboxEntry[] = []
      while (taken.length < limit) {
        const entry = (await first())?.entries.shift()
        if (entry === undefined) break
        taken.push(entry)
      }
      return taken
    },
  }
}
