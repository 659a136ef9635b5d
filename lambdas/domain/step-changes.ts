import { cancellationRefused, undone } from './cancellation.ts'
import type { Link, StepName } from './chain.ts'
import {
  type Change,
  iso,
  logged,
  noDeadLetter,
  noTrouble,
  notBefore,
  reached,
  stepEnded,
  type Times,
  workDone,
} from './change.ts'
import type { Decision } from './decision.ts'
import type { Attention, Order } from './order.ts'
import { announcement, attentionMark, partitionOf, statusMark } from './outbox.ts'
import { claimFor } from './unknown-outcome.ts'

/** Records that the step's work is done: the next status, and the mark of the event that it owes. */
function advanced(
  order: Order,
  { name, to }: Pick<Link, 'name' | 'to'>,
  decision: Decision & { kind: 'advance' },
  times: Times,
): Change {
  const at = notBefore(order, times.now)
  return {
    set: {
      ...stepEnded,
      ...workDone(order, name, decision, at),
      round: order.round + 1,
      ...reached(order, at, { status: to, undo: undefined }, times),
    },
    log: [{ at, type: to }],
  }
}

const stuck = (order: Order, at: string, attention: Omit<Attention, 'since'>): Attention => ({
  ...attention,
  since: order.attention?.state === attention.state ? order.attention.since : at,
})

/** Records a failed attempt; the message comes back. */
function attemptFailed(
  order: Order,
  step: StepName,
  { reason, question, at: nextAt }: Decision & { kind: 'retry' },
  { now, graceMs }: Times,
): Change {
  const at = notBefore(order, now)
  const attempts = order.attempts + 1
  const nextAttemptAt = iso(nextAt)
  return {
    set: {
      claim: undefined,
      unknownOutcome: question,
      attempts,
      nextAttemptAt,
      updatedAt: at,
      outboxDueAt: iso(nextAt + graceMs),
      firstFailureAt: order.firstFailureAt ?? at,
      attention: stuck(order, at, { state: 'retrying', step, reason, attempts, nextAttemptAt }),
    },
    log: logged(order, { at, type: 'ATTEMPT_FAILED', step, reason, attempt: attempts, nextAttemptAt }),
  }
}

/** Makes the order wait, with its message hidden in the queue, or in the outbox until the relay sends it again. */
function waiting(
  order: Order,
  step: StepName,
  { reason, question, until, keepsMessage, isFailure }: Decision & { kind: 'wait' },
  { now, graceMs }: Times,
): Change {
  const at = notBefore(order, now)
  const nextAttemptAt = iso(until)
  const { attempts } = order
  const isNew = order.attention?.state !== 'waiting' || order.attention.reason !== reason
  return {
    set: {
      claim: undefined,
      unknownOutcome: question,
      nextAttemptAt: keepsMessage ? nextAttemptAt : undefined,
      ...(isFailure && { firstFailureAt: order.firstFailureAt ?? at }),
      updatedAt: at,
      outboxDueAt: keepsMessage ? iso(until + graceMs) : nextAttemptAt,
      waitingSince: order.waitingSince ?? at,
      attention: stuck(order, at, { state: 'waiting', step, reason, attempts, nextAttemptAt }),
    },
    log: isNew ? logged(order, { at, type: 'WAITING', step, reason, nextAttemptAt }) : [],
  }
}

/** The change that a decision of {@link decide} makes to a claimed order. */
export function done(
  order: Order,
  link: Pick<Link, 'name' | 'to'>,
  decision: Decision,
  times: Times,
): Change {
  const { name } = link
  switch (decision.kind) {
    case 'advance':
      return advanced(order, link, decision, times)
    case 'undone':
      return undone(order, name, decision, times)
    case 'too-late':
      return cancellationRefused(order, times)
    case 'retry':
      return attemptFailed(order, name, decision, times)
    case 'wait':
      return waiting(order, name, decision, times)
    case 'dead-letter':
      return deadLettered(order, name, decision, times)
  }
}

/** Stops the order until a person acts: the message goes to the DLQ, and the mark owes ORDER_NEEDS_ATTENTION. */
export function deadLettered(
  order: Order,
  step: StepName,
  { reason, question, failure }: Omit<Decision & { kind: 'dead-letter' }, 'kind'>,
  { now, graceMs }: Pick<Times, 'now' | 'graceMs'>,
): Change {
  const at = notBefore(order, now)
  const number = order.deadLetterings + 1
  const attempts = order.attempts + (failure === 'transient' ? 1 : 0)
  return {
    set: {
      ...noTrouble,
      claim: undefined,
      unknownOutcome: question,
      attempts,
      updatedAt: at,
      deadLetterings: number,
      deadLettered: number,
      deadLetterPartition: partitionOf(order, order.vendors[step] ?? announcement),
      deadLetteredAt: at,
      ...attentionMark(order, step, number, now + graceMs),
      attention: { state: 'dead-lettered', step, reason, attempts, since: at },
    },
    log: logged(order, { at, type: 'DEAD_LETTERED', step, reason, attempt: attempts }),
  }
}

/** Records that a person is about to redrive the order. Nothing else changes before its worker gets the message. */
export function redriveRequested(order: Order, now: number): Change {
  const at = notBefore(order, now)
  return { set: { updatedAt: at }, log: logged(order, { at, type: 'REDRIVE_REQUESTED' }) }
}

/** Starts a new round for a redriven order, claimed at once. An open question stays. */
export function redriven(
  order: Order,
  step: StepName,
  claim: NonNullable<Order['claim']>,
  { now, graceMs }: Pick<Times, 'now' | 'graceMs'>,
): Change {
  const at = notBefore(order, now)
  return {
    set: {
      ...noDeadLetter,
      attention: undefined,
      claim: claimFor(order, claim),
      attempts: 0,
      round: order.round + 1,
      updatedAt: at,
      ...statusMark(order, Date.parse(claim.until) + graceMs),
      outboxClaimed: true,
    },
    log: logged(order, { at, type: 'REDRIVEN', step, by: 'operator' }),
  }
}
