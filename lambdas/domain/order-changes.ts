import { nextStatuses, type OrderStatus, orderStatuses } from './chain.ts'
import type { VendorFacts } from './meaning.ts'
import { maxTimelineEntries, type Order, type TimelineEntry } from './order.ts'
import type { ShippingAddress } from './order-request.ts'
import { statusMark } from './outbox.ts'

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

export const iso = (epochMs: number): string => new Date(epochMs).toISOString()

/** Clocks differ between instances; an order's times must not run back. */
export const notBefore = (order: Order, now: number): string =>
  iso(Math.max(now, Date.parse(order.updatedAt)))

/** What happened between transitions is logged while there is room: the transitions themselves must find some. */
export const logged = (order: Order, entry: TimelineEntry): TimelineEntry[] =>
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

/** What replaces personal data. */
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
