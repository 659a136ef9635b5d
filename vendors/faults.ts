import * as z from 'zod'

/** The longest wait of a fault. It is far below 2^31 ms, from which on setTimeout fires at once. */
const longestWaitMs = 3_600_000
const waitMs = z.int().min(0).max(longestWaitMs)
/** The schema of a simulator's faults. */
export const faultsSchema = z.strictObject({
  /** The vendor is down: connections are refused, open ones are cut, unfinished work is lost. */
  down: z.boolean().default(false),
  /** Every response takes this long. A create does its work at the end of it, even if the client has left. */
  latencyMs: waitMs.default(0),
  /** Probability of a 500 before any work, for creates and look-ups. */
  errorRate: z.number().min(0).max(1).default(0),
  /** Calls per second, and the size of a burst. Calls beyond it get 429. */
  rateLimitPerSecond: z.int().min(0).nullable().default(null),
  /** A create does its work, but its response (or a repeat's) is never sent. */
  timeoutAfterWork: z.boolean().default(false),
  /** A create does its work after this time and gets no response. A repeat after that gets one. */
  workAfterTimeoutMs: waitMs.nullable().default(null),
  /** Whether Idempotency-Key is honoured. If not, each create makes a new thing. */
  idempotency: z.boolean().default(true),
  /** 401 on everything. */
  unauthorized: z.boolean().default(false),
  /** A thing is ready this long after its create; until then the response is 202. */
  asyncMs: waitMs.nullable().default(null),
  /** Creates to these countries are refused: 422 ADDRESS_NOT_SERVED. */
  rejectCountries: z.array(z.string().regex(/^[A-Z]{2}$/)).default([]),
  /** Whether it can undo its work. If not, DELETE gets 405. */
  voids: z.boolean().default(true),
  /** The goods have left: undoing gets 409 TOO_LATE. */
  shipped: z.boolean().default(false),
})

/** A simulator's faults: the body of `GET|PUT /_local/vendors/{name}`. */
export type Faults = z.output<typeof faultsSchema>

/** A vendor that keeps its contract. */
export const noFaults: Faults = faultsSchema.parse({})

/** Formats validation problems, each with its path. */
export function problems({ issues }: z.ZodError): string {
  return issues.map(({ path, message }) => [path.join('.'), message].filter(Boolean).join(': ')).join('; ')
}

/**
 * The faults with `partial` merged in.
 * @throws {Error} that names every unknown or invalid fault
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
