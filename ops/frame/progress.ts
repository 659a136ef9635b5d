import { duration } from './words.ts'

const width = 30

/** Where progress is shown. */
export type Screen = Pick<NodeJS.WriteStream, 'isTTY' | 'write'>

/** Shows on a terminal how far a paced piece of work is; writes nothing anywhere else. */
export function createProgress(total: number, ratePerSecond: number, screen: Screen = process.stderr) {
  let done = 0

  const draw = () => {
    const filled = Math.round((done / total) * width)
    const left = done < total ? `, ${duration(((total - done) / ratePerSecond) * 1000)} left` : ''
    screen.write(`\r\x1b[K[${'#'.repeat(filled)}${'-'.repeat(width - filled)}] ${done}/${total}${left}`)
  }

  return {
    advance(): void {
      done += 1
      if (screen.isTTY) draw()
    },
    /** Leaves the line for what is printed next. */
    end(): void {
      if (screen.isTTY && done > 0) screen.write('\n')
    },
  }
}
