import { paceAt, slower } from '../domain/pace.ts'
import { guardedBy, type VendorItem } from './vendor-item.ts'

/** Upper limit for a vendor's Retry-After, in ms, in case the vendor sends a wrong value. */
const longestPauseMs = 60 * 60_000

/** A response that said that calls come too fast: when the call began, and when it was answered (epoch ms). */
export interface TooFast {
  startedAt: number
  now: number
  retryAfterMs: number | undefined
}

/** The pace of all workers together, stored in the vendor's item; the config's rate if that is unavailable. */
export function createVendorPace(
  { read, change, cacheMs }: VendorItem,
  { ratePerSecond, onError }: { ratePerSecond: number; onError: (error: unknown) => void },
) {
  const guarded = guardedBy(onError)
  return {
    /** The current calls per second, and when they may start (epoch ms). */
    current: (now: number): Promise<{ perSecond: number; from: number }> =>
      guarded({ perSecond: ratePerSecond, from: 0 }, async () => {
        const item = await read(now)
        return { perSecond: paceAt(item, now, ratePerSecond), from: item.pausedUntil ?? 0 }
      }),

    slowDown: ({ startedAt, now, retryAfterMs = 0 }: TooFast): Promise<void> =>
      guarded(undefined, async () => {
        await change(now, (item) => {
          const { slowedAt = 0, pausedUntil = 0 } = item
          const isKnownAt = pausedUntil > slowedAt ? pausedUntil : slowedAt + cacheMs
          // A call that began in a pause, or before all instances knew the last slowdown, is already accounted for.
          if (startedAt <= isKnownAt) return undefined
          return {
            slowedTo: slower(item, now, ratePerSecond),
            slowedAt: now,
            pausedUntil: now + Math.min(retryAfterMs, longestPauseMs),
          }
        })
      }),
  }
}
export type VendorPace = ReturnType<typeof createVendorPace>
