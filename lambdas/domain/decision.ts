import type { Reason } from './reasons.ts'
import type { UnknownOutcome } from './unknown-outcome.ts'
import type { Meaning, VendorFacts } from './vendor-answer.ts'

/** Whose problem a failure is: the `kind` of the StepFailed metric and of a dead-lettered message. */
export const failureKinds = ['transient', 'permanent', 'poison', 'waiting', 'not-the-vendors'] as const
export type FailureKind = (typeof failureKinds)[number]

type Question = UnknownOutcome | undefined

/** What to do with a claimed order and its message. Times are epoch ms. */
export type Decision =
  /** The step's work is done: the order moves on. */
  | { kind: 'advance'; facts: VendorFacts; round: number }
  /** The step's work is undone, or was never made (`byVendor` false): the order goes back. */
  | { kind: 'undone'; byVendor: boolean }
  /** The vendor can no longer undo it: the order returns to its previous status. */
  | { kind: 'too-late' }
  | { kind: 'retry'; reason: Reason; at: number; question: Question }
  /** Uses up no attempt. The message stays in its queue (`keepsMessage`), or the order waits in the outbox without it. */
  | {
      kind: 'wait'
      reason: Reason
      until: number
      keepsMessage: boolean
      /** Whether the vendor failed this order, which may or may not affect others. */
      isFailure: boolean
      question: Question
    }
  /** An operator has to look at it. */
  | {
      kind: 'dead-letter'
      reason: Reason
      failure: FailureKind
      question: Question
      /** What the vendor made, if it is unusable or could not be written. */
      facts?: VendorFacts
    }

/** How often and for how long a step retries. Times are in milliseconds. */
export interface RetryPolicy {
  /** The waits between the attempts of one round; the attempt after the last wait is the last one. */
  delaysMs: readonly number[]
  /** How long an order may wait for a vendor in total. */
  waitingLimitMs: number
  /** When to try a waiting order again, if the vendor did not say. */
  graceMs: number
  /** The granularity of the queue's delays. */
  waitUnitMs: number
}

/** The longest wait, in wait units, for which a message stays in its queue: a minute on AWS. */
export const visibleWaitUnits = 60

/** What a decision depends on besides the vendor's answer. */
export interface Situation {
  now: number
  /** The round of the request that the vendor was called with. */
  round: number
  /** Failed attempts of this round before this one. */
  attempts: number
  waitingSince?: string | undefined
  /** What is uncertain after this answer, and whether we can resolve it without a person. */
  question: Question
  canFindOut: boolean
  /** Whether the vendor has served another order since this one first failed. */
  othersServed: boolean
  /** Set if the vendor's circuit is now open: when the next call may be made. */
  circuit?: { until: number; probed: boolean } | undefined
}

/** Makes the order wait until `until` (epoch ms), or dead-letters it if it has reached the waiting limit. */
export function waitUntil(
  reason: Reason,
  until: number,
  { waitingLimitMs, waitUnitMs }: RetryPolicy,
  { now, waitingSince, question }: Pick<Situation, 'now' | 'waitingSince' | 'question'>,
  isFailure: boolean,
): Decision {
  if (waitingSince !== undefined && now - Date.parse(waitingSince) >= waitingLimitMs)
    return { kind: 'dead-letter', reason: `WAITED_TOO_LONG:${reason}`, failure: 'waiting', question }
  return {
    kind: 'wait',
    reason,
    until,
    keepsMessage: until - now <= visibleWaitUnits * waitUnitMs,
    isFailure,
    question,
  }
}

/** Decides what to do about a vendor's answer, by the table in docs/architecture.md. */
export function decide(meaning: Meaning, policy: RetryPolicy, situation: Situation): Decision {
  const { now, attempts, question, circuit } = situation
  const { made, blame, reason, retryAfterMs } = meaning

  const deadLetter = (why: Reason, failure: FailureKind): Decision => ({
    kind: 'dead-letter',
    reason: why,
    failure,
    question,
  })
  const wait = (why: Reason, until: number): Decision =>
    waitUntil(why, until, policy, situation, blame === 'unclear')
  // Capped: a vendor may ask for any time, but the order must not wait beyond its limit.
  const waitAsAsked = (): Decision =>
    wait(reason, circuit?.until ?? now + Math.min(retryAfterMs ?? policy.graceMs, policy.waitingLimitMs))
  const attempt = (): Decision => {
    const delayMs = policy.delaysMs[attempts]
    const isUnreached = blame === 'unreached'
    if (circuit && (circuit.probed || delayMs !== undefined || isUnreached))
      return wait(`CIRCUIT_OPEN:${reason}`, circuit.until)
    if (delayMs !== undefined) return { kind: 'retry', reason, at: now + delayMs, question }
    return isUnreached ? wait(reason, now + policy.graceMs) : deadLetter(reason, 'transient')
  }

  if (made === 'yes')
    return blame === 'nobody'
      ? { kind: 'advance', facts: meaning.facts, round: situation.round }
      : { kind: 'dead-letter', reason, failure: 'permanent', question, facts: meaning.facts }
  if (question !== undefined && !situation.canFindOut)
    return deadLetter(`OUTCOME_UNKNOWN:${reason}`, 'permanent')
  switch (blame) {
    case 'order':
      return deadLetter(reason, 'permanent')
    case 'nobody':
      return made === 'unknown' ? attempt() : waitAsAsked()
    case 'us':
      return waitAsAsked()
    case 'vendor':
      return retryAfterMs === undefined ? attempt() : waitAsAsked()
    case 'unreached':
      return attempt()
    case 'unclear':
      return situation.othersServed ? attempt() : waitAsAsked()
  }
}
