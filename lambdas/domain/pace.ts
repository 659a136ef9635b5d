/** The share of a pace that is kept when it was too fast. A small step avoids ending up far below the vendor's rate. */
const keptShare = 0.9
/** A slowed pace doubles in this time, in ms. */
const doublesInMs = 3 * 60_000

/** A slowed pace, in calls per second, and when it was slowed (epoch ms). */
export interface Slowed {
  slowedTo?: number | undefined
  slowedAt?: number | undefined
}

/** Calls per second that all workers together may make. A slowed pace recovers exponentially with time. */
export const paceAt = ({ slowedTo, slowedAt = 0 }: Slowed, now: number, ratePerSecond: number): number =>
  slowedTo === undefined
    ? ratePerSecond
    : Math.min(ratePerSecond, slowedTo * 2 ** (Math.max(0, now - slowedAt) / doublesInMs))

/** The pace after the vendor has said that calls come too fast. */
export const slower = (slowed: Slowed, now: number, ratePerSecond: number): number =>
  keptShare * paceAt(slowed, now, ratePerSecond)
