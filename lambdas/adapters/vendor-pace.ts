import { paceAt, slower } from '../domain/pace.ts'
import { guardedBy, type VendorItem } from './vendor-item.ts'

/** The longest pause that a vendor's Retry-After brings about, in ms: what it says may be a mistake. */
const longestPauseMs = 60 * 60_000

/** An answer that said that calls come too fast: when its call began, and when it came (epoch ms). */
export interface TooFast {
  startedAt: number
  now: number
  retryAfterMs: number | undefined
}

/** The pace of all workers together, in the vendor's item; the config's where that is unreachable. */
export function createVendorPace(
  { read, change, cacheMs }: VendorItem,
  { ratePerSecond, onError }: { ratePerSecond: number; onError: (error: unknown) => void },
) {
  const guarded = guardedBy(onError)
  return {
    /** Calls a second now, and from when on (epoch ms). */
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
          // Of the calls that began in a pause, or before everybody could know the last pace, the first one has slowed it for all.
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
