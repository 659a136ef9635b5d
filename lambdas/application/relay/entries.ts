/** Entries that are read of a partition at once. */
const pageSize = 100

/** Merges an index's partitions up to a time, sorted by `time`, the earliest entry first or one of each in turn. None is read twice. */
export function createEntries<Time extends string, Entry extends Record<Time, string>>(
  read: (partition: string, until: string, limit: number, after?: Entry) => Promise<Entry[]>,
  time: Time,
  partitions: readonly string[],
  until: string,
  order: 'earliest first' | 'in turn' = 'earliest first',
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
  type Head = { entry: Entry; rest: AsyncGenerator<Entry> }
  const latestFirst = (one: Head, other: Head) => (one.entry[time] < other.entry[time] ? 1 : -1)
  let opened: Head[] | undefined

  /** The partitions' next entries; the last one is the next. */
  const heads = async () => {
    opened ??= (await Promise.all(partitions.map((each) => headOf(entriesOf(each))))).flat().sort(latestFirst)
    return opened
  }

  return {
    /** The time of the earliest entry; to be asked before any is taken. */
    oldest: async (): Promise<string | undefined> => (await heads()).at(-1)?.entry[time],
    /** The next entries, at most `limit`; none where all were taken. */
    async take(limit: number): Promise<Entry[]> {
      const left = await heads()
      const taken: Entry[] = []
      while (taken.length < limit) {
        const head = left.pop()
        if (head === undefined) break
        taken.push(head.entry)
        left.unshift(...(await headOf(head.rest)))
        if (order === 'earliest first') left.sort(latestFirst)
      }
      return taken
    },
  }
}
