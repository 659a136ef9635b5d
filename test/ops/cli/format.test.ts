import { describe, expect, test } from '@jest/globals'
import { count, duration, money, parseDuration, table } from '../../../ops/cli/format.ts'

describe('a duration in words', () => {
  test.each([
    [-5, '0 ms'],
    [420, '420 ms'],
    [1540, '1.5 s'],
    [9999, '9.9 s'],
    [12_000, '12 s'],
    [200_000, '3 min 20 s'],
    [7_200_000, '2 h'],
    [187_200_000, '2 d 4 h'],
  ])('says %i ms as %s', (ms, words) => {
    expect(duration(ms)).toBe(words)
  })
})

describe('a duration that was typed', () => {
  test.each([
    ['90s', 90_000],
    ['15m', 900_000],
    ['2h', 7_200_000],
    ['3d', 259_200_000],
  ])('reads %s', (text, ms) => {
    expect(parseDuration(text)).toBe(ms)
  })

  test.each(['', '15', 'm', '1.5h', '-1h', '2 h', '1w'])('refuses "%s"', (text) => {
    expect(parseDuration(text)).toBeUndefined()
  })
})

describe('an amount of money', () => {
  test.each([
    [2580, 'EUR', 'EUR 25.80'],
    [1290, 'JPY', 'JPY 1,290'],
    [1290, 'KWD', 'KWD 1.290'],
  ])('has the minor units of its currency: %i %s', (amount, currency, words) => {
    expect(money(amount, currency)).toBe(words)
  })
})

test('one of something is singular', () => {
  expect([count(0, 'order'), count(1, 'order'), count(2, 'order')]).toEqual([
    '0 orders',
    '1 order',
    '2 orders',
  ])
})

test('a table aligns words left and numbers right', () => {
  expect(
    table([
      ['step', 'total'],
      ['logistics', 7],
      ['wms', 12],
    ]),
  ).toBe('step       total\nlogistics      7\nwms           12')
})
