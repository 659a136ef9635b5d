import { duration } from './words.ts'

const width = 30

/** Shows on a terminal how far a long piece of work is; writes nothing anywhere else. */
export function createProgress(
  total: number,
  { stream = process.stderr, now = Date.now }: { stream?: NodeJS.WriteStream; now?: () => number } = {},
) {
  const startedAt = now()
  let done = 0

  const draw = () => {
    const filled = total === 0 ? width : Math.round((done / total) * width)
    const leftMs = done === 0 ? undefined : ((now() - startedAt) / done) * (total - done)
    const left = leftMs === undefined || done === total ? '' : `  ${duration(leftMs)} left`
    stream.write(`\r\x1b[K[${'#'.repeat(filled)}${'-'.repeat(width - filled)}] ${done}/${total}${left}`)
  }

  return {
    advance(by: number): void {
      done += by
      if (stream.isTTY) draw()
    },
    /** Leaves the line for what is printed next. */
    end(): void {
      if (stream.isTTY && done > 0) stream.write('\n')
    },
  }
}
/** See {@link createProgress}. */
export type Progress = ReturnType<typeof createProgress>
