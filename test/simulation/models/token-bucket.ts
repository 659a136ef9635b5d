/** What a vendor takes: so many calls a second, and a second's calls at once. */
export class TokenBucket {
  readonly #perSecond: number
  readonly #slowUntil: number
  /** When it answered that there are too many calls, in epoch ms. */
  readonly refusedAt: number[] = []
  #tokens: number
  #at: number
  taken = 0

  /** Until `slowUntil` (epoch ms) it takes a tenth of that. */
  constructor(perSecond: number, now: number, slowUntil: number) {
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
    if (this.#tokens < 1) {
      this.refusedAt.push(now)
      return false
    }
    this.#tokens -= 1
    this.taken += 1
    return true
  }
}
