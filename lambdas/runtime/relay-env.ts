import * as z from 'zod/mini'
import { stepNames } from '../domain/chain.ts'
import { type Environment, json, positive, positives, publishOrders, text } from './env.ts'

/** What the relay knows of a step of the chain: where its messages go, and how fast its vendor takes them. */
const relayStep = z.object({
  step: z.enum(stepNames),
  vendor: text,
  queueUrl: text,
  deadLetterQueueUrl: text,
  ratePerSecond: z.number().check(z.positive()),
})

const relaySteps = json(z.array(relayStep).check(z.minLength(1)))

/** What the relay finds in its environment. */
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
/** Environment of outbox-relay. */
export type OutboxRelayEnv = Environment<typeof outboxRelayEnv>
