import * as z from 'zod/mini'
import en from 'zod/v4/locales/en.js'
import { orderStatuses, placed, stepNames } from './chain.ts'
import { isCountry, isCurrency } from './iso-codes.ts'

// zod/mini comes without messages; one locale is 2 KiB, all of them are 264.
z.config(en())

/** Largest request body in bytes. One DynamoDB item holds it all, and may hold 400 KB. */
export const maxBodyBytes = 128 * 1024
/** Most entries that a timeline holds, so that the item stays small whatever an order goes through. */
export const maxTimelineEntries = 200

// Half a surrogate pair is no text: DynamoDB refuses it.
const wellFormed = z.refine<string>((value) => value.isWellFormed(), 'Must be well-formed Unicode')
const text = (maximum: number) => z.string().check(z.trim(), z.minLength(1), z.maxLength(maximum), wellFormed)
const minorUnits = z.int().check(z.gte(0), z.lte(1_000_000_000_000))

const address = z.strictObject({
  name: text(200),
  line1: text(200),
  line2: z.optional(text(200)),
  city: text(100),
  region: z.optional(text(100)),
  postalCode: z.optional(text(20)),
  country: z.string().check(z.refine(isCountry, 'Must be an ISO 3166-1 alpha-2 country code, such as DE')),
})

/** One line of an order. */
export const item = z.strictObject({
  sku: text(100),
  name: z.optional(text(300)),
  quantity: z.int().check(z.gte(1), z.lte(1_000_000)),
  unitPrice: minorUnits,
  weightGrams: z.optional(z.int().check(z.gte(0), z.lte(100_000_000))),
})

/** What comes on top of the items, or off. */
export const charge = z.strictObject({
  type: z.enum(['tax', 'shipping', 'discount']),
  /** Minor units. A discount lowers the total whichever sign it bears; a tax or shipping charge never does. */
  amount: z.int().check(z.gte(-1_000_000_000_000), z.lte(1_000_000_000_000)),
})

/** Who buys. */
export const customer = z.strictObject({
  name: text(200),
  company: z.optional(text(200)),
  email: z.optional(z.email().check(z.maxLength(254))),
  phone: z.optional(text(40)),
})

const request = {
  reference: z.optional(text(100)),
  currency: z.string().check(z.refine(isCurrency, 'Must be an ISO 4217 currency code, such as EUR')),
  customer,
  shippingAddress: address,
  items: z.array(item).check(z.minLength(1), z.maxLength(100)),
  charges: z.optional(z.array(charge).check(z.maxLength(20))),
  shippingService: z.optional(text(50)),
  metadata: z.optional(
    z
      .record(text(40), z.string().check(z.maxLength(200), wellFormed))
      .check(z.refine((entries) => Object.keys(entries).length <= 20, 'Must have at most 20 entries')),
  ),
}

/** The body of POST /orders. Money is in integer minor units of `currency`; unknown fields are refused. */
export const orderRequest = z.strictObject(request).check((context) => {
  const { charges = [], ...order } = context.value
  charges.forEach(({ type, amount }, index) => {
    if (type !== 'discount' && amount < 0)
      context.issues.push({
        code: 'custom',
        input: amount,
        path: ['charges', index, 'amount'],
        message: `A ${type} charge cannot be negative`,
      })
  })
  const total = totalOf({ ...order, charges })
  if (total < 0 || !Number.isSafeInteger(total))
    context.issues.push({
      code: 'custom',
      input: total,
      path: ['charges'],
      message: 'Items and charges must add up to a total between 0 and 9007199254740991 minor units',
    })
})
export type OrderRequest = z.output<typeof orderRequest>
/** The body of PUT /orders/{orderId}/shipping-address. */
export const shippingAddressRequest = address
export type ShippingAddress = z.output<typeof address>

/** What the buyer pays, in minor units: items plus charges, of which discounts count against the total. */
export function totalOf({ items, charges = [] }: Pick<OrderRequest, 'items' | 'charges'>): number {
  const goods = items.reduce((sum, { quantity, unitPrice }) => sum + quantity * unitPrice, 0)
  return charges.reduce(
    (sum, { type, amount }) => sum + (type === 'discount' ? -Math.abs(amount) : amount),
    goods,
  )
}

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

/** What was accepted once stays readable, whatever a later version accepts: shapes only, no limits. */
const acceptedRequest = {
  reference: z.optional(z.string()),
  currency: z.string(),
  customer: z.object({
    name: z.string(),
    company: z.optional(z.string()),
    email: z.optional(z.string()),
    phone: z.optional(z.string()),
  }),
  shippingAddress: z.object({
    name: z.string(),
    line1: z.string(),
    line2: z.optional(z.string()),
    city: z.string(),
    region: z.optional(z.string()),
    postalCode: z.optional(z.string()),
    country: z.string(),
  }),
  items: z.array(
    z.object({
      sku: z.string(),
      name: z.optional(z.string()),
      quantity: z.number(),
      unitPrice: z.number(),
      weightGrams: z.optional(z.number()),
    }),
  ),
  charges: z.optional(
    z.array(z.object({ type: z.enum(['tax', 'shipping', 'discount']), amount: z.number() })),
  ),
  shippingService: z.optional(z.string()),
  metadata: z.optional(z.record(z.string(), z.string())),
}

/** What an order keeps of its vendors' answers. */
export const vendorFacts = {
  awb: z.optional(z.string()),
  trackingUrl: z.optional(z.string()),
  wmsReference: z.optional(z.string()),
}

/** The order as it is stored: the request, where it stands, and the bookkeeping that keeps it safe. */
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
  /** Tells this item from one that had the same id before it expired: 5 characters in base 36. */
  nonce: z.string(),

  /** *Outbox mark*: the event that this status owes the world … */
  outboxEventId: z.optional(z.string()),
  /** … the index partition in which it is due: who shall consume it, and the order's shard … */
  outboxPartition: z.optional(z.string()),
  /** … when somebody must look after it, should nothing have happened by then … */
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
      /** The version of the request that its holder sends to the vendor. */
      requestVersion: z.number(),
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
  /** … and the number of the dead-lettering it is in now: a message that bears it is a redrive. */
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
