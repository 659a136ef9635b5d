/** Entries that are read of a partition at once. */
const pageSize = 50

interface Partition<Entry> {
  name: string
  entries: Entry[]
  last: Entry | undefined
  isRead: boolean
}

/**
 * Merges the partitions of an index page by page, up to a time, the earliest entry first; `time` is its sort key. No
 * entry is read twice: one that stays holds up none after it.
 */
export function createEntries<Time extends string, Entry extends Record<Time, string>>(
  read: (partition: string, until: string, limit: number, after?: Entry) => Promise<Entry[]>,
  time: Time,
  names: readonly string[],
  until: string,
) {
  const partitions = names.map(
    (name): Partition<Entry> => ({ name, entries: [], last: undefined, isRead: false }),
  )

  async function readOn(partition: Partition<Entry>): Promise<void> {
    partition.entries = await read(partition.name, until, pageSize, partition.last)
    partition.last = partition.entries.at(-1)
    partition.isRead = partition.entries.length < pageSize
  }

  /** The partition whose next entry is the earliest. */
  async function first(): Promise<Partition<Entry> | undefined> {
    const empty = partitions.filter(({ entries, isRead }) => entries.length === 0 && !isRead)
    if (empty.length > 0) await Promise.all(empty.map(readOn))
    let found: { partition: Partition<Entry>; at: string } | undefined
    for (const partition of partitions) {
      const at = partition.entries[0]?.[time]
      if (at !== undefined && (found === undefined || at < found.at)) found = { partition, at }
    }
    return found?.partition
  }

  return {
    /** The time of the earliest entry that was not taken yet. */
    oldest: async (): Promise<string | undefined> => (await first())?.entries[0]?.[time],
    /** The next entries, at most `limit`; none where all were taken. */
    async take(limit: number): Promise<Entry[]> {
      const taken: Entry[] = []
      while (taken.length < limit) {
        const entry = (await first())?.entries.shift()
        if (entry === undefined) break
        taken.push(entry)
      }
      return taken
    },
  }
}
