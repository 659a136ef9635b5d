/** How long an event is left alone after its first, second, … sending; the last wait repeats. In ms. */
export type Backoff = readonly number[]

/** The longest wait. */
export const longestWait = (backoff: Backoff): number => backoff.at(-1) ?? 0

/** The wait after the sending with this number, from 1 on. */
export const waitAfter = (sends: number, backoff: Backoff): number =>
  backoff[sends - 1] ?? longestWait(backoff)

/** The sum of the waits after a number of sendings. Time in which nothing could be sent does not count. */
export function waitedFor(sends: number, backoff: Backoff): number {
  const different = backoff.slice(0, sends).reduce((sum, ms) => sum + ms, 0)
  return different + Math.max(0, sends - backoff.length) * longestWait(backoff)
}
