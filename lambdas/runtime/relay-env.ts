import * as z from 'zod/mini'
import { stepNames } from '../domain/chain.ts'
import { type Environment, json, positive, publishOrders, text } from './env.ts'

const relayLane = z.object({
  step: z.enum(stepNames),
  vendor: text,
  queueUrl: text,
  deadLetterQueueUrl: text,
  ratePerSecond: z.number().check(z.positive()),
})

/** The schedule's input: the shards of a run; all of them if there is no input. */
export const scheduled = z.object({
  group: z._default(z.int().check(z.gte(0)), 0),
  groups: z._default(z.int().check(z.positive()), 1),
})
export type Scheduled = z.output<typeof scheduled>

/** The relay's environment. */
export const outboxRelayEnv = z.object({
  ...publishOrders,
  CIRCUIT_BREAKER_TABLE_NAME: text,
  /** The table that holds the leases, one for each group of shards. */
  IDEMPOTENCY_TABLE_NAME: text,
  OUTBOX_SHARDS: positive,
  /** The schedule's rate: a run sends what a vendor takes in this time. */
  RELAY_INTERVAL_MS: positive,
  /** JSON: the waits after the first, second, … sending of an event; the last one repeats. */
  RELAY_BACKOFF_MS: json(z.array(z.number().check(z.positive())).check(z.minLength(1))),
  QUEUE_WAIT_UNIT_MS: positive,
  /** How long an order may fail, or be sent without being claimed, before it is dead-lettered. */
  WAITING_LIMIT_MS: positive,
  /** JSON array of {step, vendor, queueUrl, deadLetterQueueUrl, ratePerSecond}: one for each lane. */
  LANES: json(z.array(relayLane).check(z.minLength(1))),
})
export type OutboxRelayEnv = Environment<typeof outboxRelayEnv>
