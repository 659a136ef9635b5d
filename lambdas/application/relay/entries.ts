/** Entries that one query reads from a partition. */
const pageSize = 100

/** Merges an index's partitions up to a time, by `time` or one entry of each partition in turn. None is read twice. */
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

  /** The next entry of each partition; the last one in the array is taken first. */
  const heads = async () => {
    opened ??= (await Promise.all(partitions.map((each) => headOf(entriesOf(each))))).flat().sort(latestFirst)
    return opened
  }

  return {
    /** The time of the earliest entry. Call it before taking any. */
    oldest: async (): Promise<string | undefined> => (await heads()).at(-1)?.entry[time],
    /** The next entries, at most `limit`; none if all have been taken. */
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
