/** What a vendor takes: so many calls a second, and a second's calls at once. */
export class TokenBucket {
  readonly perSecond: number
  /** When it answered that there are too many calls, in epoch ms. */
  readonly refusedAt: number[] = []
  #tokens: number
  #at: number
  taken = 0

  constructor(perSecond: number, now: number) {
    this.perSecond = perSecond
    this.#tokens = perSecond
    this.#at = now
  }

  /** Whether it takes a call that arrives now. */
  take(now: number): boolean {
    const capacity = Math.max(1, this.perSecond)
    this.#tokens = Math.min(capacity, this.#tokens + ((now - this.#at) / 1000) * this.perSecond)
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
