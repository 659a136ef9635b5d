import * as z from 'zod/mini'
import { codeMeanings } from '../adapters/vendor-client.ts'
import { consumeMessages, type Environment, finishOrders, json, positive, text } from './env.ts'

const whole = z.int().check(z.positive())

/** A step's vendor: lib/config-schema.ts says what each field means. */
const vendor = z.object({
  name: text,
  url: text,
  timeoutMs: whole,
  honoursIdempotencyKey: z.boolean(),
  canBeLookedUp: z.boolean(),
  canBeCancelled: z.boolean(),
  settleMs: whole,
  keysKeptHours: whole,
  codes: z.record(z.string(), z.enum(codeMeanings)),
  ratePerSecond: z.number().check(z.positive()),
  concurrency: whole,
})
const breaker = z.object({ failureThreshold: whole, openMs: whole, maxOpenMs: whole, cacheMs: whole })

/** What a step's worker finds in its environment. */
export const stepWorkerEnv = z.object({
  ...finishOrders,
  ...consumeMessages,
  CIRCUIT_BREAKER_TABLE_NAME: text,
  /** How long a claim lives without an outcome: never less than the function's time-out. */
  CLAIM_MS: positive,
  VENDOR_SECRET_ARN: text,
  VENDOR: json(vendor),
  RETRY: json(z.object({ delaysMs: z.array(whole).check(z.minLength(1)), waitingLimitMs: whole })),
  BREAKER: json(breaker),
})
/** Environment of a step's worker. */
export type StepWorkerEnv = Environment<typeof stepWorkerEnv>
