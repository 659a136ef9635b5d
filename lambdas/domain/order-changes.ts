import { nextStatuses, type OrderStatus, orderStatuses, type StepName } from './chain.ts'
import type { FailureKind, UncertainSince } from './failure.ts'
import {
  type Attention,
  maxTimelineEntries,
  type Order,
  type ShippingAddress,
  type TimelineEntry,
} from './order.ts'
import { attentionMark, statusMark } from './outbox.ts'
import type { Reason } from './reasons.ts'

/** A write about one order: what it sets, what it removes, and what it adds to the timeline. */
export interface Change {
  set: Partial<Order>
  remove: readonly (keyof Order)[]
  log: readonly TimelineEntry[]
}

interface Cause {
  reason: Reason
  uncertainSince: UncertainSince
}

/** Bookkeeping of a step that ends with it. */
const stepState = [
  'claim',
  'attention',
  'unknownOutcome',
  'nextAttemptAt',
  'waitingSince',
  'deadLettered',
] as const

const iso = (epochMs: number): string => new Date(epochMs).toISOString()

/** Clocks differ between instances; an order's times must not run back. */
const notBefore = (order: Order, now: number): string => iso(Math.max(now, Date.parse(order.updatedAt)))

/** What happened between transitions is logged while there is room: the transitions themselves must find some. */
const logged = (order: Order, entry: TimelineEntry): TimelineEntry[] =>
  order.timeline.length < maxTimelineEntries - orderStatuses.length ? [entry] : []

/** The order as it is after a change: what a conditional write made of it, without reading it again. */
export function changed(order: Order, { set, remove, log }: Change): Order {
  const result = { ...order, ...set, timeline: [...order.timeline, ...log], version: order.version + 1 }
  for (const key of remove) delete result[key]
  return result
}

/** The step's work is done, or a person cancelled: the next status, and the mark of the event it owes. */
export function transition(
  order: Order,
  status: OrderStatus,
  facts: Pick<Partial<Order>, 'awb' | 'trackingUrl' | 'wmsReference'>,
  { now, graceMs, retentionMs }: { now: number; graceMs: number; retentionMs: number },
): Change {
  const at = notBefore(order, now)
  const isLast = nextStatuses(status).length === 0
  return {
    set: {
      ...facts,
      status,
      statusAt: at,
      updatedAt: at,
      attempts: 0,
      round: 0,
      ...statusMark(order.orderId, status, now + graceMs),
      ...(isLast && { expiresAt: Math.ceil((now + retentionMs) / 1000) }),
    },
    remove: stepState,
    log: [{ at, type: status }],
  }
}

/** Whether the vendor may have done the work all the same: the question that the next attempt must settle. */
const openQuestion = (order: Order, since: UncertainSince): Pick<Change, 'set' | 'remove'> =>
  since === undefined
    ? { set: {}, remove: ['unknownOutcome'] }
    : {
        set: { unknownOutcome: { at: iso(since), round: order.unknownOutcome?.round ?? order.round } },
        remove: [],
      }

const stuck = (order: Order, at: string, attention: Omit<Attention, 'since'>): Attention => ({
  ...attention,
  since: order.attention?.state === attention.state ? order.attention.since : at,
})

/** An attempt failed, and the message comes back at `nextAt`. */
export function attemptFailed(
  order: Order,
  step: StepName,
  { reason, uncertainSince, nextAt }: Cause & { nextAt: number },
  { now, graceMs }: { now: number; graceMs: number },
): Change {
  const at = notBefore(order, now)
  const attempts = order.attempts + 1
  const nextAttemptAt = iso(nextAt)
  const question = openQuestion(order, uncertainSince)
  return {
    set: {
      ...question.set,
      attempts,
      nextAttemptAt,
      updatedAt: at,
      outboxDueAt: iso(nextAt + graceMs),
      attention: stuck(order, at, { state: 'retrying', step, reason, attempts, nextAttemptAt }),
    },
    remove: ['claim', 'waitingSince', ...question.remove],
    log: logged(order, { at, type: 'ATTEMPT_FAILED', step, reason, attempt: attempts, nextAttemptAt }),
  }
}

/** An earlier call's outcome may still come to light: the message comes back at `nextAt`, no attempt is used. */
export function settling(
  order: Order,
  step: StepName,
  nextAt: number,
  { now, graceMs }: { now: number; graceMs: number },
): Change {
  const at = notBefore(order, now)
  const nextAttemptAt = iso(nextAt)
  const { attempts, attention, unknownOutcome } = order
  return {
    set: {
      ...(unknownOutcome && { unknownOutcome }),
      nextAttemptAt,
      updatedAt: at,
      outboxDueAt: iso(nextAt + graceMs),
      attention: stuck(order, at, {
        state: 'waiting',
        step,
        reason: `OUTCOME_UNKNOWN${attention ? `:${attention.reason.replace(/^OUTCOME_UNKNOWN:/, '')}` : ''}`,
        attempts,
        nextAttemptAt,
      }),
    },
    remove: ['claim'],
    log:
      attention?.state === 'waiting'
        ? []
        : logged(order, { at, type: 'WAITING', step, reason: 'OUTCOME_UNKNOWN', nextAttemptAt }),
  }
}

/** The vendor takes nothing now: the order waits in the outbox until the relay sends it on at `until`. */
export function waiting(
  order: Order,
  step: StepName,
  { reason, uncertainSince, until }: Cause & { until: number },
  { now }: { now: number },
): Change {
  const at = notBefore(order, now)
  const nextAttemptAt = iso(until)
  const question = openQuestion(order, uncertainSince)
  const { attempts } = order
  const isNew = order.attention?.state !== 'waiting' || order.attention.reason !== reason
  return {
    set: {
      ...question.set,
      updatedAt: at,
      outboxDueAt: nextAttemptAt,
      waitingSince: order.waitingSince ?? at,
      attention: stuck(order, at, { state: 'waiting', step, reason, attempts, nextAttemptAt }),
    },
    remove: ['claim', 'nextAttemptAt', ...question.remove],
    log: isNew ? logged(order, { at, type: 'WAITING', step, reason, nextAttemptAt }) : [],
  }
}

/** The vendor was not called, for a reason of ours: the order is as it was, and somebody looks after it again. */
export function released(order: Order, { now, graceMs }: { now: number; graceMs: number }): Change {
  const { unknownOutcome } = order
  return {
    set: { ...(unknownOutcome && { unknownOutcome }), outboxDueAt: iso(now + graceMs) },
    remove: ['claim'],
    log: [],
  }
}

/** Nothing goes on without a person: the message goes to the DLQ, and the mark owes ORDER_NEEDS_ATTENTION. */
export function deadLettered(
  order: Order,
  step: StepName,
  { reason, uncertainSince, failure }: Cause & { failure: FailureKind },
  { now, graceMs }: { now: number; graceMs: number },
): Change {
  const at = notBefore(order, now)
  const number = order.deadLetterings + 1
  const attempts = order.attempts + (failure === 'transient' ? 1 : 0)
  const question = openQuestion(order, uncertainSince)
  return {
    set: {
      ...question.set,
      attempts,
      updatedAt: at,
      deadLetterings: number,
      deadLettered: number,
      ...attentionMark(order.orderId, step, number, now + graceMs),
      attention: { state: 'dead-lettered', step, reason, attempts, since: at },
    },
    remove: ['claim', 'nextAttemptAt', 'waitingSince', ...question.remove],
    log: logged(order, { at, type: 'DEAD_LETTERED', step, reason, attempt: attempts }),
  }
}

/** A person sent a dead-lettered order on: a new round of attempts, with a new key, under a claim at once. */
export function redriven(
  order: Order,
  step: StepName,
  claim: NonNullable<Order['claim']>,
  { now, graceMs }: { now: number; graceMs: number },
): Change {
  const at = notBefore(order, now)
  return {
    set: {
      claim,
      attempts: 0,
      round: order.round + 1,
      updatedAt: at,
      ...statusMark(order.orderId, order.status, Date.parse(claim.until) + graceMs),
      outboxClaimed: true,
    },
    remove: ['deadLettered', 'attention'],
    log: logged(order, { at, type: 'REDRIVEN', step }),
  }
}

/** The shop corrected the address while nobody works on the order: the next attempt uses it, with a new key. */
export function shippingAddressChanged(order: Order, shippingAddress: ShippingAddress, now: number): Change {
  const at = notBefore(order, now)
  return {
    // A vendor may hold a key to the body that it first came with.
    set: { shippingAddress, round: order.round + 1, updatedAt: at },
    remove: [],
    log: logged(order, { at, type: 'SHIPPING_ADDRESS_CHANGED' }),
  }
}

/** The order is called off: nothing is owed but to say so. */
export function cancelled(
  order: Order,
  times: { now: number; graceMs: number; retentionMs: number },
): Change {
  return transition(order, 'CANCELLED', {}, times)
}

/** What stands where personal data stood. */
const redactedText = 'REDACTED'

/**
 * The personal data of a finished order is removed: who bought, where it went, what the shop noted, and what
 * the goods were called. What accounting needs stays: SKUs, amounts, the country.
 */
export function redacted(order: Order, now: number): Change {
  const at = notBefore(order, now)
  return {
    set: {
      customer: { name: redactedText },
      shippingAddress: {
        name: redactedText,
        line1: redactedText,
        city: redactedText,
        country: order.shippingAddress.country,
      },
      items: order.items.map(({ name, ...item }) => item),
      redactedAt: at,
      updatedAt: at,
    },
    remove: ['metadata'],
    log: logged(order, { at, type: 'PERSONAL_DATA_REDACTED' }),
  }
}
