import {
  chain,
  consumerOf,
  linkOf,
  links,
  orderStatuses,
  readyStatus,
  type StepName,
} from '../../lambdas/domain/chain.ts'
import { type Attention, isFinished, type Order, type TimelineEntry } from '../../lambdas/domain/order.ts'
import { openQuestion } from '../../lambdas/domain/uncertainty.ts'
import { type EnvironmentName, flagOf } from '../cli/environment.ts'
import { count, duration, moment, money, table } from '../cli/format.ts'
import { explain, type ReasonKind } from './reasons.ts'

/** The vendor that a step asks for an order, as an operator calls it. */
export const vendorOf = ({ vendors }: Order, step: StepName): string =>
  vendors[step] ?? `the ${linkOf(step).vendor}`

/** The instructions for each kind of reason. */
const instructions: Record<ReasonKind, (attention: Attention, order: Order) => string[]> = {
  'vendor-fails': ({ step }, order) => [
    `Ask ${vendorOf(order, step)} what is wrong, and wait until it works again.`,
  ],
  'vendor-busy': ({ step }, order) => [`Ask ${vendorOf(order, step)} when it will be ready.`],
  'vendor-refuses': ({ step, reason }, order) => [
    consumerOf(order.status) === undefined
      ? `Ask ${vendorOf(order, step)} what ${reason} means.`
      : `If ${reason} is about what the shop ordered: let it correct that with PATCH /orders/${order.orderId}.`,
  ],
  'our-access': ({ step, reason }, order) => [
    reason.includes('HTTP_')
      ? `Check the url of ${vendorOf(order, step)} in lib/config.ts, and ask whether it blocks us.`
      : `Put the right credential into the secret of ${vendorOf(order, step)}; workers read it again at the next refusal.`,
  ],
  paused: () => [],
  'unknown-outcome': ({ step }, order) =>
    openQuestion(order) === undefined
      ? []
      : [`Ask ${vendorOf(order, step)} whether it has accepted our reference ${order.orderId}.`],
  'no-way-back': ({ step }, order) => [
    `Ask ${vendorOf(order, step)} whether it has our reference ${order.orderId}, and can undo that by hand.`,
  ],
  'our-fault': () => ["Look at the worker's logs and alarms, and fix the cause."],
}

const madeOption: Partial<Record<StepName, string>> = { logistics: '--awb …', wms: '--wms-reference …' }

/** What `order settle` can record of the vendor of a step that is stuck, if anything. */
function settlements(order: Order, step: StepName): string[] {
  const { undo, cancellation } = order
  const inDoubt = openQuestion(order) === undefined ? [] : [madeOption[step] ?? [], '--nothing-made'].flat()
  if (undo === undefined) return inDoubt
  return [...inDoubt, '--voided', ...(cancellation?.undone ? [] : ['--shipped'])]
}

/** What an operator should do about an order now, one sentence each; empty if nothing. */
export function advice(order: Order, environment: EnvironmentName, now: number): string[] {
  const { attention, orderId, status, outboxDueAt } = order
  const why = ` --note "…"${flagOf(environment)}`
  if (attention === undefined) {
    const overdueMs = outboxDueAt === undefined ? 0 : now - Date.parse(outboxDueAt)
    // The relay runs every minute, and two of its runs may fail.
    return overdueMs > 3 * 60_000
      ? ["The relay should have sent it on by now: look at outbox-relay's logs and alarms."]
      : []
  }
  const { step, state, reason } = attention
  const vendor = vendorOf(order, step)
  const { kind } = explain(reason, vendor)
  if (kind === 'paused') return [`When calls may resume: npx orderctl vendor resume ${vendor}${why}`]
  if (state === 'retrying') return []
  // A vendor that is down or busy recovers without us; our credential or URL does not.
  if (state === 'waiting') return kind === 'our-access' ? instructions[kind](attention, order) : []
  const redrive = `npx orderctl dlq redrive --order ${orderId}${why}`
  const words = settlements(order, step).join(' | ')
  const settle = `npx orderctl order settle ${orderId} ${words}${why}`
  return [
    ...instructions[kind](attention, order),
    ...(words === ''
      ? [`Then: ${redrive}`]
      : [`Record its answer: ${settle}`, `Or have its API asked once more: ${redrive}`]),
    ...(status !== 'CANCELLING' && order.cancellation?.refusedIn === undefined
      ? [`Or cancel it: npx orderctl order cancel ${orderId}${why}`]
      : []),
  ]
}

/** The state of an order in a sentence or two. */
export function summary(order: Order, now: number): string {
  const { attention, claim, status, outboxDueAt } = order
  if (status === 'CANCELLED') return 'It is cancelled.'
  if (isFinished(order)) return 'It is finished.'
  if (claim !== undefined && Date.parse(claim.until) > now)
    return `A worker is calling ${vendorOf(order, claim.step)} for it right now.`
  if (attention === undefined)
    return `It is ${status === 'CANCELLING' ? 'being cancelled' : 'in progress'}${outboxDueAt ? `; if nothing happens, the relay sends it on after ${moment(outboxDueAt)}` : ''}.`
  const { step, reason, state, attempts, nextAttemptAt } = attention
  const why = `${explain(reason, vendorOf(order, step)).text} (${reason})`
  const next = nextAttemptAt === undefined ? '' : `, at ${moment(nextAttemptAt)}`
  switch (state) {
    case 'retrying':
      return `Attempt ${attempts} failed: ${why}. It is retried automatically${next}.`
    case 'waiting':
      return `It is waiting: ${why}. It is checked again automatically${next}.`
    case 'dead-lettered':
      return `It is dead-lettered: ${why}. It does not go on without an operator.`
  }
}

/** Whose doing an entry is, by the audit trail: who it was, and why. */
function authorOf({ at, type, by }: TimelineEntry, { audit }: Order): string {
  if (by === undefined) return ''
  const { who, note } = audit?.find((each) => each.at === at && each.action === type) ?? {}
  return `, by ${who ?? (by === 'shop' ? 'the shop' : 'an operator')}${note ? `: ${note}` : ''}`
}

/** A timeline entry in words. */
function describe(entry: TimelineEntry, order: Order): string {
  const { type, step = chain[0].step, reason = 'UNKNOWN', attempt, at, nextAttemptAt } = entry
  const vendor = vendorOf(order, step)
  const { text } = explain(reason, vendor)
  const why = `${reason}: ${text}`
  const next = nextAttemptAt && `; next ${duration(Date.parse(nextAttemptAt) - Date.parse(at))} later`
  const accepted = `accepted by ${vendorOf(order, links.find(({ to }) => to === type)?.name ?? step)}`
  const words: Partial<Record<TimelineEntry['type'], string>> = {
    CREATED: 'placed',
    CANCELLED: 'cancelled',
    ATTEMPT_FAILED: `attempt ${attempt} at ${vendor} failed (${why})${next ?? ''}`,
    WAITING: `waiting for ${vendor} (${why})`,
    DEAD_LETTERED: `dead-lettered at ${vendor} (${why})`,
    REDRIVE_REQUESTED: 'to be redriven',
    REDRIVEN: `redriven to ${vendor}`,
    CANCELLING: 'to be cancelled: what was made is being undone',
    UNDONE: `undone by ${vendor}`,
    SETTLED: `settled: ${text}`,
    CANCELLATION_REFUSED: `not cancelled: ${vendor} said that it is too late`,
    CORRECTED: 'corrected',
    PERSONAL_DATA_REDACTED: 'personal data redacted',
    AWB_GENERATED: `${accepted}, AWB ${order.awb}`,
    READY_FOR_FULFILLMENT: `${accepted} as ${order.wmsReference}: ready for fulfillment`,
  }
  return (words[type] ?? accepted) + authorOf(entry, order)
}

/** How long the order took from status to status, and in all once it is READY_FOR_FULFILLMENT. */
function durations({ timeline }: Order): string | undefined {
  const reached = timeline.filter(({ type }) => orderStatuses.some((status) => status === type))
  const [first, ...later] = reached
  const last = later.at(-1)
  if (!first || !last) return undefined
  const took = (from: TimelineEntry, to: TimelineEntry) => duration(Date.parse(to.at) - Date.parse(from.at))
  const legs = later.map((to, index) => `${to.type} after ${took(reached[index] ?? first, to)}`)
  return `${legs.join(', ')}${last.type === readyStatus ? `; ${took(first, last)} in all` : ''}.`
}

const heading = (order: Order, now: number): string[] => {
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
  ]
}

/** The timeline in aligned lines: when, how long after the entry before, and what. */
export const timelineLines = (order: Order): string[] =>
  table(
    order.timeline.map((entry, index) => {
      const previous = order.timeline[index - 1]
      const since =
        previous === undefined ? '' : `+${duration(Date.parse(entry.at) - Date.parse(previous.at))}`
      return [`  ${entry.at.slice(0, 23).replace('T', ' ')}`, since.padEnd(7), describe(entry, order)]
    }),
  )

/** What comes after the timeline: how long it took, how the order stands, and what to do. */
export function closingLines(order: Order, environment: EnvironmentName, now: number): string[] {
  const todo = advice(order, environment, now)
  return [
    ...[durations(order), summary(order, now)].filter((line) => line !== undefined),
    ...(todo.length > 0 ? ['What to do:', ...todo.map((line) => `  - ${line}`)] : []),
  ]
}

/** An order's history, state and advice for a person. No personal data. */
export const reportLines = (order: Order, environment: EnvironmentName, now: number): string[] => [
  ...heading(order, now),
  '',
  ...timelineLines(order),
  '',
  ...closingLines(order, environment, now),
]

/** What scripts get of an order as it is: of its request without personal data, and of what came of it. */
const requested = ['orderId', 'ownerId', 'reference', 'total', 'currency', 'createdAt'] as const
const became = [
  'status',
  'updatedAt',
  'awb',
  'trackingUrl',
  'wmsReference',
  'attention',
  'redactedAt',
] as const

/** The same for scripts. */
export const reportJson = (order: Order, environment: EnvironmentName, now: number) => ({
  ...Object.fromEntries([...requested, ...became].map((name) => [name, order[name]])),
  items: order.items.map(({ sku, quantity }) => ({ sku, quantity })),
  timeline: order.timeline.map((entry) => ({ ...entry, text: describe(entry, order) })),
  summary: summary(order, now),
  advice: advice(order, environment, now),
})
