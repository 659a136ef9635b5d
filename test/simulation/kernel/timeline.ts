/** Something that will happen. Answers true where code of ours may go on now, and has to be let run. */
type Happening = () => unknown

interface Entry {
  at: number
  serial: number
  happen: Happening
}

const isBefore = (a: Entry, b: Entry) => a.at < b.at || (a.at === b.at && a.serial < b.serial)

/**
 * Lets everything that can run without the world's doing run: all of it is promises, and Node runs a next tick
 * when no promise has anything left to do. A turn of the event loop would do as well, and take far longer.
 */
const drain = () => new Promise<void>((resolve) => process.nextTick(resolve))

/** Virtual time: what will happen, in order. A binary heap, since most runs are thousands of entries. */
export class Timeline {
  /** Epoch ms. */
  now: number
  #heap: Entry[] = []
  #serial = 0

  constructor(start: number) {
    this.now = start
  }

  /** Lets something happen at a time, or now where that is past. */
  at(time: number, happen: Happening): void {
    const entry = { at: Math.max(time, this.now), serial: this.#serial++, happen }
    const heap = this.#heap
    let hole = heap.length
    while (hole > 0) {
      const parent = (hole - 1) >> 1
      const above = heap[parent] as Entry
      if (!isBefore(entry, above)) break
      heap[hole] = above
      hole = parent
    }
    heap[hole] = entry
  }

  after(ms: number, happen: Happening): void {
    this.at(this.now + ms, happen)
  }

  /** When the next thing happens, if anything does. */
  get next(): number | undefined {
    return this.#heap[0]?.at
  }

  /** Lets the next thing happen. */
  async step(): Promise<void> {
    const entry = this.#pop()
    if (!entry) return
    this.now = entry.at
    if (entry.happen() === true) await drain()
  }

  #pop(): Entry | undefined {
    const heap = this.#heap
    const first = heap[0]
    const last = heap.pop()
    if (last === undefined || heap.length === 0) return first
    let hole = 0
    for (;;) {
      let child = 2 * hole + 1
      if (child >= heap.length) break
      if (child + 1 < heap.length && isBefore(heap[child + 1] as Entry, heap[child] as Entry)) child++
      if (!isBefore(heap[child] as Entry, last)) break
      heap[hole] = heap[child] as Entry
      hole = child
    }
    heap[hole] = last
    return first
  }
}
