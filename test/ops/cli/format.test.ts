import { PassThrough } from 'node:stream'
import { describe, expect, test } from '@jest/globals'
import {
  count,
  duration,
  durationArgument,
  painted,
  table,
  visible,
  visibleJson,
} from '../../../ops/cli/format.ts'

describe('formatting a duration', () => {
  test.each([
    [-5, '0 ms'],
    [420, '420 ms'],
    [1540, '1.5 s'],
    [9999, '9.9 s'],
    [12_000, '12 s'],
    [200_000, '3 min 20 s'],
    [7_200_000, '2 h'],
    [187_200_000, '2 d 4 h'],
  ])('formats %i ms as %s', (ms, words) => {
    expect(duration(ms)).toBe(words)
  })
})

describe('parsing a duration', () => {
  test.each([
    ['90s', 90_000],
    ['15m', 900_000],
    ['2h', 7_200_000],
    ['3d', 259_200_000],
  ])('reads %s', (text, ms) => {
    expect(durationArgument(text)).toBe(ms)
  })

  test.each(['', '15', 'm', '1.5h', '-1h', '2 h', '1w'])('refuses "%s"', (text) => {
    expect(() => durationArgument(text)).toThrow('such as 15m or 2h')
  })
})

test('a count of one is singular', () => {
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
  ).toEqual(['step       total', 'logistics      7', 'wms           12'])
})

describe('text that others wrote', () => {
  test.each([
    ['an escape sequence', '\u001b[2J\u001b[H', '\\u{1b}[2J\\u{1b}[H'],
    ['a C1 control, which some terminals obey', 'a\u009b2Jb', 'a\\u{9b}2Jb'],
    ['a line break', 'R-1\r\nWhat to do:', 'R-1\\u{d}\\u{a}What to do:'],
    ['line and paragraph separators', 'a\u2028b\u2029c', 'a\\u{2028}b\\u{2029}c'],
    [
      'bidi embeddings and overrides',
      '\u202aa\u202b\u202c\u202d\u202e',
      '\\u{202a}a\\u{202b}\\u{202c}\\u{202d}\\u{202e}',
    ],
    ['bidi isolates', '\u2066a\u2067\u2068\u2069', '\\u{2066}a\\u{2067}\\u{2068}\\u{2069}'],
    ['bidi marks', '\u200e\u200f\u061c', '\\u{200e}\\u{200f}\\u{61c}'],
    ['half a surrogate pair', '\ud800', '\\u{d800}'],
    ['an invisible tag', '\u{e0041}', '\\u{e0041}'],
  ])('is shown by a terminal and not executed: %s', (_, text, shown) => {
    expect(visible(text)).toBe(shown)
  })

  test('is unchanged if it is visible, in any script', () => {
    const text = 'Müller & Søn – 東京 – مرحبا – 📦'
    expect(visible(text)).toBe(text)
  })

  test('is also escaped in a JSON document, which parses to the same text', () => {
    const value = { reference: 'a\u009b\u202e\u2028\u{e0041}', lines: ['\u001b[2J', '\n'] }
    const document = visibleJson(value)
    expect(document).toMatch(/^[\x20-\x7e\n]*$/)
    expect(JSON.parse(document)).toEqual(value)
  })
})

describe('on a terminal', () => {
  const stream: NodeJS.WriteStream = Object.assign(new PassThrough(), {
    isTTY: true,
    getColorDepth: () => 4,
  }) as never
  const colours: Record<string, string> = { 31: 'red', 32: 'green', 33: 'yellow' }
  /** A painted line, with `red[open]` for a word in red. */
  const shown = (line: string) =>
    // biome-ignore lint/suspicious/noControlCharactersInRegex: https://en.wikipedia.org/wiki/ANSI_escape_code#Colors
    painted(line, stream).replace(/\u001b\[(3\d)m(.*?)\u001b\[39m/g, (_, code, word) => {
      return `${colours[code]}[${word}]`
    })

  test.each([
    ['carrier  41.6 of 50 calls/s  open for 17 s', 'carrier  41.6 of 50 calls/s  red[open] for 17 s'],
    ['carrier  50 calls/s  half-open, down for 1 s', 'carrier  50 calls/s  yellow[half-open], down for 1 s'],
    ['carrier  50 calls/s  held by jo: open soon', 'carrier  50 calls/s  yellow[held] by jo: open soon'],
    ['ord_1  CREATED, dead-lettered', 'ord_1  CREATED, red[dead-lettered]'],
    ['ord_1  READY_FOR_FULFILLMENT', 'ord_1  green[READY_FOR_FULFILLMENT]'],
    ['ord_1  CREATED  waiting   carrier', 'ord_1  CREATED  yellow[waiting]   carrier'],
  ])('a state has its colour: %s', (line, expected) => {
    expect(shown(line)).toBe(expected)
  })

  test.each([
    'reference open-7 · owner waiting',
    'ord_1  CREATED           open-7',
    '  2026-11-22 12:00:00.000  cancelled, by jo: they held it, waiting for READY_FOR_FULFILLMENT',
  ])('a word that others wrote has no colour: %s', (line) => {
    expect(shown(line)).toBe(line)
  })
})
