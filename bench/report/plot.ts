import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const folder = join(import.meta.dirname, '..', '..', 'docs', 'images', 'bench')
const size = { width: 720, height: 320, left: 64, right: 16, top: 40, bottom: 46 }
/** Told apart by those who do not see all colours (Okabe and Ito), on white and on dark alike. */
const colours = ['#0072B2', '#D55E00', '#009E73', '#CC79A7', '#E69F00']

/** One line or one row of dots of a plot. */
export interface Series {
  name: string
  points: readonly { x: number; y: number }[]
}

/** What a plot shows. */
export interface Plot {
  title: string
  x: string
  y: string
  series: readonly Series[]
  /** Powers of ten instead of a linear axis. */
  logX?: boolean
  logY?: boolean
}

const escaped = (text: string): string => text.replace(/&/g, '&amp;').replace(/</g, '&lt;')
const short = (value: number): string =>
  value === 0
    ? '0'
    : Math.abs(value) >= 1e6
      ? `${+(value / 1e6).toPrecision(3)}M`
      : Math.abs(value) >= 1e4
        ? `${+(value / 1e3).toPrecision(3)}k`
        : `${+value.toPrecision(3)}`

/** Round numbers between 0 and the greatest value, or powers of ten around all values. */
function ticksOf(values: readonly number[], isLog: boolean): number[] {
  const greatest = Math.max(...values, isLog ? 1 : 1e-9)
  if (isLog) {
    const positive = values.filter((value) => value > 0)
    const first = Math.floor(Math.log10(Math.min(...positive)))
    const last = Math.max(first + 1, Math.ceil(Math.log10(greatest)))
    return Array.from({ length: last - first + 1 }, (_, index) => 10 ** (first + index))
  }
  const rough = greatest / 5
  const power = 10 ** Math.floor(Math.log10(rough))
  const step = ([1, 2, 5, 10].find((each) => each * power >= rough) ?? 10) * power
  return Array.from({ length: Math.ceil(greatest / step - 1e-9) + 1 }, (_, index) => index * step)
}

function scale(ticks: readonly number[], isLog: boolean, from: number, to: number) {
  const at = (value: number) => (isLog ? Math.log10(Math.max(value, ticks[0] ?? 1)) : value)
  const [first, last] = [at(ticks[0] ?? 0), at(ticks.at(-1) ?? 1)]
  return (value: number) => from + ((at(value) - first) / (last - first)) * (to - from)
}

/** Draws a plot as SVG text. */
export function svgOf({ title, x, y, series, logX = false, logY = false }: Plot): string {
  const { width, height, left, right, top, bottom } = size
  const points = series.flatMap((each) => each.points)
  const xTicks = ticksOf(
    points.map((point) => point.x),
    logX,
  )
  const yTicks = ticksOf(
    points.map((point) => point.y),
    logY,
  )
  const toX = scale(xTicks, logX, left, width - right)
  const toY = scale(yTicks, logY, height - bottom, top)
  const text = (at: { x: number; y: number }, content: string, more = '') =>
    `<text x="${at.x.toFixed(1)}" y="${at.y.toFixed(1)}" ${more}>${escaped(content)}</text>`
  const grid = yTicks.map(
    (tick) =>
      `<line x1="${left}" x2="${width - right}" y1="${toY(tick).toFixed(1)}" y2="${toY(tick).toFixed(1)}" stroke="#8884"/>` +
      text({ x: left - 8, y: toY(tick) + 4 }, short(tick), 'text-anchor="end"'),
  )
  const xLabels = xTicks.map((tick) =>
    text({ x: toX(tick), y: height - bottom + 18 }, short(tick), 'text-anchor="middle"'),
  )
  const lines = series.flatMap(({ name, points: own }, index) => {
    const colour = colours[index % colours.length]
    const path = own.map((point) => `${toX(point.x).toFixed(1)},${toY(point.y).toFixed(1)}`).join(' ')
    const dots =
      own.length <= 40
        ? own.map(
            (point) =>
              `<circle cx="${toX(point.x).toFixed(1)}" cy="${toY(point.y).toFixed(1)}" r="3" fill="${colour}"/>`,
          )
        : []
    const legend = { x: left + 10 + index * 220, y: top - 10 }
    return [
      `<polyline points="${path}" fill="none" stroke="${colour}" stroke-width="2"/>`,
      ...dots,
      `<rect x="${legend.x}" y="${legend.y - 9}" width="10" height="10" fill="${colour}"/>`,
      text({ x: legend.x + 15, y: legend.y }, name),
    ]
  })
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="system-ui, sans-serif" font-size="12" fill="#777" role="img" aria-label="${escaped(title)}">
${[text({ x: left, y: 16 }, title, 'font-size="14" font-weight="600"'), ...grid, ...xLabels, ...lines].join('\n')}
${text({ x: (left + width - right) / 2, y: height - 8 }, x, 'text-anchor="middle"')}
${text({ x: 14, y: (top + height - bottom) / 2 }, y, `text-anchor="middle" transform="rotate(-90 14 ${(top + height - bottom) / 2})"`)}
</svg>
`
}

/** Writes a plot to docs/images/bench. */
export function writePlot(name: string, plot: Plot): void {
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, `${name}.svg`), svgOf(plot))
}
