/** Of a pace that was too fast for the vendor, this share is kept: small steps do not end far below its rate. */
const keptShare = 0.9
/** A pace that was slowed is twice as fast after this time, in ms. */
const doublesInMs = 3 * 60_000

/** A pace that was slowed, in calls a second, and when that was (epoch ms). */
export interface Slowed {
  slowedTo?: number | undefined
  slowedAt?: number | undefined
}

/** Calls a second that all workers together may make: a slowed pace recovers exponentially, by time alone. */
export const paceAt = ({ slowedTo, slowedAt = 0 }: Slowed, now: number, ratePerSecond: number): number =>
  slowedTo === undefined
    ? ratePerSecond
    : Math.min(ratePerSecond, slowedTo * 2 ** (Math.max(0, now - slowedAt) / doublesInMs))

/** The pace after the vendor has said that its calls come too fast. */
export const slower = (slowed: Slowed, now: number, ratePerSecond: number): number =>
  keptShare * paceAt(slowed, now, ratePerSecond)
