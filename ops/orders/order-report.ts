import { consumerOf, firstStep, links, type StepName } from '../../lambdas/domain/chain.ts'
import { type Attention, isFinished, type Order, type TimelineEntry } from '../../lambdas/domain/order.ts'
import { rerouted } from '../../lambdas/domain/rerouting.ts'
import { openQuestion } from '../../lambdas/domain/unknown-outcome.ts'
import type { Environment } from '../cli/environment.ts'
import { duration, moment, table } from '../cli/format.ts'
import { explain, type ReasonKind } from './reasons.ts'
import { madeOption, vendorOf } from './settlement.ts'

function instruction({ step, reason }: Attention, order: Order): string[] {
  const vendor = vendorOf(order, step)
  const { orderId, status } = order
  const instructions: Record<ReasonKind, string | undefined> = {
    'vendor-fails': `Ask ${vendor} what is wrong, and wait until it works again.`,
    'vendor-busy': `Ask ${vendor} when it will be ready.`,
    'vendor-refuses':
      consumerOf(status, order.vendors) === undefined
        ? `Ask ${vendor} what ${reason} means.`
        : `If ${reason} is about what the shop ordered: let the shop correct it with PATCH /orders/${orderId}.`,
    'our-access': reason.includes('HTTP_')
      ? `Check the url of ${vendor} in bin/environments.ts, and ask whether it blocks us.`
      : reason.includes('BALANCE_EMPTY')
        ? `Top up our account at ${vendor}; its orders then continue automatically.`
        : `Put the right credential into the secret of ${vendor}; workers reload it at the next refusal.`,
    paused: undefined,
    'unknown-outcome':
      openQuestion(order) && `Ask ${vendor} whether it has accepted our reference ${orderId}.`,
    'no-way-back': `Ask ${vendor} whether it has our reference ${orderId}, and can undo it by hand.`,
    'our-fault': "Look at the worker's logs and alarms, and fix the cause.",
  }
  return [instructions[explain(reason, vendor).kind] ?? []].flat()
}

/** The options of `order settle` that apply to an order stuck at a step. */
function settlements(order: Order, step: StepName): string[] {
  const { undo, cancellation } = order
  const inDoubt = openQuestion(order) === undefined ? [] : [`${madeOption(step)} …`, '--nothing-made']
  if (undo === undefined) return inDoubt
  return [...inDoubt, '--voided', ...(cancellation?.undone ? [] : ['--shipped'])]
}

type Site = Pick<Environment, 'flags' | 'vendors' | 'relayIntervalMs'>

/** Suggests a reroute, if another vendor can take the order. */
function detour(words: string, order: Order, { flags, vendors }: Site, now: number): string[] {
  const able = Object.values(vendors).filter((each) => typeof rerouted(order, each, now) !== 'string')
  const names = able.map(({ name }) => name).join(' | ')
  const reroute = `npx orderctl order reroute ${order.orderId} --to ${names} --note "…"${flags}`
  return names === '' ? [] : [`${words} give it to another vendor: ${reroute}`]
}

/** What an operator should do about an order now, one sentence each; empty if there is nothing to do. */
export function advice(order: Order, site: Site, now: number): string[] {
  const { attention, orderId, status, outboxDueAt } = order
  const { flags } = site
  const why = ` --note "…"${flags}`
  if (attention === undefined) {
    const overdueMs = outboxDueAt === undefined ? 0 : now - Date.parse(outboxDueAt)
    // Two failed runs of the relay are tolerated.
    return overdueMs > 3 * site.relayIntervalMs
      ? ["The relay should have sent it on by now: look at outbox-relay's logs and alarms."]
      : []
  }
  const { step, state, reason } = attention
  const vendor = vendorOf(order, step)
  const { kind } = explain(reason, vendor)
  if (kind === 'paused') return [`When calls may resume: npx orderctl vendor resume ${vendor}${why}`]
  if (state === 'retrying') return []
  // A vendor recovers on its own; a wrong credential or URL of ours does not.
  if (state === 'waiting') {
    if (kind === 'our-access') return instruction(attention, order)
    return detour('If it cannot wait any longer,', order, site, now)
  }
  const redrive = `npx orderctl dlq redrive --order ${orderId}${why}`
  const words = settlements(order, step).join(' | ')
  const settle = `npx orderctl order settle ${orderId} ${words}${why}`
  return [
    ...instruction(attention, order),
    ...(words === ''
      ? [`Then: ${redrive}`]
      : [`Record its answer: ${settle}`, `Or let the worker ask its API again: ${redrive}`]),
    ...detour('Or', order, site, now),
    ...(status !== 'CANCELLING' && order.cancellation?.refusedIn === undefined
      ? [`Or cancel it: npx orderctl order cancel ${orderId}${why}`]
      : []),
  ]
}

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
      return `It is dead-lettered: ${why}. It needs an operator to continue.`
  }
}

/** Who caused a timeline entry and why, from the audit trail: `, by WHO: NOTE`. */
function authorOf({ at, type, by }: TimelineEntry, { audit }: Order): string {
  if (by === undefined) return ''
  const { who, note } = audit?.find((each) => each.at === at && each.action === type) ?? {}
  return `, by ${who ?? (by === 'shop' ? 'the shop' : 'an operator')}${note ? `: ${note}` : ''}`
}

function describe(entry: TimelineEntry, order: Order): string {
  const { type, step = firstStep, reason = 'UNKNOWN', attempt, at, nextAttemptAt } = entry
  const onwards = order.timeline.slice(order.timeline.indexOf(entry))
  const taken = onwards.find((each) => each.type === 'REROUTED' && each.step === step)
  const vendor = taken?.from ?? vendorOf(order, step)
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
    REDRIVE_REQUESTED: 'redrive requested',
    REDRIVEN: `redriven to ${vendor}`,
    CANCELLING: 'cancellation requested',
    UNDONE: `undone by ${vendor}`,
    SETTLED: `settled: ${text}`,
    CANCELLATION_REFUSED: `cancellation refused: ${vendor} said that it is too late`,
    CORRECTED: 'corrected',
    REROUTED: `rerouted from ${vendor} to another vendor`,
    PERSONAL_DATA_REDACTED: 'personal data redacted',
    AWB_GENERATED: `${accepted}, AWB ${order.awb}`,
    READY_FOR_FULFILLMENT: `${accepted} as ${order.wmsReference}: ready for fulfillment`,
  }
  return (words[type] ?? accepted) + authorOf(entry, order)
}

/** An order's history, state and advice as text. It has no personal data. */
export function reportLines(order: Order, site: Site, now: number): string[] {
  const { orderId, status, attention, reference, ownerId, createdAt, timeline } = order
  const placed = `placed ${moment(createdAt)} UTC, ${duration(now - Date.parse(createdAt))} ago`
  const todo = advice(order, site, now).map((line) => `  - ${line}`)
  const entries = timeline.map((entry, index) => {
    const before = timeline[index - 1]
    const since = before && `+${duration(Date.parse(entry.at) - Date.parse(before.at))}`
    return [`  ${entry.at.slice(0, 23).replace('T', ' ')}`, since ?? '', describe(entry, order)]
  })
  return [
    `${orderId}  ${status}${attention ? `, ${attention.state}` : ''}`,
    `${reference ? `reference ${reference} · ` : ''}owner ${ownerId} · ${placed}`,
    '',
    ...table(entries),
    '',
    summary(order, now),
    ...(todo.length > 0 ? ['What to do:', ...todo] : []),
  ]
}

const placing = ['orderId', 'ownerId', 'reference', 'total', 'currency', 'createdAt'] as const
const progress = ['status', 'updatedAt', 'attention', 'redactedAt'] as const
const fromVendors = ['vendors', 'awb', 'trackingUrl', 'wmsReference'] as const

export const reportJson = (order: Order, site: Site, now: number) => ({
  ...Object.fromEntries([...placing, ...progress, ...fromVendors].map((name) => [name, order[name]])),
  items: order.items.map(({ sku, quantity }) => ({ sku, quantity })),
  timeline: order.timeline.map((entry) => ({ ...entry, text: describe(entry, order) })),
  summary: summary(order, now),
  advice: advice(order, site, now),
})
