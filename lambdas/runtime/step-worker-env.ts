import * as z from 'zod/mini'
import { vendorAuth } from '../adapters/vendor-auth.ts'
import { codeMeanings } from '../adapters/vendor-client.ts'
import { consumeMessages, type Environment, finishOrders, json, positive, text } from './env.ts'

const whole = z.int().check(z.positive())

/** What a vendor is like, in the config and in its worker's environment. */
export const vendorTraits = {
  /** How it is spoken to: by the contract, or by a client in vendors/, which has options of its own. */
  adapter: text,
  options: z.record(z.string(), z.unknown()),
  auth: vendorAuth,
  /** Base URL of its API: docs/vendor-contract.md. */
  url: text,
  /** One call's time-out. Long enough for a slow answer, short enough for two calls in one invocation. */
  timeoutMs: z.int().check(z.gte(1000), z.lte(5000)),
  /** Whether the same Idempotency-Key makes the vendor do the work once. If not, we look orders up. */
  honoursIdempotencyKey: z.boolean(),
  /** Whether the vendor can be asked for the work it did under our reference. */
  canBeLookedUp: z.boolean(),
  /** Whether the vendor can be asked to undo it. If not, a person has to. */
  canBeCancelled: z.boolean(),
  /** How long after the last call a vendor's "not there" is not yet believed. */
  settleMs: whole,
  /** How long it remembers an Idempotency-Key; many vendors do for 24 hours. */
  keysKeptHours: whole,
  /** What it means by codes of its own. */
  codes: z.record(z.string(), z.enum(codeMeanings)),
  /** What the vendor takes in the long run; the relay sends no more than this. */
  ratePerSecond: z.number().check(z.positive()),
  /** Invocations at a time; a vendor sees up to a batch (10) of calls from each. At least 2: https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-scaling.html */
  concurrency: z.int().check(z.gte(2), z.lte(1000)),
}
/** When a vendor's circuit opens, and for how long. */
export const breaker = z.object({
  /** Consecutive failures that open the circuit. */
  failureThreshold: whole,
  openMs: whole,
  /** The circuit opens twice as long each time, up to this. */
  maxOpenMs: whole,
  /** How long an instance believes what it read of a closed circuit. */
  cacheMs: whole,
})

/** What a worker is told of its vendor. */
export const calledVendor = z.object({
  name: text,
  /** Calls that its client makes at most, to create something or to undo it. */
  calls: whole,
  ...vendorTraits,
})
/** What a vendor's calls in an invocation may take: a token, a look-up, what creates or undoes, and another look-up. */
export const vendorCallsMs = ({ timeoutMs, calls }: { timeoutMs: number; calls: number }): number =>
  (3 + calls) * timeoutMs

/** What a step's worker finds in its environment. */
export const stepWorkerEnv = z.object({
  ...finishOrders,
  ...consumeMessages,
  CIRCUIT_BREAKER_TABLE_NAME: text,
  /** How long a claim lives without an outcome: never less than the function's time-out. */
  CLAIM_MS: positive,
  VENDOR_SECRET_ARN: text,
  VENDOR: json(calledVendor),
  RETRY: json(z.object({ delaysMs: z.array(whole).check(z.minLength(1)), waitingLimitMs: whole })),
  BREAKER: json(breaker),
})
export type StepWorkerEnv = Environment<typeof stepWorkerEnv>
