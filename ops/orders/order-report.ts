import type { Order, TimelineEntry } from '../../lambdas/domain/order.ts'
import type { EnvironmentName } from '../frame/environment.ts'
import { count, duration, moment, money, table } from '../frame/words.ts'
import { advice, standing } from './advice.ts'
import { explain, vendorOf } from './reasons.ts'

/** What a timeline entry says, in words. */
function words(entry: TimelineEntry, order: Order): string {
  const { type, step = 'logistics', reason = 'UNKNOWN', attempt, at, nextAttemptAt } = entry
  const vendor = vendorOf[step]
  const why = `${reason}: ${explain(reason, step).words}`
  const next = nextAttemptAt && `; next ${duration(Date.parse(nextAttemptAt) - Date.parse(at))} later`
  switch (type) {
    case 'CREATED':
      return 'placed'
    case 'AWB_GENERATED':
      return `${vendorOf.logistics} took it on, AWB ${order.awb}`
    case 'READY_FOR_FULFILLMENT':
      return `${vendorOf.wms} took it on as ${order.wmsReference}: ready for fulfillment`
    case 'CANCELLED':
      return 'cancelled'
    case 'ATTEMPT_FAILED':
      return `attempt ${attempt} at ${vendor} failed (${why})${next ?? ''}`
    case 'WAITING':
      return `began to wait for ${vendor} (${why})`
    case 'DEAD_LETTERED':
      return `dead-lettered at ${vendor} (${why})`
    case 'REDRIVEN':
      return `redriven to ${vendor} by an operator`
    case 'SHIPPING_ADDRESS_CHANGED':
      return 'the shop corrected the shipping address'
    case 'PERSONAL_DATA_REDACTED':
      return 'personal data redacted by an operator'
  }
}

/** How long the stations of a finished way took. */
function stations({ timeline }: Order): string | undefined {
  const reachedAt = (status: TimelineEntry['type']) => timeline.find(({ type }) => type === status)?.at
  const [placed, awb, ready] = (['CREATED', 'AWB_GENERATED', 'READY_FOR_FULFILLMENT'] as const).map(reachedAt)
  if (!placed || !awb) return undefined
  const took = (from: string, to: string) => duration(Date.parse(to) - Date.parse(from))
  return ready
    ? `Click to AWB ${took(placed, awb)}, AWB to ready ${took(awb, ready)}, click to ready ${took(placed, ready)}.`
    : `Click to AWB ${took(placed, awb)}.`
}

const heading = (order: Order, now: number): string => {
  const { orderId, status, attention, reference, ownerId, items, total, currency, createdAt } = order
  const pieces = items.reduce((sum, { quantity }) => sum + quantity, 0)
  return [
    `${orderId}  ${status}${attention ? `, ${attention.state}` : ''}`,
    [
      reference && `reference ${reference}`,
      `owner ${ownerId}`,
      `${money(total, currency)} for ${count(pieces, 'piece')}`,
      `placed ${moment(createdAt)} UTC, ${duration(now - Date.parse(createdAt))} ago`,
    ]
      .filter(Boolean)
      .join(' · '),
  ].join('\n')
}

/** The whole story of an order for a person: what happened when, where it stands, and what to do. No personal data. */
export function story(order: Order, environment: EnvironmentName, now: number): string {
  const events = order.timeline.map((entry, index) => {
    const previous = order.timeline[index - 1]
    const since = previous && Date.parse(entry.at) - Date.parse(previous.at)
    return [
      `  ${entry.at.slice(0, 23).replace('T', ' ')}`,
      since === undefined ? '' : `+${duration(since)}`,
      words(entry, order),
    ]
  })
  const todo = advice(order, environment, now)
  return [
    heading(order, now),
    '',
    table(events),
    '',
    ...[stations(order), standing(order, now)].filter((line) => line !== undefined),
    ...(todo.length > 0 ? ['What to do:', ...todo.map((line) => `  - ${line}`)] : []),
  ].join('\n')
}

/** The order for scripts, without its bookkeeping and without personal data. */
export function storyView(order: Order, environment: EnvironmentName, now: number) {
  const { orderId, ownerId, reference, status, total, currency, createdAt, updatedAt } = order
  const { awb, trackingUrl, wmsReference, attention, redactedAt } = order
  return {
    orderId,
    ownerId,
    reference,
    status,
    total,
    currency,
    createdAt,
    updatedAt,
    awb,
    trackingUrl,
    wmsReference,
    attention,
    redactedAt,
    items: order.items.map(({ sku, quantity }) => ({ sku, quantity })),
    timeline: order.timeline.map((entry) => ({ ...entry, text: words(entry, order) })),
    standing: standing(order, now),
    advice: advice(order, environment, now),
  }
}
