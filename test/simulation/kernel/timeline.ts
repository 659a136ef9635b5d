/** A scheduled event. It returns true if code under test can continue, which must then run before the next event. */
type Happening = () => unknown

interface Entry {
  at: number
  serial: number
  happen: Happening
}

const isBefore = (a: Entry, b: Entry) => a.at < b.at || (a.at === b.at && a.serial < b.serial)

/**
 * Runs all pending promise callbacks: Node runs a next tick only when no promise callback is left. A turn of the event
 * loop would have the same effect but takes far longer.
 */
const drain = () => new Promise<void>((resolve) => process.nextTick(resolve))

/** Virtual time: the scheduled events in order, in a binary heap because most runs have thousands of them. */
export class Timeline {
  /** Epoch ms. */
  now: number
  #heap: Entry[] = []
  #serial = 0

  constructor(start: number) {
    this.now = start
  }

  /** Schedules an event at a time, or now if that has passed. */
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

  /** The time of the next event, if there is one. */
  get next(): number | undefined {
    return this.#heap[0]?.at
  }

  /** Runs the next event. */
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
