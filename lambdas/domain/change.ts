import { orderStatuses, type StepName, stepNames } from './chain.ts'
import { turnOf } from './events.ts'
import { type Actor, maxTimelineEntries, type Order, type TimelineEntry } from './order.ts'
import { statusMark } from './outbox.ts'
import type { VendorFacts } from './vendor-answer.ts'

/** A write about one order: what it sets, or removes where that is undefined, and adds to the timeline. */
export interface Change {
  set: Partial<Order>
  log?: readonly TimelineEntry[]
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
export const noDeadLetter = {
  deadLettered: undefined,
  deadLetterPartition: undefined,
  deadLetteredAt: undefined,
} satisfies Change['set']

/** What ends with the way forward: all bookkeeping of a step but what its vendor may have made. */
export const noTrouble = {
  attention: undefined,
  nextAttemptAt: undefined,
  firstFailureAt: undefined,
  waitingSince: undefined,
  ...noDeadLetter,
} satisfies Change['set']

/** All bookkeeping of a step ends with it. */
export const stepEnded = { claim: undefined, unknownOutcome: undefined, ...noTrouble } satisfies Change['set']

/** A time as orders hold it. */
export const iso = (epochMs: number): string => new Date(epochMs).toISOString()

/** Clocks differ between instances; an order's times must not run back. */
export const notBefore = (order: Order, now: number): string =>
  iso(Math.max(now, Date.parse(order.updatedAt)))

/** What a step's work leaves on its order. */
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

/** Entries that must always find room: each status, what each step undid, and that a vendor refused to. */
const reservedEntries = orderStatuses.length + stepNames.length + 1

/** An entry that is left out where it would take the room of transitions. */
export const logged = (order: Order, entry: TimelineEntry): TimelineEntry[] =>
  order.timeline.length < maxTimelineEntries - reservedEntries ? [entry] : []

/** A person's change goes on record: its entries say whose it is, and the audit trail who that was and why. */
export function onRecord(order: Order, { set, log = [] }: Change, actor: Actor): Change {
  const [first] = log
  if (first === undefined) return { set }
  const audit = [...(set.audit ?? order.audit ?? []), { at: first.at, action: first.type, ...actor }]
  return { set: { ...set, audit }, log: log.map((entry) => ({ by: actor.by, ...entry })) }
}

/** The order reaches a status, or the next step to undo: the mark of its new event replaces the old one. */
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
