import type { Reason } from './reasons.ts'

/**
 * Since when it is uncertain whether the vendor has done the work: the end of the last call that may have
 * reached it, in epoch ms. Undefined means that the vendor certainly has not done it.
 */
export type UncertainSince = number | undefined

/** What came of asking a vendor for an order's AWB or shipment. */
export type Outcome<Answer> =
  | { kind: 'done'; answer: Answer }
  /** The vendor or the way to it failed: try again. Where it was not *reached*, that says nothing of this order. */
  | { kind: 'transient'; reason: Reason; uncertainSince: UncertainSince; reached: boolean }
  /** The vendor refused this order: asking again changes nothing. */
  | { kind: 'permanent'; reason: Reason }
  /** The vendor takes nothing now, or is not ready: no attempt is used up. */
  | { kind: 'waiting'; reason: Reason; uncertainSince: UncertainSince; waitMs?: number | undefined }
  /** An earlier call may still come to light at the vendor: look again once it must have. */
  | { kind: 'settling'; until: number }
  /** Nobody can find out whether the vendor did the work: a person decides. */
  | { kind: 'undecidable'; reason: Reason; uncertainSince: number }

/** Whose problem a failure is: the `kind` of the StepFailed metric and of a dead-lettered message. */
export const failureKinds = ['transient', 'permanent', 'poison', 'waiting', 'not-the-vendors'] as const
export type FailureKind = (typeof failureKinds)[number]

/** How often and how long a step tries. All in milliseconds. */
export interface RetryPolicy {
  /** The waits between the attempts of one round; the attempt after the last wait is the last one. */
  delaysMs: readonly number[]
  /** How long an order may wait for a vendor in all. */
  waitingLimitMs: number
  /** When to look again at an order that waits, where the vendor did not say. */
  waitMs: number
  /** How long after the promised moment the relay steps in. */
  graceMs: number
}

/** What to do about an outcome: `failure.ts` decides, the worker's frame acts. Times are epoch ms. */
export type Decision<Answer> =
  | { kind: 'advance'; answer: Answer }
  | { kind: 'retry'; reason: Reason; uncertainSince: UncertainSince; at: number }
  | { kind: 'settle'; at: number }
  | { kind: 'wait'; reason: Reason; uncertainSince: UncertainSince; until: number }
  | { kind: 'dead-letter'; reason: Reason; failure: FailureKind; uncertainSince: UncertainSince }

/** What a decision depends on besides the outcome. */
export interface Situation {
  now: number
  /** Failed attempts of this round before this one. */
  attempts: number
  waitingSince?: string | undefined
  /** Set where the vendor's circuit is open now: when the next call may be made. */
  circuit?: { until: number; probed: boolean } | undefined
}

/**
 * Decides what an outcome means for the order.
 *
 * A failed attempt counts against the order, unless it shows that the vendor is down for everybody: then the
 * circuit is open, and the order waits. The last attempt of a round dead-letters it in any case, but for two: a
 * probe is made on behalf of all, and a vendor that could not be reached says nothing of this order, so that
 * even the only order of a quiet night outlives an outage.
 */
export function decide<Answer>(
  outcome: Outcome<Answer>,
  policy: RetryPolicy,
  situation: Situation,
): Decision<Answer> {
  const { now, attempts, waitingSince, circuit } = situation
  const wait = (reason: Reason, uncertainSince: UncertainSince, until: number): Decision<Answer> =>
    waitingSince !== undefined && now - Date.parse(waitingSince) >= policy.waitingLimitMs
      ? { kind: 'dead-letter', reason: `WAITED_TOO_LONG:${reason}`, failure: 'waiting', uncertainSince }
      : { kind: 'wait', reason, uncertainSince, until }
  switch (outcome.kind) {
    case 'done':
      return { kind: 'advance', answer: outcome.answer }
    case 'permanent':
      return {
        kind: 'dead-letter',
        reason: outcome.reason,
        failure: 'permanent',
        uncertainSince: undefined,
      }
    case 'undecidable': {
      const { uncertainSince } = outcome
      const reason: Reason = `OUTCOME_UNKNOWN:${outcome.reason}`
      return { kind: 'dead-letter', reason, failure: 'permanent', uncertainSince }
    }
    case 'settling':
      return { kind: 'settle', at: outcome.until }
    case 'waiting': {
      const { reason, uncertainSince } = outcome
      // A vendor may ask for any time; the order is looked at when its waiting has to end.
      const until = circuit?.until ?? now + Math.min(outcome.waitMs ?? policy.waitMs, policy.waitingLimitMs)
      return wait(reason, uncertainSince, until)
    }
    case 'transient': {
      const { reason, uncertainSince, reached } = outcome
      const delayMs = policy.delaysMs[attempts]
      if (circuit && (circuit.probed || delayMs !== undefined || !reached))
        return wait(`CIRCUIT_OPEN:${reason}`, uncertainSince, circuit.until)
      if (delayMs === undefined && !reached) return wait(reason, uncertainSince, now + policy.waitMs)
      if (delayMs === undefined) return { kind: 'dead-letter', reason, failure: 'transient', uncertainSince }
      return { kind: 'retry', reason, uncertainSince, at: now + delayMs }
    }
  }
}
