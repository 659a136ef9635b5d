/** A token bucket: `perSecond` in the long run, `burst` at once. What it answers says whether there was a token to take. */
export function createTokenBucket(now: () => number) {
  let [tokens, filledAt] = [Number.POSITIVE_INFINITY, 0]
  return (perSecond: number, burst: number): boolean => {
    const at = now()
    tokens = Math.min(burst, tokens + ((at - filledAt) / 1000) * perSecond)
    filledAt = at
    if (tokens < 1) return false
    tokens -= 1
    return true
  }
}
