import * as z from 'zod/mini'
import { codeMeanings } from '../adapters/vendor-client.ts'
import { type Environment, finishOrders, json, positive, positives, text } from './env.ts'

const flag = z.pipe(
  z.enum(['true', 'false']),
  z.transform((value) => value === 'true'),
)

/** What a step's worker finds in its environment. */
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
  VENDOR_CAN_BE_CANCELLED: flag,
  /** How long after the last call a vendor's "not there" is not yet believed. */
  VENDOR_SETTLE_MS: positive,
  /** How long a vendor that honours keys remembers one. */
  VENDOR_KEYS_KEPT_MS: positive,
  /** Calls a second that all workers together may make, and how many workers there are. */
  VENDOR_RATE_PER_SECOND: z.coerce.number().check(z.positive()),
  VENDOR_CONCURRENCY: positive,
  /** JSON: what the vendor means by codes of its own. */
  VENDOR_CODES: json(z.record(z.string(), z.enum(codeMeanings))),
  BREAKER_FAILURE_THRESHOLD: positive,
  BREAKER_OPEN_MS: positive,
  BREAKER_MAX_OPEN_MS: positive,
  BREAKER_CACHE_MS: positive,
})
/** Environment of a step's worker. */
export type StepWorkerEnv = Environment<typeof stepWorkerEnv>
