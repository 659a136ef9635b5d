import { expect, test } from '@jest/globals'
import { pageModule } from './page.ts'

const { recorded, seriesOf } = await pageModule('charts')

const topology = { lanes: [{ vendor: 'carrier', queue: 'q', worker: 'w' }] }
interface Told {
  visible?: number
  waiting?: number
  /** The number of steps done so far. */
  done?: number
  /** Calls to the vendor since the last update. */
  ok?: number
  bad?: number
}
/** The update at a second. */
const told = (seconds: number, { visible = 0, waiting = 0, done = 0, ok = 0, bad = 0 }: Told = {}) => ({
  now: seconds * 1000,
  state: { queues: { q: { visible, delayed: 1 } }, vendors: { carrier: { waiting, done } } },
  moves: { 'w>carrier': { ok, bad } },
})
type Bin = Partial<Record<'queued' | 'waiting' | 'calls' | 'done', number>>
const chartOf = (updates: ReturnType<typeof told>[], seconds: number): Bin[] => {
  const history = updates.reduce((before, update) => recorded(before, update, topology), [])
  return seriesOf(history, 'carrier', seconds * 1000)
}

test('queued and waiting orders are charted as reported, with a gap where there was no update', () => {
  const updates = [told(900, { visible: 7 }), told(903, { visible: 3, waiting: 2 }), told(912)]
  const bins = chartOf(updates, 912)

  expect(bins).toHaveLength(100)
  expect(bins.slice(-6).map(({ queued, waiting }) => [queued, waiting])).toEqual([
    [undefined, undefined],
    [8, 0],
    [4, 2],
    [undefined, undefined],
    [undefined, undefined],
    [1, 0],
  ])
})

test('calls per second are those of a bin, successful or not', () => {
  const bins = chartOf([told(900, { ok: 2, bad: 1 }), told(901, { ok: 3 }), told(903, { bad: 6 })], 903)

  expect(bins.slice(-3).map(({ calls }) => calls)).toEqual([undefined, 2, 2])
})

test('steps done per second are those since the previous bin, and unknown without one', () => {
  const updates = [
    told(900, { done: 10 }),
    told(903, { done: 16, ok: 30 }),
    told(906, { done: 15 }),
    told(912),
  ]
  const bins = chartOf(updates, 912)

  expect(bins.slice(-5).map(({ done }) => done)).toEqual([undefined, 2, 0, undefined, undefined])
})

test('only five minutes are kept', () => {
  const updates = Array.from({ length: 1000 }, (_, i) => told(i))

  expect(updates.reduce((before, update) => recorded(before, update, topology), [])).toHaveLength(100)
})
