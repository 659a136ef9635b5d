import * as z from 'zod'

/** Longest wait that a fault may ask for: far below 2^31 ms, from which on setTimeout fires at once. */
const longestWaitMs = 3_600_000
const waitMs = z.int().min(0).max(longestWaitMs)
/** How a simulator misbehaves, as data. */
export const faultsSchema = z.strictObject({
  /** Nobody listens: connects are refused, open connections are cut, unfinished work is lost. */
  down: z.boolean().default(false),
  /** Every answer takes this long; a create does its work at the end of it, even if the client has left. */
  latencyMs: waitMs.default(0),
  /** Probability of a 500 before any work, for creates and look-ups. */
  errorRate: z.number().min(0).max(1).default(0),
  /** Calls taken a second, and a second's calls at once; those beyond get 429. */
  rateLimitPerSecond: z.int().min(0).nullable().default(null),
  /** A create does its work, and its answer (or that of a repeat) is never sent. */
  timeoutAfterWork: z.boolean().default(false),
  /** A create does its work this long after it arrived and is never answered; a repeat after that is. */
  workAfterTimeoutMs: waitMs.nullable().default(null),
  /** Whether Idempotency-Key is honoured. If not, each create makes another one. */
  idempotency: z.boolean().default(true),
  /** 401 on everything. */
  unauthorized: z.boolean().default(false),
  /** What is created is ready this long after it was accepted; until then it answers 202. */
  asyncMs: waitMs.nullable().default(null),
  /** Creates to these countries are refused: 422 ADDRESS_NOT_SERVED. */
  rejectCountries: z.array(z.string().regex(/^[A-Z]{2}$/)).default([]),
  /** Whether it can be asked to undo its work. If not, DELETE is 405. */
  voids: z.boolean().default(true),
  /** What it made has left: to undo it is 409 TOO_LATE. */
  shipped: z.boolean().default(false),
})

/** How a simulator misbehaves: the body of `GET|PUT /_local/vendors/{name}`. */
export type Faults = z.output<typeof faultsSchema>

/** A vendor that keeps its contract. */
export const noFaults: Faults = faultsSchema.parse({})

/** What is wrong with data from outside, each problem with its path. */
export function problems({ issues }: z.ZodError): string {
  return issues.map(({ path, message }) => [path.join('.'), message].filter(Boolean).join(': ')).join('; ')
}

/**
 * The faults with `partial` merged in.
 * @throws {Error} whose sentence names every fault that is unknown or wrong
 */
export function mergedFaults(current: Faults, partial: unknown): Faults {
  const given = z.record(z.string(), z.unknown()).safeParse(partial)
  if (!given.success) throw new Error('Faults must be a JSON object such as {"down": true}.')
  const merged = faultsSchema.safeParse({ ...current, ...given.data })
  if (merged.success) return merged.data
  throw new Error(
    `Faults are wrong: ${problems(merged.error)}. They are ${Object.keys(faultsSchema.shape).join(', ')}.`,
  )
}
