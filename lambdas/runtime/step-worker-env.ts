import * as z from 'zod/mini'
import { codeMeanings } from '../adapters/vendor-client.ts'
import { consumeMessages, type Environment, finishOrders, json, positive, positives, text } from './env.ts'

const flag = z.pipe(
  z.enum(['true', 'false']),
  z.transform((value) => value === 'true'),
)

/** What a step's worker finds in its environment. */
export const stepWorkerEnv = z.object({
  ...finishOrders,
  ...consumeMessages,
  CIRCUIT_BREAKER_TABLE_NAME: text,
  /** How long a claim lives without an outcome: never less than the function's time-out. */
  CLAIM_MS: positive,
  RETRY_DELAYS_MS: positives,
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
