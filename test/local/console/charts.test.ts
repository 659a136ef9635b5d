import { expect, test } from '@jest/globals'
import { pageModule } from './page.ts'

const { recorded, seriesOf } = await pageModule('charts')

const topology = { lanes: [{ vendor: 'carrier', queue: 'q', worker: 'w' }] }
/** What is told at a second: orders in the queue and waiting, and calls to the vendor since the last time. */
const told = (seconds: number, visible: number, waiting: number, ok = 0, bad = 0) => ({
  now: seconds * 1000,
  state: { queues: { q: { visible, delayed: 1 } }, vendors: { carrier: { waiting } } },
  moves: { 'w>carrier': { ok, bad } },
})
type Bin = Record<'queued' | 'waiting' | 'calls' | 'good', number>
const chartOf = (updates: ReturnType<typeof told>[], seconds: number): Bin[] => {
  const history = updates.reduce((before, update) => recorded(before, update, topology), [])
  return seriesOf(history, 'carrier', seconds * 1000)
}

test('queue and waiting are charted as they were last told, also while nothing is told', () => {
  const bins = chartOf([told(1000, 7, 0), told(1004, 3, 2)], 1008)

  expect(bins).toHaveLength(150)
  expect(bins.slice(-6).map(({ queued, waiting }) => [queued, waiting])).toEqual([
    [0, 0],
    [8, 0],
    [8, 0],
    [4, 2],
    [4, 2],
    [4, 2],
  ])
})

test('calls and those that did their work are charted as calls a second, none where none were made', () => {
  const bins = chartOf([told(1000, 0, 0, 2, 1), told(1001, 0, 0, 3, 0), told(1002, 0, 0, 0, 4)], 1004)

  expect(bins.slice(-3).map(({ calls, good }) => [calls, good])).toEqual([
    [3, 2.5],
    [2, 0],
    [0, 0],
  ])
})

test('five minutes are kept, and no more', () => {
  const updates = Array.from({ length: 1000 }, (_, i) => told(i, 0, 0))

  expect(updates.reduce((before, update) => recorded(before, update, topology), [])).toHaveLength(150)
})
