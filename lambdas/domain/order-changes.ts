import { type Link, nextStatuses, type OrderStatus, orderStatuses, type StepName } from './chain.ts'
import type { Deed } from './deed.ts'
import type { VendorFacts } from './meaning.ts'
import {
  type Attention,
  maxTimelineEntries,
  type Order,
  type ShippingAddress,
  type TimelineEntry,
} from './order.ts'
import { attentionMark, statusMark } from './outbox.ts'
import type { UnknownOutcome } from './uncertainty.ts'

/** A write about one order: what it sets, what it removes, and what it adds to the timeline. */
export interface Change {
  set: Partial<Order>
  remove: readonly (keyof Order)[]
  log: readonly TimelineEntry[]
}

/** When a write is made (epoch ms), and what counts from then, in ms. */
export interface Times {
  now: number
  /** How long until the relay looks after what should have happened by then. */
  graceMs: number
  /** How long a finished order is kept. */
  retentionMs: number
}

/** Bookkeeping of a step that ends with it. */
const stepState = [
  'claim',
  'attention',
  'unknownOutcome',
  'nextAttemptAt',
  'firstFailureAt',
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
  facts: VendorFacts,
  { now, graceMs, retentionMs }: Times,
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
      round: order.round + 1,
      ...statusMark(order, status, now + graceMs),
      ...(isLast && { expiresAt: Math.ceil((now + retentionMs) / 1000) }),
    },
    remove: stepState,
    log: [{ at, type: status }],
  }
}

const questionChange = (question: UnknownOutcome | undefined): Pick<Change, 'set' | 'remove'> =>
  question === undefined
    ? { set: {}, remove: ['unknownOutcome'] }
    : { set: { unknownOutcome: question }, remove: [] }

const stuck = (order: Order, at: string, attention: Omit<Attention, 'since'>): Attention => ({
  ...attention,
  since: order.attention?.state === attention.state ? order.attention.since : at,
})

/** An attempt failed, and the message comes back. */
function attemptFailed(
  order: Order,
  step: StepName,
  { reason, question, at: nextAt }: Deed & { kind: 'retry' },
  { now, graceMs }: Times,
): Change {
  const at = notBefore(order, now)
  const attempts = order.attempts + 1
  const nextAttemptAt = iso(nextAt)
  const { set, remove } = questionChange(question)
  return {
    set: {
      ...set,
      attempts,
      nextAttemptAt,
      updatedAt: at,
      outboxDueAt: iso(nextAt + graceMs),
      firstFailureAt: order.firstFailureAt ?? at,
      attention: stuck(order, at, { state: 'retrying', step, reason, attempts, nextAttemptAt }),
    },
    remove: ['claim', ...remove],
    log: logged(order, { at, type: 'ATTEMPT_FAILED', step, reason, attempt: attempts, nextAttemptAt }),
  }
}

/** The order waits, with its message hidden in its queue, or in the outbox until the relay sends it on. */
function waiting(
  order: Order,
  step: StepName,
  { reason, question, until, keepsMessage, isFailure }: Deed & { kind: 'wait' },
  { now, graceMs }: Times,
): Change {
  const at = notBefore(order, now)
  const nextAttemptAt = iso(until)
  const { set, remove } = questionChange(question)
  const { attempts } = order
  const isNew = order.attention?.state !== 'waiting' || order.attention.reason !== reason
  return {
    set: {
      ...set,
      ...(keepsMessage && { nextAttemptAt }),
      ...(isFailure && { firstFailureAt: order.firstFailureAt ?? at }),
      updatedAt: at,
      outboxDueAt: keepsMessage ? iso(until + graceMs) : nextAttemptAt,
      waitingSince: order.waitingSince ?? at,
      attention: stuck(order, at, { state: 'waiting', step, reason, attempts, nextAttemptAt }),
    },
    remove: ['claim', ...(keepsMessage ? [] : (['nextAttemptAt'] as const)), ...remove],
    log: isNew ? logged(order, { at, type: 'WAITING', step, reason, nextAttemptAt }) : [],
  }
}

/** What a step writes about an order that it has claimed: a deed of {@link decide}, done. */
export function done(
  order: Order,
  { name, to }: Pick<Link, 'name' | 'to'>,
  deed: Deed,
  times: Times,
): Change {
  switch (deed.kind) {
    case 'advance':
      return transition(order, to, deed.facts, times)
    case 'retry':
      return attemptFailed(order, name, deed, times)
    case 'wait':
      return waiting(order, name, deed, times)
    case 'dead-letter':
      return deadLettered(order, name, deed, times)
  }
}

/** The vendor was not called, for a reason of ours: the order is as it was, and somebody looks after it again. */
export function released({ now, graceMs }: Pick<Times, 'now' | 'graceMs'>): Change {
  return { set: { outboxDueAt: iso(now + graceMs) }, remove: ['claim'], log: [] }
}

/** Nothing goes on without a person: the message goes to the DLQ, and the mark owes ORDER_NEEDS_ATTENTION. */
export function deadLettered(
  order: Order,
  step: StepName,
  { reason, question, failure }: Omit<Deed & { kind: 'dead-letter' }, 'kind'>,
  { now, graceMs }: Pick<Times, 'now' | 'graceMs'>,
): Change {
  const at = notBefore(order, now)
  const number = order.deadLetterings + 1
  const attempts = order.attempts + (failure === 'transient' ? 1 : 0)
  const { set, remove } = questionChange(question)
  return {
    set: {
      ...set,
      attempts,
      updatedAt: at,
      deadLetterings: number,
      deadLettered: number,
      ...attentionMark(order, step, number, now + graceMs),
      attention: { state: 'dead-lettered', step, reason, attempts, since: at },
    },
    remove: ['claim', 'nextAttemptAt', 'firstFailureAt', 'waitingSince', ...remove],
    log: logged(order, { at, type: 'DEAD_LETTERED', step, reason, attempt: attempts }),
  }
}

/**
 * A person sent a dead-lettered order on: a new round of attempts, under a claim at once. An open question stays
 * open, unless they say that the vendor has made nothing.
 */
export function redriven(
  order: Order,
  step: StepName,
  claim: NonNullable<Order['claim']>,
  isNothingMade: boolean,
  { now, graceMs }: Pick<Times, 'now' | 'graceMs'>,
): Change {
  const at = notBefore(order, now)
  return {
    set: {
      claim,
      attempts: 0,
      round: order.round + 1,
      updatedAt: at,
      ...statusMark(order, order.status, Date.parse(claim.until) + graceMs),
      outboxClaimed: true,
    },
    remove: ['deadLettered', 'attention', ...(isNothingMade ? (['unknownOutcome'] as const) : [])],
    log: logged(order, { at, type: 'REDRIVEN', step, ...(isNothingMade && { reason: 'NOTHING_MADE' }) }),
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
export function cancelled(order: Order, times: Times): Change {
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
