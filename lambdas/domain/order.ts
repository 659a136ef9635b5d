import * as z from 'zod/mini'
import { orderStatuses, placed, stepNames } from './chain.ts'
import { acceptedRequest } from './order-request.ts'

/** Most entries that a timeline holds, so that the item stays small whatever an order goes through. */
export const maxTimelineEntries = 200

const instant = z.string()
const step = z.enum(stepNames)

/** One line of the order's event log. */
export const timelineEntry = z.object({
  at: instant,
  type: z.enum([
    ...orderStatuses,
    'ATTEMPT_FAILED',
    'WAITING',
    'DEAD_LETTERED',
    'REDRIVEN',
    'UNDONE',
    'CANCELLATION_REFUSED',
    'SHIPPING_ADDRESS_CHANGED',
    'PERSONAL_DATA_REDACTED',
  ]),
  step: z.optional(step),
  /** A reason code, never a vendor's own words: vendors quote addresses in them. */
  reason: z.optional(z.string()),
  attempt: z.optional(z.number()),
  nextAttemptAt: z.optional(instant),
})
export type TimelineEntry = z.output<typeof timelineEntry>

/** *Attention*: which step is stuck, why, since when, and whether it is retried, waits, or needs a person. */
export const attention = z.object({
  state: z.enum(['retrying', 'waiting', 'dead-lettered']),
  step,
  reason: z.string(),
  attempts: z.number(),
  since: instant,
  nextAttemptAt: z.optional(instant),
})
export type Attention = z.output<typeof attention>

/** What keeps the relay from sending an event: which event, how long it was put off in all, and whether a DLQ shows it. */
export const outboxTrouble = z.object({
  eventId: z.string(),
  waitedMs: z.number(),
  inDeadLetterQueue: z.boolean(),
})
export type OutboxTrouble = z.output<typeof outboxTrouble>

/** What an order keeps of its vendors' answers. */
export const vendorFacts = {
  awb: z.optional(z.string()),
  trackingUrl: z.optional(z.string()),
  wmsReference: z.optional(z.string()),
}

/** The order as it is stored: the request, its state, and the bookkeeping that keeps it safe. */
export const storedOrder = z.object({
  ...acceptedRequest,
  orderId: z.string(),
  ownerId: z.string(),
  total: z.number(),
  status: z.enum(orderStatuses),
  /** When the order reached its status: the time its event says, however often it is sent. */
  statusAt: instant,
  createdAt: instant,
  updatedAt: instant,
  timeline: z.array(timelineEntry),
  ...vendorFacts,
  attention: z.optional(attention),
  /** SHA-256 of the request, to tell a repeat from a reuse of its key. */
  fingerprint: z.string(),
  /** The request that wrote the item: a failed condition that shows our own is the SDK's retry of our write. */
  requestId: z.string(),
  correlationId: z.string(),
  traceparent: z.string(),
  /** Counts every write of a person or a worker: what a read-then-write is conditional on … */
  version: z.number(),
  /** … and the last one's id: a failed condition that shows our own is the SDK's repeat of our write. */
  lastWriteId: z.optional(z.string()),
  /** Tells this item from one that had the same id before it expired: 5 characters in base 36. Orders of the first release have none. */
  nonce: z._default(z.string(), '00000'),

  /** *Outbox mark*: the event that this status owes the world … */
  outboxEventId: z.optional(z.string()),
  /** … the index partition in which it is due: who is to consume it, and the order's shard … */
  outboxPartition: z.optional(z.string()),
  /** … when the relay must look at it, if nothing has happened by then … */
  outboxDueAt: z.optional(instant),
  /** … how often the relay sent it since a worker last took it up … */
  outboxSends: z.optional(z.number()),
  /** … whether a worker ever did: the world has heard of it then … */
  outboxClaimed: z.optional(z.boolean()),
  /** … and what keeps the relay from sending it, if anything does. */
  outboxTrouble: z.optional(outboxTrouble),
  /** The order's share of each consumer's outbox, given for life; without one it is the id's last digit. */
  outboxShard: z.optional(z.number()),

  /** *Claim*: the lease under which one worker calls the vendor. One that ended without an outcome stays. */
  claim: z.optional(
    z.object({
      step,
      id: z.string(),
      until: instant,
      /** The version of the request that its holder sends to the vendor; none where it undoes the step's work. */
      requestVersion: z.optional(z.number()),
    }),
  ),
  /** A call whose outcome nobody knows. */
  unknownOutcome: z.optional(
    z.object({
      /** When the first such call ended at the latest, and the last one: a vendor's memory and its look-up count from them. */
      since: instant,
      at: instant,
      /** Which request it was: the round whose reference it had, and the request's version. */
      round: z.number(),
      requestVersion: z.number(),
      /** The vendor's code, where it has refused the repeat: then only a look-up can tell. */
      refused: z.optional(z.string()),
    }),
  ),
  /** *Made*: the steps whose vendors have done their work: the round that names it to them, and since when. */
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
  /** Counts steps, redrives and corrections: each has a request of its own, under a name of its own. */
  round: z.number(),
  nextAttemptAt: z.optional(instant),
  /** When the vendor first failed this order in this round: what others it has served since tells whose fault it is. */
  firstFailureAt: z.optional(instant),
  waitingSince: z.optional(instant),
  /** How often the order was dead-lettered in all … */
  deadLetterings: z.number(),
  /** … and the number of the dead-lettering it is in now: a message that has it is a redrive. */
  deadLettered: z.optional(z.number()),
  redactedAt: z.optional(instant),
  /** Epoch seconds at which DynamoDB may delete the finished order (TTL). */
  expiresAt: z.optional(z.number()),
})
export type Order = z.output<typeof storedOrder>

/**
 * Whether nothing more is to be done for the order. Its status alone does not tell: an order that ended where the chain
 * ended then stays finished when a step is added behind it.
 */
export const isFinished = ({ expiresAt }: Order): boolean => expiresAt !== undefined

/** What GET answers: the order without its bookkeeping. */
export function orderView(order: Order) {
  const { orderId, status, reference, total, currency, createdAt, updatedAt } = order
  const { items, charges, customer, shippingAddress, shippingService, metadata } = order
  const { awb, trackingUrl, wmsReference, attention: stuck, timeline } = order
  return {
    orderId,
    status,
    reference,
    total,
    currency,
    createdAt,
    updatedAt,
    items,
    charges,
    customer,
    shippingAddress,
    shippingService,
    metadata,
    awb,
    trackingUrl,
    wmsReference,
    attention: stuck,
    timeline,
  }
}

/** What POST answers: the same whenever it is asked again, so never how far the order has got since. */
export function orderReceipt({ orderId, total, currency, createdAt }: Order) {
  return {
    orderId,
    status: placed.status,
    message: 'Order successfully created.' as const,
    total,
    currency,
    createdAt,
  }
}

/** What the list answers: one page of orders, and the cursor of the next one where there is one. */
export function orderPage(orders: readonly Order[], nextCursor: string | undefined) {
  return { orders: orders.map(orderView), nextCursor }
}
