import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises'
import { inspect } from 'node:util'

/** Shorter than a test's time-out (jest.config.js), so that the last answer is seen. */
export const deadlineMs = 120_000
const shownCharacters = 4000

/**
 * Asks until the answer is what the test waits for, every `everyMs`, or every turn of the event loop for 0.
 * @throws {Error} with the last answer, after `withinMs`
 */
export async function until<T>(
  ask: () => T | Promise<T>,
  isThere: (answer: T) => boolean,
  { everyMs = 50, withinMs = deadlineMs } = {},
): Promise<T> {
  const endsAt = performance.now() + withinMs
  for (;;) {
    const answer = await ask()
    if (isThere(answer)) return answer
    if (performance.now() >= endsAt) {
      const last = inspect(answer, { depth: 6 }).slice(0, shownCharacters)
      throw new Error(`Still waiting after ${withinMs} ms; the last answer was ${last}`)
    }
    await (everyMs === 0 ? nextTurn() : sleep(everyMs))
  }
}
