import type { Spread } from '../measure.ts'

/** One line of the results. */
export interface Row {
  /** Number and name of the part that it belongs to. */
  part: string
  what: string
  ours: string
  /** What it is compared with, if anything. */
  baseline?: string
  /** The figure that counts, with its spread. */
  figure: string
  /** What the figure has to be, and whether it is; without one the row only informs. */
  target?: string
  holds?: boolean
}

const digits = (value: number): string => (Math.abs(value) >= 100 ? value.toFixed(0) : value.toPrecision(3))

/** A number as a person reads it. */
export const number = (value: number, unit = ''): string => `${digits(value)}${unit && ` ${unit}`}`

/** A ratio with the range of its middle half, where there is one. */
export const ratio = ({ median, low, high }: Spread): string =>
  `${median.toFixed(3)} ×${low < high ? ` (${low.toFixed(3)}–${high.toFixed(3)})` : ''}`
