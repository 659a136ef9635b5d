import type { StepDeps } from './step.ts'

/** A message's turn to call the vendor. */
export interface Turn {
  /** Set if the turn does not come in time: when to ask again (epoch ms). */
  until?: number
  /** Calls made during the turn. */
  calls: number
}

/** The most calls at once after an idle period: one batch. */
const longestBurst = 10
/** How often a waiting message checks whether the pace has changed, in ms. */
const lookAgainMs = 1000

/** An instance's share of the vendor's pace: a token bucket in memory. Messages wait in order. */
export function createTurns({
  pace,
  concurrency,
  now,
  sleep,
}: Pick<StepDeps, 'pace' | 'concurrency' | 'now' | 'sleep'>) {
  let tokens = Number.POSITIVE_INFINITY
  let filledAt = 0
  let refusals = 0
  let line: Promise<unknown> = Promise.resolve()

  /** When the next token is available, and the time between tokens. */
  async function nextToken(): Promise<{ at: number; everyMs: number }> {
    const { perSecond, from } = await pace.current(now())
    const everyMs = (1000 * concurrency) / perSecond
    // No tokens accrue in a pause and no whole one is kept, or all instances would call at once when it ends.
    if (from > filledAt) {
      if (tokens >= 1) tokens = 0
      filledAt = from
    }
    if (now() > filledAt) {
      const burst = Math.min(longestBurst, Math.max(1, 1000 / everyMs))
      tokens = Math.min(burst, tokens + (now() - filledAt) / everyMs)
      filledAt = now()
    }
    const at = tokens >= 1 ? now() : filledAt + (1 - tokens) * everyMs
    return { at, everyMs }
  }

  async function wait(latest: number): Promise<Turn> {
    for (;;) {
      const { at, everyMs } = await nextToken()
      if (at <= now()) {
        tokens -= 1
        refusals = 0
        return { calls: 0 }
      }
      if (at > latest) {
        // Spreads the refused messages, so that they come back one after another.
        const until = Math.ceil(at + refusals * everyMs)
        refusals += 1
        return { until, calls: 0 }
      }
      await sleep(Math.min(Math.ceil(at - now()), lookAgainMs))
    }
  }

  return {
    /** Waits for a turn, if it comes by `latest` (epoch ms). */
    take(latest: number): Promise<Turn> {
      const turn = line.then(() => wait(latest))
      line = turn
      return turn
    },

    /** Ends a turn. Returns the token if no call was made, and takes one for each further call. */
    end({ until, calls }: Turn): void {
      if (until === undefined) tokens += 1 - calls
    },
  }
}
