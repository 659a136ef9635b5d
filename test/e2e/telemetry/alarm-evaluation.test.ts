import { expect, test } from '@jest/globals'
import { type Sample, wouldFire } from './alarm-evaluation.ts'
import type { TemplateAlarm } from './template.ts'

const alarm: TemplateAlarm = {
  name: 'Any',
  metrics: ['Errors'],
  statistic: 'Sum',
  threshold: 10,
  silenceIsAlarming: false,
  periodMs: 60_000,
  periods: 2,
}
const samples = (...values: [number, number][]): Sample[] =>
  values.map(([at, value]) => ({ at, value, metric: 'Errors' }))

test('the required number of consecutive periods raises an alarm, and one fewer does not', () => {
  expect(wouldFire(alarm, samples([0, 11], [60_000, 11]), 1)).toBe(true)
  expect(wouldFire(alarm, samples([0, 11], [120_000, 11]), 1)).toBe(false)
})

test('the threshold itself raises nothing', () => {
  expect(wouldFire(alarm, samples([0, 10], [60_000, 10]), 1)).toBe(false)
})

test('a sum adds up all its metrics within one period', () => {
  const two = { ...alarm, periods: 1, metrics: ['Errors', 'Others'] }
  const mixed = [...samples([0, 6]), { at: 59_999, value: 6, metric: 'Others' }]
  expect(wouldFire(two, mixed, 1)).toBe(true)
  expect(wouldFire(two, [...samples([0, 6]), { at: 60_000, value: 6, metric: 'Others' }], 1)).toBe(false)
})

test('another metric raises nothing', () => {
  expect(wouldFire(alarm, [{ at: 0, value: 99, metric: 'Another' }], 1)).toBe(false)
})

test('missing data raises only an alarm that treats it as breaching', () => {
  expect(wouldFire(alarm, samples([0, 11]), 1)).toBe(false)
  expect(wouldFire({ ...alarm, silenceIsAlarming: true }, samples([0, 11]), 1)).toBe(true)
})

test('speed shortens periods and thresholds of durations, but changes no counts', () => {
  expect(wouldFire(alarm, samples([0, 11], [600, 11]), 100)).toBe(true)
  const down = { ...alarm, metrics: ['VendorDownSeconds'], statistic: 'Maximum', threshold: 600 }
  const seconds = (value: number): Sample[] =>
    [0, 600].map((at) => ({ at, value, metric: 'VendorDownSeconds' }))
  expect(wouldFire(down, seconds(6.1), 100)).toBe(true)
  expect(wouldFire(down, seconds(5.9), 100)).toBe(false)
})
