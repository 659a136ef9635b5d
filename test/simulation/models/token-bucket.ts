/** How long it may take until all workers have heard of a pause, in ms: what they know of it may be 2 s old. */
const heardMs = 3000

/** What a vendor takes: so many calls a second, and a second's calls at once. */
export class TokenBucket {
  readonly #perSecond: number
  readonly #slowUntil: number
  /** When it answered that there are too many calls, in epoch ms. */
  readonly refusedAt: number[] = []
  #tokens: number
  #at: number
  taken = 0
  readonly #pauseMs: number
  #pausedAt = Number.NEGATIVE_INFINITY
  /** Calls in the pauses that it asked for, once all workers had heard of them. */
  inPauses = 0

  /** Until `slowUntil` (epoch ms) it takes a tenth of that. With each 429 it asks for a pause of `pauseMs`. */
  constructor(perSecond: number, now: number, slowUntil: number, pauseMs: number) {
    this.#pauseMs = pauseMs
    this.#perSecond = perSecond
    this.#slowUntil = slowUntil
    this.#tokens = perSecond
    this.#at = now
  }

  /** Whether it takes a call that arrives now. */
  take(now: number): boolean {
    const perSecond = now < this.#slowUntil ? this.#perSecond / 10 : this.#perSecond
    const capacity = Math.max(1, perSecond)
    this.#tokens = Math.min(capacity, this.#tokens + ((now - this.#at) / 1000) * perSecond)
    this.#at = now
    const pausedForMs = now - this.#pausedAt
    if (pausedForMs > heardMs && pausedForMs < this.#pauseMs) this.inPauses += 1
    if (this.#tokens < 1) {
      if (pausedForMs >= this.#pauseMs) this.#pausedAt = now
      this.refusedAt.push(now)
      return false
    }
    this.#tokens -= 1
    this.taken += 1
    return true
  }
}
