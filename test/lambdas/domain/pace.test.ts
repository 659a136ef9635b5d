import { expect, test } from '@jest/globals'
import { paceAt, type Slowed, slower } from '../../../lambdas/domain/pace.ts'
import { t0 } from '../../builders.ts'

const minute = 60_000

test("a pace that was never slowed is the config's", () => {
  expect(paceAt({}, t0, 20)).toBe(20)
})

test("a pace that was slowed doubles in three minutes, and ends at the config's", () => {
  const slowed = { slowedTo: 4, slowedAt: t0 }

  expect([0, 3, 6, 9, 999].map((minutes) => paceAt(slowed, t0 + minutes * minute, 20))).toEqual([
    4, 8, 16, 20, 20,
  ])
})

test('an instance whose clock is behind takes a pace as it was slowed', () => {
  expect(paceAt({ slowedTo: 4, slowedAt: t0 }, t0 - 5000, 20)).toBe(4)
})

test('each time, the pace that is too fast loses the same share of what it is by then', () => {
  expect(slower({}, t0, 20)).toBe(18)
  expect(slower({ slowedTo: 4, slowedAt: t0 }, t0 + 3 * minute, 20)).toBeCloseTo(7.2)
})

test.each([1.25, 1.7, 2.5, 4])(
  'a config that says %d times what the vendor takes costs the first minute no goodput',
  (factor) => {
    const [takesPerSecond, knownAfterMs, tickMs] = [20, 2000, 10]
    let [slowed, calls, bucket, served]: [Slowed, number, number, number] = [{}, 0, takesPerSecond, 0]
    for (let now = t0; now < t0 + minute; now += tickMs) {
      bucket = Math.min(takesPerSecond, bucket + (takesPerSecond * tickMs) / 1000)
      calls += (paceAt(slowed, now, factor * takesPerSecond) * tickMs) / 1000
      if (calls < 1) continue
      calls -= 1
      if (bucket >= 1) {
        bucket -= 1
        served += 1
      } else if (now > (slowed.slowedAt ?? 0) + knownAfterMs)
        slowed = { slowedTo: slower(slowed, now, factor * takesPerSecond), slowedAt: now }
    }

    expect(served).toBeGreaterThanOrEqual(0.99 * 60 * takesPerSecond)
  },
)
