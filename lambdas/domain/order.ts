import * as z from 'zod/mini'
import { orderStatuses, placed, stepNames } from './chain.ts'
import { acceptedRequest } from './order-request.ts'

/** Most entries that a timeline holds, so that the item stays small whatever an order goes through. */
export const maxTimelineEntries = 200

/** An object's schema, made at its first use: a cold start that a buyer waits for reads no order. */
function lazyObject<Shape extends z.core.$ZodShape>(shapeOf: () => Shape) {
  let made: z.ZodMiniObject<Shape, z.core.$strip> | undefined
  return () => (made ??= z.object(shapeOf()))
}

const instant = z.string()
const step = z.enum(stepNames)
const entryType = z.enum([
  ...orderStatuses,
  'ATTEMPT_FAILED',
  'WAITING',
  'DEAD_LETTERED',
  'REDRIVE_REQUESTED',
  'REDRIVEN',
  'UNDONE',
  'CANCELLATION_REFUSED',
  'SETTLED',
  'CORRECTED',
  'REROUTED',
  'PERSONAL_DATA_REDACTED',
])

/** A person who does something about an order: a client of its shop, or an operator by an AWS identity, and why. */
const actor = lazyObject(() => ({
  by: z.enum(['shop', 'operator']),
  who: z.string(),
  note: z.optional(z.string()),
}))
export type Actor = z.output<ReturnType<typeof actor>>

/** One line of the order's event log. */
export const timelineEntry = lazyObject(() => ({
  at: instant,
  type: entryType,
  /** Whose doing it is, where it is a person's. */
  by: z.optional(actor().shape.by),
  step: z.optional(step),
  /** The vendor that an order was taken from, where it was given to another. */
  from: z.optional(z.string()),
  /** A reason code, never a vendor's own words: vendors quote addresses in them. */
  reason: z.optional(z.string()),
  attempt: z.optional(z.number()),
  nextAttemptAt: z.optional(instant),
}))
export type TimelineEntry = z.output<ReturnType<typeof timelineEntry>>

/** *Attention*: which step is stuck, why, since when, and whether it is retried, waits, or needs a person. */
export const attention = lazyObject(() => ({
  state: z.enum(['retrying', 'waiting', 'dead-lettered']),
  step,
  reason: z.string(),
  attempts: z.number(),
  since: instant,
  nextAttemptAt: z.optional(instant),
}))
export type Attention = z.output<ReturnType<typeof attention>>

/** Why the relay has not sent an event yet: it was put off for so long in all, and may be shown in a DLQ. */
export const outboxTrouble = lazyObject(() => ({
  eventId: z.string(),
  waitedMs: z.number(),
  inDeadLetterQueue: z.boolean(),
}))
export type OutboxTrouble = z.output<ReturnType<typeof outboxTrouble>>

/** What an order keeps of its vendors' answers. */
export const vendorFacts = () => ({
  awb: z.optional(z.string()),
  trackingUrl: z.optional(z.string()),
  label: z.optional(z.object({ url: z.string(), format: z.optional(z.string()) })),
  /** The service that was bought, as the carrier calls it, and what it costs in minor units. */
  carrierService: z.optional(z.string()),
  labelPrice: z.optional(z.object({ amount: z.number(), currency: z.string() })),
  wmsReference: z.optional(z.string()),
  /** What the vendors of an application's own steps answered, by names that their clients choose. */
  facts: z.optional(z.record(z.string(), z.string())),
})

/** The order without its bookkeeping: GET's answer. */
export const shownOrder = lazyObject(() => ({
  orderId: z.string(),
  status: z.enum(orderStatuses),
  ...acceptedRequest(),
  total: z.number(),
  createdAt: instant,
  updatedAt: instant,
  ...vendorFacts(),
  attention: z.optional(attention()),
  timeline: z.array(timelineEntry()),
}))

/** The order as it is stored: the request, its state, and the bookkeeping that keeps it safe. */
export const storedOrder = lazyObject(() => ({
  ...shownOrder().shape,
  ownerId: z.string(),
  /** When the order reached its status: the time its event says, however often it is sent. */
  statusAt: instant,
  /** The vendors that were chosen on the click, by step. */
  vendors: z.partialRecord(step, z.string()),
  /** SHA-256 of the request, to tell a repeat from a reuse of its key. */
  fingerprint: z.string(),
  /** The request that wrote the item: tells the SDK's retry of that write from another request. */
  requestId: z.string(),
  correlationId: z.string(),
  traceparent: z.string(),
  /** Counts the writes of persons and workers: the condition of a write after a read. */
  version: z.number(),
  /** Tells the SDK's retry of the last write from another write. */
  lastWriteId: z.optional(z.string()),
  /** Tells this item from an expired one with its id: 5 digits in base 36. The first release wrote none. */
  nonce: z._default(z.string(), '00000'),

  /** *Outbox mark*: the event that this status owes, its consumer and shard, and when the relay looks at it. */
  outboxEventId: z.optional(z.string()),
  outboxPartition: z.optional(z.string()),
  outboxDueAt: z.optional(instant),
  /** How often the relay sent it since a worker last took it up, and whether a worker ever did. */
  outboxSends: z.optional(z.number()),
  outboxClaimed: z.optional(z.boolean()),
  outboxTrouble: z.optional(outboxTrouble()),
  /** The order's share of each consumer's outbox, given for life; without one it is the id's last digit. */
  outboxShard: z.optional(z.number()),

  /** *Claim*: the lease under which one worker calls the vendor. One that ended without an outcome stays. */
  claim: z.optional(
    z.object({
      step,
      id: z.string(),
      until: instant,
      /** The version of the request to the vendor; none where the claim is to undo the step's work. */
      requestVersion: z.optional(z.number()),
    }),
  ),
  /** A call whose outcome nobody knows. */
  unknownOutcome: z.optional(
    z.object({
      /** When the first such call ended at the latest, and the last one. */
      since: instant,
      at: instant,
      /** The round whose reference the request had, and the request's version. */
      round: z.number(),
      requestVersion: z.number(),
      /** The vendor's code, where it has refused the repeat: then only a look-up can tell. */
      refused: z.optional(z.string()),
    }),
  ),
  /** What a client saved between two calls for a step, and the round that it is of. */
  checkpoints: z.optional(z.partialRecord(step, z.object({ round: z.number(), value: z.string() }))),
  /** *Made*: the steps whose vendors have done their work, each with its round and time. */
  made: z.partialRecord(step, z.object({ round: z.number(), at: instant })),
  /** *Undo*: the step whose turn it is to undo its work, while the order is CANCELLING. */
  undo: z.optional(step),
  /** A cancellation that had to ask vendors: where the order was, and what came of it so far. */
  cancellation: z.optional(
    z.object({
      from: z.enum(orderStatuses),
      /** Whether a vendor has undone anything: there is no way back then. */
      undone: z.optional(z.boolean()),
      /** The status in which the order was left when a vendor had said that it is too late. */
      refusedIn: z.optional(z.enum(orderStatuses)),
    }),
  ),
  /** Failed attempts of this step in this round. */
  attempts: z.number(),
  /** Counts steps, redrives and corrections: each has a request and a reference of its own. */
  round: z.number(),
  nextAttemptAt: z.optional(instant),
  /** When the vendor first failed this order in this round: serving others since tells whose fault it is. */
  firstFailureAt: z.optional(instant),
  waitingSince: z.optional(instant),
  deadLetterings: z.number(),
  /** The number of the present dead-lettering: a message that has it is a redrive. */
  deadLettered: z.optional(z.number()),
  /** The keys of the index of dead letters: the step and the order's shard, and since when. */
  deadLetterPartition: z.optional(z.string()),
  deadLetteredAt: z.optional(instant),
  /** *Audit trail*: what persons did, with their names and reasons. Never given out. */
  audit: z.optional(z.array(z.object({ at: instant, action: entryType, ...actor().shape }))),
  redactedAt: z.optional(instant),
  /** Epoch seconds at which DynamoDB may delete the finished order (TTL). */
  expiresAt: z.optional(z.number()),
}))
/** An order as its item in the table. */
export type Order = z.output<ReturnType<typeof storedOrder>>

/** Whether an order is at its end. Unlike its status this stays so when the chain gets another step. */
export const isFinished = ({ expiresAt }: Order): boolean => expiresAt !== undefined

/** What is shown of an order. */
export const orderView = (order: Order) => z.parse(shownOrder(), order)

/** What POST answers, also to a repeat: nothing of how far the order has got since. */
export const orderReceipt = ({ orderId, total, currency, createdAt }: Order) => ({
  orderId,
  status: placed.status,
  message: 'Order successfully created.' as const,
  total,
  currency,
  createdAt,
})

/** What the list answers: one page of orders, and the cursor of the next one where there is one. */
export function orderPage(orders: readonly Order[], nextCursor: string | undefined) {
  return { orders: orders.map(orderView), nextCursor }
}
