import * as z from 'zod/mini'

/**
 * The environment of every function, as a schema each. A function parses its own at cold start, `lib/` types
 * what it sets with the `…Env` types, so the two cannot drift. Names ending in `_MS` are milliseconds.
 */
const text = z.string().check(z.minLength(1))
const positive = z.coerce.number().check(z.int(), z.positive())
const flag = z.pipe(
  z.enum(['true', 'false']),
  z.transform((value) => value === 'true'),
)
const positives = z.pipe(
  z.pipe(
    text,
    z.transform((value) => value.split(',').map(Number)),
  ),
  z.array(z.number().check(z.positive())).check(z.minLength(1)),
)

const readOrders = { ORDER_TABLE_NAME: text }
const publishOrders = { ...readOrders, EVENT_BUS_NAME: text, OUTBOX_GRACE_MS: positive }
/** How long a finished order is kept before DynamoDB's TTL may delete it. */
const finishOrders = { ...publishOrders, ORDER_RETENTION_DAYS: positive }

export const readOrdersEnv = z.object(readOrders)
export const publishOrdersEnv = z.object(publishOrders)
export const cancelOrderEnv = z.object(finishOrders)

export const stepWorkerEnv = z.object({
  ...finishOrders,
  IDEMPOTENCY_TABLE_NAME: text,
  CIRCUIT_BREAKER_TABLE_NAME: text,
  QUEUE_URL: text,
  DEAD_LETTER_QUEUE_URL: text,
  /** The queue's maxReceiveCount: on a message's last receive the frame dead-letters it by itself. */
  MAX_RECEIVE_COUNT: positive,
  /** How long a claim lives without an outcome: never less than the function's time-out. */
  CLAIM_MS: positive,
  /** Waits between the attempts of one round, comma-separated; one more attempt than waits is made. */
  RETRY_DELAYS_MS: positives,
  /** The unit in which the queue can wait: 1,000 on AWS (VisibilityTimeout is in whole seconds). */
  QUEUE_WAIT_UNIT_MS: positive,
  /** How long an order may wait for a vendor in all before it is dead-lettered. */
  WAITING_LIMIT_MS: positive,
  VENDOR_NAME: text,
  VENDOR_URL: text,
  VENDOR_SECRET_ARN: text,
  VENDOR_TIMEOUT_MS: positive,
  VENDOR_HONOURS_IDEMPOTENCY_KEY: flag,
  VENDOR_CAN_BE_LOOKED_UP: flag,
  /** How long after the last call a vendor's "not there" is not yet believed. */
  VENDOR_SETTLE_MS: positive,
  BREAKER_FAILURE_THRESHOLD: positive,
  BREAKER_OPEN_MS: positive,
  BREAKER_MAX_OPEN_MS: positive,
  BREAKER_CACHE_MS: positive,
})

/** What the relay knows of a step of the chain: where its messages go, and how fast its vendor takes them. */
const relayStep = z.object({
  step: z.enum(['logistics', 'wms']),
  vendor: text,
  queueUrl: text,
  deadLetterQueueUrl: text,
  ratePerSecond: z.number().check(z.positive()),
})

const relaySteps = z.pipe(
  z.pipe(
    text,
    z.transform((value, context): unknown => {
      try {
        return JSON.parse(value)
      } catch {
        context.issues.push({ code: 'custom', input: value, message: 'Must be JSON' })
        return z.NEVER
      }
    }),
  ),
  z.array(relayStep).check(z.minLength(1)),
)

export const outboxRelayEnv = z.object({
  ...publishOrders,
  CIRCUIT_BREAKER_TABLE_NAME: text,
  /** The schedule's rate: what a vendor takes in this time is the most that one run sends. */
  RELAY_INTERVAL_MS: positive,
  /** How long the relay waits after its first, second, … sending of the same event; the last one repeats. */
  RELAY_BACKOFF_MS: positives,
  QUEUE_WAIT_UNIT_MS: positive,
  /** JSON array of {step, vendor, queueUrl, deadLetterQueueUrl, ratePerSecond}. */
  STEPS: relaySteps,
})

/** Milliseconds of a day. */
export const dayMs = 24 * 60 * 60_000

/** What `lib/` sets: every value is a string in a template, whatever the function makes of it. */
type Environment<Schema extends z.core.$ZodType> = Record<keyof z.output<Schema> & string, string>

/** Environment of get-order, list-orders and change-shipping-address. */
export type ReadOrdersEnv = Environment<typeof readOrdersEnv>
/** Environment of create-order. */
export type PublishOrdersEnv = Environment<typeof publishOrdersEnv>
/** Environment of cancel-order. */
export type CancelOrderEnv = Environment<typeof cancelOrderEnv>
/** Environment of a step's worker. */
export type StepWorkerEnv = Environment<typeof stepWorkerEnv>
/** Environment of outbox-relay. */
export type OutboxRelayEnv = Environment<typeof outboxRelayEnv>

/**
 * Parses the function's environment with its schema.
 * @throws {Error} naming every variable that is missing or wrong, so that a bad deploy fails at its first init
 */
export function parseEnv<Schema extends z.core.$ZodType>(
  schema: Schema,
  environment: NodeJS.ProcessEnv = process.env,
): z.output<Schema> {
  const parsed = z.safeParse(schema, environment)
  if (parsed.success) return parsed.data
  const problems = parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`)
  throw new Error(`The function's environment is wrong: ${problems.join('; ')}`)
}
