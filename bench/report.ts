import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Spread } from './statistics.ts'

const root = join(import.meta.dirname, '..')

/** One row of the results of `npm run bench`. */
export interface Row {
  /** The number and name of the part. */
  part: string
  what: string
  ours: string
  /** What the figure is compared with, if anything. */
  baseline?: string
  /** The measured figure, with its spread. */
  figure: string
  /** A row without a target is only informative. */
  target?: string
  holds?: boolean
}

/** The cells of the results' table, headings first. */
export const cellsOf = (rows: readonly Row[]): string[][] => [
  ['Part', 'What', 'Ours', 'Baseline', 'Figure', 'Target'],
  ...rows.map(({ part, what, ours, baseline = '', figure, target, holds }) => [
    part,
    what,
    ours,
    baseline,
    figure,
    target === undefined ? '' : `${target} ${holds ? '✓' : '✗'}`,
  ]),
]

/** Formats a Markdown table; the first row is the headings. */
export function markdownTable([headings = [], ...rows]: readonly string[][]): string {
  return [headings, headings.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n')
}

/**
 * Replaces the text between `<!-- name -->` and `<!-- /name -->` in a document.
 * @throws {Error} if the document has no such section
 */
export function writeSection(file: string, name: string, text: string): void {
  const path = join(root, file)
  const before = readFileSync(path, 'utf8')
  const section = new RegExp(`(<!-- ${name} -->\n)[^]*?(<!-- /${name} -->)`)
  if (!section.test(before)) throw new Error(`${file} has no section ${name}.`)
  writeFileSync(
    path,
    before.replace(section, (_all, start, end) => `${start}${text}\n${end}`),
  )
}

/** On a terminal, shows in one line what is being measured. */
export function progress(text: string): void {
  if (!process.stderr.isTTY) return
  process.stderr.clearLine(0)
  process.stderr.cursorTo(0)
  process.stderr.write(text.slice(0, (process.stderr.columns ?? 80) - 1))
}

/** A number with three significant digits and its unit. */
export const number = (value: number, unit = ''): string =>
  `${Math.abs(value) >= 100 ? value.toFixed(0) : value.toPrecision(3)}${unit && ` ${unit}`}`

/** A ratio and its quartiles. */
export const ratio = ({ median, low, high }: Spread): string =>
  `${median.toFixed(3)} ×${low < high ? ` (${low.toFixed(3)}–${high.toFixed(3)})` : ''}`
