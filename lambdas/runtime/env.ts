import * as z from 'zod/mini'
import { parseJson } from '../adapters/parse.ts'
import type { Limits } from '../domain/limits.ts'
import type { Routes } from '../domain/routing.ts'

// The API functions' environments. Others are in their own files, since every loaded schema costs cold-start time.

/** A variable that must not be empty. */
export const text = z.string().check(z.minLength(1))
/** A variable with a whole number above 0. */
export const positive = z.coerce.number().check(z.int(), z.positive())
/** A variable with JSON that matches a schema. */
export const json = <Schema extends z.core.$ZodType>(schema: Schema) =>
  z.pipe(z.pipe(text, z.transform(parseJson)), schema)
/** A variable with JSON that was validated at synth: loading its schema would cost cold-start time. */
const validated = <Value>() => json(z.custom<Value>((value) => typeof value === 'object'))
const readOrders = { ORDER_TABLE_NAME: text }
/** The variables of a function that publishes events. */
export const publishOrders = { ...readOrders, EVENT_BUS_NAME: text, OUTBOX_GRACE_MS: positive }
/** The variables of a function that also finishes orders, with their retention in days. */
export const finishOrders = { ...publishOrders, ORDER_RETENTION_DAYS: positive }

/** The variables of every function with a queue. */
export const consumeMessages = {
  IDEMPOTENCY_TABLE_NAME: text,
  QUEUE_URL: text,
  DEAD_LETTER_QUEUE_URL: text,
  /** After this many receives SQS dead-letters a message. */
  MAX_RECEIVE_COUNT: positive,
  /** The granularity of the queue's delays: 1,000 on AWS (VisibilityTimeout is in whole seconds). */
  QUEUE_WAIT_UNIT_MS: positive,
}

/** A listener's variables. Its name separates its records in the idempotency table from other listeners'. */
export const listenerEnv = z.object({ ...consumeMessages, LISTENER_NAME: text })
/** The token claim that names the shop, or `scope`. */
const ownOrders = { OWNER_CLAIM: text }
export const readOrdersEnv = z.object({ ...readOrders, ...ownOrders })
/** JSON: each vendor's limits, by vendor name. */
const vendorLimits = { LIMITS: validated<Record<string, Limits>>() }
export const correctOrderEnv = z.object({ ...readOrders, ...ownOrders, ...vendorLimits })
export const createOrderEnv = z.object({
  ...publishOrders,
  ...ownOrders,
  ...vendorLimits,
  OUTBOX_SHARDS: positive,
  /** JSON: each step's routes, which choose the vendor of an order. */
  ROUTES: validated<Routes>(),
})
export const cancelOrderEnv = z.object({ ...finishOrders, ...ownOrders })

export const dayMs = 24 * 60 * 60_000

/** The variables as `lib/` sets them: in a template, every value is a string. */
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
