import * as z from 'zod/mini'
import { parseJson } from '../adapters/parse.ts'
import type { Limits } from '../domain/limits.ts'
import type { Routes } from '../domain/routing.ts'

// The API's environments. Other functions' have their own files: every schema loaded costs at a cold start.

/** A variable that must not be empty. */
export const text = z.string().check(z.minLength(1))
/** A variable with a whole number above 0. */
export const positive = z.coerce.number().check(z.int(), z.positive())
/** A variable with JSON of a shape. */
export const json = <Schema extends z.core.$ZodType>(schema: Schema) =>
  z.pipe(z.pipe(text, z.transform(parseJson)), schema)
/** A variable with JSON that synth has validated already: its schema would cost at each cold start. */
const validated = <Value>() => json(z.custom<Value>((value) => typeof value === 'object'))
const readOrders = { ORDER_TABLE_NAME: text }
/** The variables of a function that publishes events. */
export const publishOrders = { ...readOrders, EVENT_BUS_NAME: text, OUTBOX_GRACE_MS: positive }
/** The variables of one that also finishes orders: how many days those are kept. */
export const finishOrders = { ...publishOrders, ORDER_RETENTION_DAYS: positive }

/** The variables of every function with a queue. */
export const consumeMessages = {
  IDEMPOTENCY_TABLE_NAME: text,
  QUEUE_URL: text,
  DEAD_LETTER_QUEUE_URL: text,
  /** After this many receives SQS dead-letters a message. */
  MAX_RECEIVE_COUNT: positive,
  /** The unit in which the queue can wait: 1,000 on AWS (VisibilityTimeout is in whole seconds). */
  QUEUE_WAIT_UNIT_MS: positive,
}

/** What a listener's frame finds; its name tells its records in the idempotency table from other listeners'. */
export const listenerEnv = z.object({ ...consumeMessages, LISTENER_NAME: text })
/** Where a token names its shop: a claim, or `scope`. */
const ownOrders = { OWNER_CLAIM: text }
export const readOrdersEnv = z.object({ ...readOrders, ...ownOrders })
/** JSON: what each vendor takes, by its name. */
const vendorLimits = { LIMITS: validated<Record<string, Limits>>() }
export const correctOrderEnv = z.object({ ...readOrders, ...ownOrders, ...vendorLimits })
export const createOrderEnv = z.object({
  ...publishOrders,
  ...ownOrders,
  ...vendorLimits,
  OUTBOX_SHARDS: positive,
  /** JSON: for each step, in which cases which of its vendors gets an order. */
  ROUTES: validated<Routes>(),
})
export const cancelOrderEnv = z.object({ ...finishOrders, ...ownOrders })

/** Milliseconds of a day. */
export const dayMs = 24 * 60 * 60_000

/** What `lib/` sets: every value is a string in a template, whatever the function makes of it. */
export type Environment<Schema extends z.core.$ZodType> = Record<keyof z.output<Schema> & string, string>

export type QueueEnv = Record<keyof typeof consumeMessages, string>
export type ListenerEnv = Environment<typeof listenerEnv>

/** Parses the function's environment. Throws an error that names every variable that is missing or wrong. */
export function parseEnv<Schema extends z.core.$ZodType>(
  schema: Schema,
  environment: NodeJS.ProcessEnv = process.env,
): z.output<Schema> {
  const parsed = z.safeParse(schema, environment)
  if (parsed.success) return parsed.data
  const problems = parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`)
  throw new Error(`The function's environment is wrong: ${problems.join('; ')}`)
}
