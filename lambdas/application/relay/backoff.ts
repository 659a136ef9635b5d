/** The longest wait after a sending of an event, in ms: the last one of the backoff, which repeats. */
export const longestWait = (backoff: readonly number[]): number => backoff.at(-1) ?? 0

/** The wait after the nth sending, counted from 1. */
export const waitAfter = (sends: number, backoff: readonly number[]): number =>
  backoff[sends - 1] ?? longestWait(backoff)

/** The sum of the waits after a number of sendings. Time in which nothing could be sent does not count. */
export function waitedFor(sends: number, backoff: readonly number[]): number {
  const waits = Array.from({ length: sends }, (_, index) => waitAfter(index + 1, backoff))
  return waits.reduce((sum, ms) => sum + ms, 0)
}
