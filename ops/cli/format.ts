import { styleText } from 'node:util'
import { InvalidArgumentError } from '@commander-js/extra-typings'

const units: [name: string, ms: number][] = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['min', 60_000],
  ['s', 1000],
]

/** A duration in its two largest units: `420 ms`, `1.5 s`, `3 min 20 s`, `2 d 4 h`. */
export function duration(ms: number): string {
  if (ms < 1000) return `${Math.max(0, Math.round(ms))} ms`
  if (ms < 10_000) return `${Math.floor(ms / 100) / 10} s`
  const counts = units.map(([unit, unitMs], index) => {
    const [, aboveMs = Number.POSITIVE_INFINITY] = units[index - 1] ?? []
    return { unit, n: Math.floor((ms % aboveMs) / unitMs) }
  })
  const first = counts.findIndex(({ n }) => n > 0)
  const largest = counts.slice(first, first + 2).filter(({ n }) => n > 0)
  return largest.map(({ unit, n }) => `${n} ${unit}`).join(' ')
}

/** Parses `90s`, `15m`, `2h` or `3d` to ms. */
export function durationArgument(text: string): number {
  const [, count, unit = ''] = /^(\d+)([smhd])$/.exec(text) ?? []
  const [, unitMs = 0] = units.find(([name]) => name[0] === unit) ?? []
  if (count !== undefined) return Number(count) * unitMs
  throw new InvalidArgumentError('It must be a number with s, m, h or d, such as 15m or 2h.')
}

/** A point in time in UTC, without its zone: `2026-11-22 20:41:07`. */
export const moment = (at: number | string): string =>
  new Date(at).toISOString().slice(0, 19).replace('T', ' ')

/** `1 message`, `2 messages`. */
export const count = (n: number, noun: string): string => `${n} ${noun}${n === 1 ? '' : 's'}`

/** Formats rows as lines of aligned columns. The first row is the heading; numeric columns are right-aligned. */
export function table(rows: readonly (readonly (string | number)[])[]): string[] {
  const columns = (rows[0] ?? []).map((_, index) => ({
    width: Math.max(...rows.map((row) => `${row[index]}`.length)),
    isNumeric: rows.some((row) => typeof row[index] === 'number'),
  }))
  return rows.map((row) =>
    columns
      .map(({ width, isNumeric }, index) =>
        isNumeric ? `${row[index]}`.padStart(width) : `${row[index]}`.padEnd(width),
      )
      .join('  ')
      .trimEnd(),
  )
}

/** Characters that a terminal executes or hides: control and format characters, such as direction marks. */
const invisible = /[\p{C}\p{Zl}\p{Zp}]/gu

/** Escapes invisible characters (`\u{1b}`), so that a terminal shows the text of shops and vendors unexecuted. */
export const visible = (line: string): string =>
  line.replace(invisible, (character) => `\\u{${character.codePointAt(0)?.toString(16)}}`)

/** Matches states only at the start of a column or in the first line of `order show`: other text is not ours. */
const states = (...words: string[]): RegExp =>
  new RegExp(`(?<=  |^ord_\\w+  \\w+, )(${words.join('|')})(?=[ ,]|$)`, 'g')

/** The words that are styled on a terminal. */
const emphasis: [RegExp, Parameters<typeof styleText>[0]][] = [
  [states('READY_FOR_FULFILLMENT'), 'green'],
  [states('retrying', 'waiting', 'held', 'half-open'), 'yellow'],
  [states('dead-lettered', 'open'), 'red'],
  [/^What to do:$/g, 'bold'],
]

export const painted = (line: string, stream: NodeJS.WriteStream): string =>
  emphasis.reduce(
    (text, [words, style]) => text.replace(words, (word) => styleText(style, word, { stream })),
    line,
  )

const jsonEscape = (unit: string): string => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`

/** Formats a value as JSON with all invisible characters escaped: JSON.stringify escapes only some of them. */
export const visibleJson = (value: unknown): string =>
  JSON.stringify(value, undefined, 2).replace(invisible, (character) =>
    character === '\n' ? character : character.split('').map(jsonEscape).join(''),
  )
