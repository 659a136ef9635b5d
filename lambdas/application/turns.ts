import type { StepDeps } from './step.ts'

/** A message's turn to call the vendor. */
export interface Turn {
  /** Set where it does not come in time: when to ask again, in epoch ms. */
  until?: number
  /** The calls that were made in it. */
  calls: number
}

/** Calls at once after a rest, at most: a batch. */
const longestBurst = 10
/** A pace that changes is known to one who waits after this time, in ms. */
const lookAgainMs = 1000

/** An instance's part of the vendor's pace: a token bucket in memory. Messages wait for it in order. */
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

  /** When there is a token, and how long one takes. */
  async function nextToken(): Promise<{ at: number; everyMs: number }> {
    const { perSecond, from } = await pace.current(now())
    const everyMs = (1000 * concurrency) / perSecond
    // A pause brings no tokens and leaves no whole one, or all instances would call at once at its end.
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
        // Those that are refused come back one after the other.
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

    /** A turn is over: a call that was not made leaves its token, and every further call takes one. */
    end({ until, calls }: Turn): void {
      if (until === undefined) tokens += 1 - calls
    },
  }
}
