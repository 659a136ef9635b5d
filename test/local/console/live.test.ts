import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals'
import { pageModule } from './page.ts'

const { reduce, watch } = await pageModule('live')
const { theVendor, vendorName } = await pageModule('ui')

/** A fake of the browser's EventSource, controlled by the test. */
class Source extends EventTarget {
  static readonly CLOSED = 2
  static opened: Source[] = []
  readyState = 0
  constructor() {
    super()
    Source.opened.push(this)
  }
  fail(readyState: number) {
    this.readyState = readyState
    this.dispatchEvent(new Event('error'))
  }
  close() {
    this.readyState = Source.CLOSED
  }
}

describe("the page's stream", () => {
  const browser = { EventSource: Source }
  beforeEach(() => {
    Object.assign(globalThis, browser)
    Source.opened = []
    jest.useFakeTimers()
  })
  afterEach(() => {
    jest.useRealTimers()
    for (const name of Object.keys(browser)) Reflect.deleteProperty(globalThis, name)
  })

  test('is opened again after a refusal, such as that of a starting server', () => {
    watch(() => {})
    Source.opened[0]?.fail(Source.CLOSED)
    expect(Source.opened).toHaveLength(1)
    jest.advanceTimersByTime(1000)
    Source.opened[1]?.fail(Source.CLOSED)
    jest.advanceTimersByTime(1000)

    expect(Source.opened).toHaveLength(3)
  })

  test('is left to the browser if that reconnects by itself', () => {
    watch(() => {})
    Source.opened[0]?.fail(0)
    jest.advanceTimersByTime(60_000)

    expect(Source.opened).toHaveLength(1)
  })

  test("sets the vendors' display names, alone and within a sentence", () => {
    watch(() => {})
    const lanes = [{ vendor: 'easypost', brand: 'EasyPost' }, { vendor: 'courier' }]
    const data = JSON.stringify({ topology: { lanes } })
    Source.opened[0]?.dispatchEvent(new MessageEvent('hello', { data }))

    const names = ['easypost', 'courier', 'wms']
    expect(names.map(vendorName)).toEqual(['EasyPost', 'Courier', 'Warehouse'])
    expect(names.map(theVendor)).toEqual(['EasyPost', 'the courier', 'the warehouse'])
  })
})

describe('what the page shows', () => {
  const topology = { lanes: [{ vendor: 'carrier', queue: 'q', worker: 'w' }] }
  const carrier = { unfinished: 2, waiting: 1, circuit: { vendor: 'carrier', state: 'closed' } }
  const state = {
    placed: 3,
    functions: { 'create-order': { running: 4 } },
    queues: { q: { visible: 5, inFlight: 0, delayed: 0 } },
    vendors: { carrier },
  }
  const live = { connected: true, clicks: [], history: [], written: 1, topology, state }

  test('without a connection is the last state, without running functions and circuits', () => {
    expect(reduce(live, { connected: false }).state).toEqual({
      ...state,
      functions: {},
      vendors: { carrier: { ...carrier, circuit: { state: 'unknown' } } },
    })
  })

  test('is complete again, and fetched again, after the server has said hello', () => {
    const gone = reduce(live, { connected: false })

    expect(reduce(gone, { connected: true, topology, state, clicks: [], now: 0 })).toMatchObject({
      connected: true,
      state,
      written: 2,
    })
  })

  test('over time is kept through a disconnection, and starts again when the server was restarted', () => {
    const hello = { connected: true, topology, state, clicks: [], startedAt: 1, now: 3000 }
    const first = reduce(reduce(live, hello), { now: 6000, state, moves: {} })
    const ats = (shown: { history: { at: number }[] }) => shown.history.map(({ at }) => at)

    expect(ats(first)).toEqual([1, 2])
    const gone = reduce(first, { connected: false })
    expect(ats(reduce(gone, { ...hello, now: 30_000 }))).toEqual([1, 2, 10])
    expect(ats(reduce(gone, { ...hello, startedAt: 2, now: 30_000 }))).toEqual([10])
  })

  test('before the first hello is nothing', () => {
    const { state, ...unknown } = live

    expect(reduce(unknown, { connected: false }).state).toBeUndefined()
  })

  test('of clicks are the latest 500', () => {
    const clicks = Array.from({ length: 501 }, (_, at) => ({ at }))

    expect(reduce(live, { clicks, now: 0 }).clicks.map(({ at }: { at: number }) => at)).toEqual(
      Array.from({ length: 500 }, (_, i) => i + 1),
    )
  })
})
