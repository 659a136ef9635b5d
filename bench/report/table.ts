import { styleText } from 'node:util'
import type { Row } from './row.ts'

const columns = ['part', 'what', 'ours', 'baseline', 'figure', 'target'] as const
const titles = {
  part: 'Part',
  what: 'What',
  ours: 'Ours',
  baseline: 'Baseline',
  figure: 'Figure',
  target: 'Target',
}

const cell = (row: Row, column: (typeof columns)[number]): string => {
  if (column === 'target') return row.target ? `${row.target} ${row.holds ? '✓' : '✗'}` : ''
  return row[column] ?? ''
}

/** The results as a Markdown table. */
export function markdownTable(rows: readonly Row[]): string {
  const line = (cells: string[]) => `| ${cells.join(' | ')} |`
  return [
    line(columns.map((column) => titles[column])),
    line(columns.map(() => '---')),
    ...rows.map((row) => line(columns.map((column) => cell(row, column)))),
  ].join('\n')
}

/** The results for a terminal: aligned, what misses its target in red. */
export function terminalTable(rows: readonly Row[]): string {
  const widths = columns.map((column) =>
    Math.max(titles[column].length, ...rows.map((row) => cell(row, column).length)),
  )
  const line = (cells: string[]) =>
    cells
      .map((text, index) => text.padEnd(widths[index] ?? 0))
      .join('  ')
      .trimEnd()
  return [
    styleText('bold', line(columns.map((column) => titles[column]))),
    ...rows.map((row) => {
      const text = line(columns.map((column) => cell(row, column)))
      return row.holds === false ? styleText('red', text) : text
    }),
  ].join('\n')
}
