import { expect, test } from '@jest/globals'
import { paceAt, slower } from '../../../lambdas/domain/pace.ts'
import { t0 } from '../../builders.ts'

const minute = 60_000

test('a pace that nobody has slowed is the config’s', () => {
  expect(paceAt({}, t0, 20)).toBe(20)
})

test('a pace that was slowed doubles in five minutes, and ends at the config’s', () => {
  const slowed = { slowedTo: 4, slowedAt: t0 }

  expect([0, 5, 10, 15, 999].map((minutes) => paceAt(slowed, t0 + minutes * minute, 20))).toEqual([
    4, 8, 16, 20, 20,
  ])
})

test('an instance whose clock is behind takes a pace as it was slowed', () => {
  expect(paceAt({ slowedTo: 4, slowedAt: t0 }, t0 - 5000, 20)).toBe(4)
})

test('each time, the pace that is too fast loses the same share of what it is by then', () => {
  expect(slower({}, t0, 20)).toBe(18)
  expect(slower({ slowedTo: 4, slowedAt: t0 }, t0 + 5 * minute, 20)).toBeCloseTo(7.2)
})

test('a pace that is still too fast a moment after it was slowed loses more', () => {
  const slowed = { slowedTo: 40, slowedAt: t0 }

  expect(slower(slowed, t0 + 9999, 50)).toBeCloseTo(0.85 * paceAt(slowed, t0 + 9999, 50))
  expect(slower(slowed, t0 + 10_000, 50)).toBeCloseTo(0.9 * paceAt(slowed, t0 + 10_000, 50))
})
