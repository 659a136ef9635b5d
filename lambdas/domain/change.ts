import { isEnd, orderStatuses, stepNames } from './chain.ts'
import { maxTimelineEntries, type Order, type TimelineEntry } from './order.ts'
import { statusMark } from './outbox.ts'
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
  /** How long until the relay looks after the order. */
  graceMs: number
  /** How long a finished order is kept. */
  retentionMs: number
}

/** What an order has only while it is dead-lettered: the number, and the keys of the index of dead letters. */
export const deadLetter = ['deadLettered', 'deadLetterPartition', 'deadLetteredAt'] as const

/** Bookkeeping of a step that ends with it. */
export const stepState = [
  'claim',
  'attention',
  'unknownOutcome',
  'nextAttemptAt',
  'firstFailureAt',
  'waitingSince',
  ...deadLetter,
] as const

/** A time as orders hold it. */
export const iso = (epochMs: number): string => new Date(epochMs).toISOString()

/** Clocks differ between instances; an order's times must not run back. */
export const notBefore = (order: Order, now: number): string =>
  iso(Math.max(now, Date.parse(order.updatedAt)))

/** Entries that must always find room: each status, what each step undid, and that a vendor refused to. */
const reservedEntries = orderStatuses.length + stepNames.length + 1

/** An entry that is left out where it would take the room of transitions. */
export const logged = (order: Order, entry: TimelineEntry): TimelineEntry[] =>
  order.timeline.length < maxTimelineEntries - reservedEntries ? [entry] : []

/** The order reaches a status, or the next step to undo: the mark of its new event replaces the old one. */
export function reached(
  order: Order,
  at: string,
  to: { status: Order['status']; undo: Order['undo']; cancellation?: Order['cancellation'] },
  { now, graceMs, retentionMs }: Times,
): Change['set'] {
  return {
    ...to,
    statusAt: at,
    updatedAt: at,
    attempts: 0,
    ...statusMark({ ...order, ...to }, now + graceMs),
    ...(isEnd(to.status) && { expiresAt: Math.ceil((now + retentionMs) / 1000) }),
  }
}

/** Keeps an open question on the order, or removes it. */
export const questionChange = (question: UnknownOutcome | undefined): Pick<Change, 'set' | 'remove'> =>
  question === undefined
    ? { set: {}, remove: ['unknownOutcome'] }
    : { set: { unknownOutcome: question }, remove: [] }
