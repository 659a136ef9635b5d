/** Entries that are read of a partition at once. */
const pageSize = 100

/**
 * Merges the partitions of an index page by page, up to a time, the earliest entry first; `time` is its sort key. No
 * entry is read twice: one that stays holds up none after it.
 */
export function createEntries<Time extends string, Entry extends Record<Time, string>>(
  read: (partition: string, until: string, limit: number, after?: Entry) => Promise<Entry[]>,
  time: Time,
  partitions: readonly string[],
  until: string,
) {
  async function* entriesOf(partition: string): AsyncGenerator<Entry> {
    let page: Entry[] = []
    do {
      page = await read(partition, until, pageSize, page.at(-1))
      yield* page
    } while (page.length === pageSize)
  }
  async function headOf(rest: AsyncGenerator<Entry>) {
    const { value: entry, done } = await rest.next()
    return done ? [] : [{ entry, rest }]
  }
  let heads: { entry: Entry; rest: AsyncGenerator<Entry> }[] | undefined

  /** The partitions by their next entries, the latest first. */
  async function sorted() {
    heads ??= (await Promise.all(partitions.map((each) => headOf(entriesOf(each))))).flat()
    return heads.sort((one, other) => (one.entry[time] < other.entry[time] ? 1 : -1))
  }

  return {
    /** The time of the earliest entry that was not taken yet. */
    oldest: async (): Promise<string | undefined> => (await sorted()).at(-1)?.entry[time],
    /** The next entries, at most `limit`; none where all were taken. */
    async take(limit: number): Promise<Entry[]> {
      const taken: Entry[] = []
      while (taken.length < limit) {
        const head = (await sorted()).pop()
        if (head === undefined) break
        taken.push(head.entry)
        heads?.push(...(await headOf(head.rest)))
      }
      return taken
    },
  }
}
