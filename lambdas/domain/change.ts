import { orderStatuses, type StepName, stepNames } from './chain.ts'
import { turnOf } from './events.ts'
import { type Actor, maxTimelineEntries, type Order, type TimelineEntry } from './order.ts'
import { statusMark } from './outbox.ts'
import type { VendorFacts } from './vendor-answer.ts'

/** A change to one order: attributes to set (or remove, if undefined), and entries to add to the timeline. */
export interface Change {
  set: Partial<Order>
  log?: readonly TimelineEntry[]
}

/** The time of a write (epoch ms), and the periods that start with it, in ms. */
export interface Times {
  now: number
  /** How long until the relay picks up the order. */
  graceMs: number
  /** How long a finished order is kept. */
  retentionMs: number
}

/** Clears what an order has only while it is dead-lettered: the number, and the keys of the dead-letter index. */
export const noDeadLetter = {
  deadLettered: undefined,
  deadLetterPartition: undefined,
  deadLetteredAt: undefined,
} satisfies Change['set']

/** Clears a step's bookkeeping, except for what its vendor may have made. */
export const noTrouble = {
  attention: undefined,
  nextAttemptAt: undefined,
  firstFailureAt: undefined,
  waitingSince: undefined,
  ...noDeadLetter,
} satisfies Change['set']

/** Clears all of a step's bookkeeping. */
export const stepEnded = { claim: undefined, unknownOutcome: undefined, ...noTrouble } satisfies Change['set']

/** A time as orders store it. */
export const iso = (epochMs: number): string => new Date(epochMs).toISOString()

/** `now`, or the order's last update if that is later: clocks differ, and its times must not go back. */
export const notBefore = (order: Order, now: number): string =>
  iso(Math.max(now, Date.parse(order.updatedAt)))

/** The attributes that record a step's finished work. */
export const workDone = (
  order: Order,
  step: StepName,
  { facts, round }: { facts: VendorFacts; round: number },
  at: string,
): Change['set'] => ({
  ...facts,
  ...(facts.facts && { facts: { ...order.facts, ...facts.facts } }),
  made: { ...order.made, [step]: { round, at } },
})

/** Timeline entries reserved for each status, each undone step, and a refused cancellation. */
const reservedEntries = orderStatuses.length + stepNames.length + 1

/** An entry, unless only the reserved room is left. */
export const logged = (order: Order, entry: TimelineEntry): TimelineEntry[] =>
  order.timeline.length < maxTimelineEntries - reservedEntries ? [entry] : []

/** Attributes a change to a person: in its timeline entries, and with name and note in the audit trail. */
export function onRecord(order: Order, { set, log = [] }: Change, actor: Actor): Change {
  const [first] = log
  if (first === undefined) return { set }
  const audit = [...(set.audit ?? order.audit ?? []), { at: first.at, action: first.type, ...actor }]
  return { set: { ...set, audit }, log: log.map((entry) => ({ by: actor.by, ...entry })) }
}

/** Moves the order to a status, or to the next step to undo. The new event's mark replaces the old one. */
export function reached(
  order: Order,
  at: string,
  to: { status: Order['status']; undo: Order['undo']; cancellation?: Order['cancellation'] },
  { now, graceMs, retentionMs }: Times,
): Change['set'] {
  const reaching = { ...order, ...to }
  const isOver = turnOf(reaching) === undefined
  return {
    ...to,
    statusAt: at,
    updatedAt: at,
    attempts: 0,
    ...statusMark(reaching, now + graceMs),
    expiresAt: isOver ? Math.ceil((now + retentionMs) / 1000) : undefined,
  }
}
