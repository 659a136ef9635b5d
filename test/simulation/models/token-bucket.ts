/** How long it may take until all workers know of a pause, in ms. They cache the circuit's state for 2 s. */
const heardMs = 3000

/** A vendor's rate limit: a token bucket that holds one second's calls. */
export class TokenBucket {
  readonly #perSecond: number
  readonly #slowUntil: number
  /** When it refused calls, in epoch ms. */
  readonly refusedAt: number[] = []
  #tokens: number
  #at: number
  taken = 0
  readonly #pauseMs: number
  #pausedAt = Number.NEGATIVE_INFINITY
  /** Calls during pauses that it had asked for, after all workers knew of them. */
  inPauses = 0

  /** Until `slowUntil` (epoch ms) the limit is a tenth of `perSecond`. Each 429 asks for a pause of `pauseMs`. */
  constructor(perSecond: number, now: number, slowUntil: number, pauseMs: number) {
    this.#pauseMs = pauseMs
    this.#perSecond = perSecond
    this.#slowUntil = slowUntil
    this.#tokens = perSecond
    this.#at = now
  }

  /** Whether a call that arrives now is accepted. */
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
