import * as z from 'zod/mini'
import { vendorAuth } from '../adapters/vendor-auth.ts'
import { codeMeanings } from '../adapters/vendor-client.ts'
import { consumeMessages, type Environment, finishOrders, json, positive, text } from './env.ts'

const whole = z.int().check(z.positive())

/** A vendor's properties, in the config and in its worker's environment. */
export const vendorTraits = {
  /** The client to use: `contract`, or one in vendors/, which has options of its own. */
  adapter: text,
  options: z.record(z.string(), z.unknown()),
  auth: vendorAuth,
  /** Base URL of its API: docs/vendor-contract.md. */
  url: text,
  /** One call's time-out. Long enough for a slow answer, short enough for two calls in one invocation. */
  timeoutMs: z.int().check(z.gte(1000), z.lte(5000)),
  /** Whether the vendor does the work only once for the same Idempotency-Key. If not, we look orders up. */
  honoursIdempotencyKey: z.boolean(),
  /** Whether the vendor can be asked for the work it did under our reference. */
  canBeLookedUp: z.boolean(),
  /** Whether the vendor can be asked to undo it. If not, a person has to. */
  canBeCancelled: z.boolean(),
  /** How long after the last call a vendor's "not there" is not yet trusted. */
  settleMs: whole,
  /** How long it remembers an Idempotency-Key; 24 hours is common. */
  keysKeptHours: whole,
  /** The meaning of the vendor's own codes. */
  codes: z.record(z.string(), z.enum(codeMeanings)),
  /** Calls per second that the vendor takes in the long run; the relay sends no more than this. */
  ratePerSecond: z.number().check(z.positive()),
  /** Concurrent invocations, each with up to 10 calls. At least 2: https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-scaling.html */
  concurrency: z.int().check(z.gte(2), z.lte(1000)),
}
/** When a vendor's circuit opens, and for how long. */
export const breaker = z.object({
  /** Consecutive failures that open the circuit. */
  failureThreshold: whole,
  openMs: whole,
  /** Each failed probe doubles the time that the circuit stays open, up to this. */
  maxOpenMs: whole,
  /** How long an instance may use what it has read of the circuit. */
  cacheMs: whole,
})

/** A vendor as its worker knows it. */
export const calledVendor = z.object({
  name: text,
  /** The most calls that its client makes to create something or to undo it. */
  calls: whole,
  ...vendorTraits,
})
/** The most time (ms) of an invocation's vendor calls: a token, a look-up, creating or undoing, and another look-up. */
export const vendorCallsMs = ({ timeoutMs, calls }: { timeoutMs: number; calls: number }): number =>
  (3 + calls) * timeoutMs

/** A step worker's environment. */
export const stepWorkerEnv = z.object({
  ...finishOrders,
  ...consumeMessages,
  CIRCUIT_BREAKER_TABLE_NAME: text,
  /** How long a claim lasts without an outcome: never less than the function's time-out. */
  CLAIM_MS: positive,
  VENDOR_SECRET_ARN: text,
  VENDOR: json(calledVendor),
  RETRY: json(z.object({ delaysMs: z.array(whole).check(z.minLength(1)), waitingLimitMs: whole })),
  BREAKER: json(breaker),
})
export type StepWorkerEnv = Environment<typeof stepWorkerEnv>
