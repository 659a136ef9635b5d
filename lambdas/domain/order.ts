import * as z from 'zod/mini'
import { orderStatuses, placed, stepNames } from './chain.ts'
import { acceptedRequest } from './order-request.ts'

/** Maximum number of timeline entries, which keeps the item small whatever an order goes through. */
export const maxTimelineEntries = 200

/** An object schema that is created on first use: a cold start of create-order does not need it. */
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

/** A person who changes an order, with an optional note: a client of its shop, or an operator by AWS identity. */
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
  /** Who caused it, if it was a person. */
  by: z.optional(actor().shape.by),
  step: z.optional(step),
  /** The previous vendor, if the order was moved to another. */
  from: z.optional(z.string()),
  /** A reason code, never a vendor's message, which may quote an address. */
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

/** An event that the relay could not send: how long it was postponed in total, and whether it is in a DLQ. */
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

/** The order without its internal bookkeeping: the response to GET. */
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

/** The order as stored: the request, its state, and internal bookkeeping. */
export const storedOrder = lazyObject(() => ({
  ...shownOrder().shape,
  ownerId: z.string(),
  /** When the order reached its status. Its event has this time, however often it is sent. */
  statusAt: instant,
  /** The vendor of each step, chosen at the click. */
  vendors: z.partialRecord(step, z.string()),
  /** SHA-256 of the request, to tell a repeat from another request with the same key. */
  fingerprint: z.string(),
  /** The id of the request that wrote the item, to tell the SDK's retry of that write from another request. */
  requestId: z.string(),
  correlationId: z.string(),
  traceparent: z.string(),
  /** Number of writes by people and workers, for optimistic locking. */
  version: z.number(),
  /** Tells the SDK's retry of the last write from another write. */
  lastWriteId: z.optional(z.string()),
  /** Tells this item from an expired one with the same id: 5 base-36 digits. The first release wrote none. */
  nonce: z._default(z.string(), '00000'),

  /** *Outbox mark*: the event that this status owes, its consumer and shard, and when the relay picks it up. */
  outboxEventId: z.optional(z.string()),
  outboxPartition: z.optional(z.string()),
  outboxDueAt: z.optional(instant),
  /** How often the relay has sent it since a worker last claimed the order, and whether a worker ever has. */
  outboxSends: z.optional(z.number()),
  outboxClaimed: z.optional(z.boolean()),
  outboxTrouble: z.optional(outboxTrouble()),
  /** The order's shard in each consumer's outbox, which never changes. If missing, it is the id's last digit. */
  outboxShard: z.optional(z.number()),

  /** *Claim*: the lease under which one worker calls the vendor. It stays if it ends without an outcome. */
  claim: z.optional(
    z.object({
      step,
      id: z.string(),
      until: instant,
      /** The version of the request to the vendor; missing if the claim is to undo the step's work. */
      requestVersion: z.optional(z.number()),
    }),
  ),
  /** A vendor call with an unknown outcome. */
  unknownOutcome: z.optional(
    z.object({
      /** The latest times at which the first and the last such call may have ended. */
      since: instant,
      at: instant,
      /** The round whose reference the request had, and the request's version. */
      round: z.number(),
      requestVersion: z.number(),
      /** The vendor's code, if it refused the repeat: then only a look-up can tell. */
      refused: z.optional(z.string()),
    }),
  ),
  /** What a client saved between two calls of a step, and in which round. */
  checkpoints: z.optional(z.partialRecord(step, z.object({ round: z.number(), value: z.string() }))),
  /** *Made*: the steps whose vendors have done their work, each with its round and time. */
  made: z.partialRecord(step, z.object({ round: z.number(), at: instant })),
  /** *Undo*: the step whose turn it is to undo its work, while the order is CANCELLING. */
  undo: z.optional(step),
  /** A cancellation that involves vendors: the status before it, and its outcome so far. */
  cancellation: z.optional(
    z.object({
      from: z.enum(orderStatuses),
      /** Whether a vendor has undone anything, so that the order cannot go back. */
      undone: z.optional(z.boolean()),
      /** The status to which the order returned because a vendor said that it was too late. */
      refusedIn: z.optional(z.enum(orderStatuses)),
    }),
  ),
  /** Failed attempts of this step in this round. */
  attempts: z.number(),
  /** Counts steps, redrives and corrections: each has its own request and reference. */
  round: z.number(),
  nextAttemptAt: z.optional(instant),
  /** When the vendor first failed this order in this round. If it has served others since, the order is at fault. */
  firstFailureAt: z.optional(instant),
  waitingSince: z.optional(instant),
  deadLetterings: z.number(),
  /** The number of the current dead-lettering. A message with this number is a redrive. */
  deadLettered: z.optional(z.number()),
  /** The keys of the dead-letter index: the lane with the order's shard, and the time. */
  deadLetterPartition: z.optional(z.string()),
  deadLetteredAt: z.optional(instant),
  /** *Audit trail*: what people did, with their names and notes. The API never shows it. */
  audit: z.optional(z.array(z.object({ at: instant, action: entryType, ...actor().shape }))),
  redactedAt: z.optional(instant),
  /** Epoch seconds at which DynamoDB may delete the finished order (TTL). */
  expiresAt: z.optional(z.number()),
}))
/** An order as stored in the table. */
export type Order = z.output<ReturnType<typeof storedOrder>>

/** Whether an order is finished. Unlike its status, this does not change when the chain gets another step. */
export const isFinished = ({ expiresAt }: Order): boolean => expiresAt !== undefined

/** The part of an order that the API shows. */
export const orderView = (order: Order) => z.parse(shownOrder(), order)

/** The response to POST, also for a repeat, so it shows none of the order's progress since. */
export const orderReceipt = ({ orderId, total, currency, createdAt }: Order) => ({
  orderId,
  status: placed.status,
  message: 'Order successfully created.' as const,
  total,
  currency,
  createdAt,
})

/** The response to the list: one page of orders, and the cursor of the next one, if there is one. */
export function orderPage(orders: readonly Order[], nextCursor: string | undefined) {
  return { orders: orders.map(orderView), nextCursor }
}
