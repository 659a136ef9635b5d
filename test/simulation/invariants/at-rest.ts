import { isDeepStrictEqual } from 'node:util'
import { chain, consumerOf, linkOf, orderStatuses } from '../../../lambdas/domain/chain.ts'
import type { Order } from '../../../lambdas/domain/order.ts'
import type { Operator } from '../kernel/operator.ts'
import { type VendorName, vendorNames } from '../kernel/options.ts'
import type { Shops } from '../kernel/shop.ts'
import type { World } from '../kernel/world.ts'
import { products } from '../models/vendor.ts'
import type { Scenario } from '../run.ts'
import { times } from '../times.ts'
import type { Violation, Watch } from './watch.ts'

/** A run in which nothing is left to happen. */
export interface Rest {
  world: World
  scenario: Scenario
  shops: Shops
  operator: Operator
  watch: Watch
  orders: readonly Order[]
  rests: boolean
}

/** One sentence for each way in which an invariant does not hold. */
type Findings = Generator<string>

const [{ step: firstVendor }] = chain
const isStatus = (type: string) => orderStatuses.some((status) => status === type)
const isOver = ({ status }: Order) => consumerOf(status) === undefined

/** Every order is READY, cancelled, dead-lettered with its message in the DLQ, or waits for a vendor that is down. */
function* nothingLost({ world, scenario, shops, orders, rests }: Rest): Findings {
  const byId = new Map(orders.map((order) => [order.orderId, order]))
  for (const { call, status, body } of shops.answers)
    if (call === 'place' && status === 201 && !byId.has(String(body.orderId)))
      yield `${body.orderId} was answered 201 and does not exist`
  for (const order of orders) {
    const { orderId, status, deadLettered, attention } = order
    const vendor = consumerOf(status)
    if (vendor === undefined) continue
    if (deadLettered !== undefined) {
      // One that SQS moved has no number yet: a redrive of it comes back with one.
      if (!world.sqs.messages(`${vendor}-dlq`).some(({ body }) => body.includes(orderId)))
        yield `${orderId} is dead-lettered, and nothing in the DLQ of ${vendor} is about it`
    } else if (attention?.state !== 'waiting' || world.outageOf(vendor) === undefined)
      yield `${orderId} stays ${status}`
  }
  for (const { queue, body } of scenario.poison)
    if (!world.sqs.messages(queue.replace('queue', 'dlq')).some((letter) => letter.body === body))
      yield `the poison ${body} is not in the DLQ`
  if (!rests)
    yield `it never comes to rest: something still goes on after ${world.elapsedMs / 3_600_000} hours`
  for (const step of vendorNames)
    for (const { body } of world.sqs.messages(`${step}-queue`))
      yield `a message stays in ${step}-queue: ${body}`
}

/** How often an operator redrove an unknown outcome of a vendor that has neither keys nor look-ups. */
function blindRedrives({ world, operator }: Rest, vendor: VendorName, orderId: string): number {
  const { honoursIdempotencyKey, canBeLookedUp } = world.vendor(vendor).traits
  if (honoursIdempotencyKey || canBeLookedUp) return 0
  return operator.redrives.filter(
    (redrive) => redrive.step === vendor && redrive.orderId === orderId && redrive.wasUnknown,
  ).length
}

/** At most one AWB and one shipment per order, plus one for each blind redrive. */
function* nothingTwice(rest: Rest): Findings {
  const { world, orders } = rest
  for (const vendor of vendorNames) {
    const { ledger } = world.vendor(vendor)
    const made = new Map<string, number>()
    for (const { reference } of ledger) made.set(reference, (made.get(reference) ?? 0) + 1)
    for (const [reference, count] of made)
      if (count > 1 + blindRedrives(rest, vendor, reference)) yield `${vendor} made ${count} for ${reference}`
    for (const order of orders) {
      const known = order[products[vendor].kept]
      if (
        known !== undefined &&
        !ledger.some(({ reference, id }) => reference === order.orderId && id === known)
      )
        yield `${order.orderId} says ${known}, which ${vendor} never made`
      const isDone = order.status === linkOf(vendor).to
      if (isDone && known === undefined)
        yield `${order.orderId} is ${order.status} with nothing of ${vendor}'s`
    }
  }
}

/** No order that was answered 4xx exists, the same key always got the same order, and it is what was ordered. */
function* answersTrue({ shops, orders }: Rest): Findings {
  const idByKey = new Map<string, string>()
  const keyById = new Map<string, string>()
  for (const { planned, call, status = 0, body, requestId } of shops.answers) {
    if (call !== 'place') continue
    if (status >= 400 && status < 500 && orders.some((order) => order.requestId === requestId))
      yield `${requestId} was answered ${status} and made an order`
    if (status !== 201) continue
    const made = orders.find((order) => order.orderId === body.orderId)
    const corrected = shops.answers.some(
      (answer) => answer.call === 'correct' && answer.planned.key === planned.key,
    )
    const { shippingAddress, ...rest } = planned.request
    const wanted = corrected ? rest : { ...rest, shippingAddress }
    if (made && !isDeepStrictEqual({ ...made, ...wanted }, made))
      yield `${body.orderId} is not what its shop ordered`
    const key = `${planned.owner}/${planned.key}`
    const orderId = String(body.orderId)
    if ((idByKey.get(key) ?? orderId) !== orderId) yield `the key ${key} got two orders`
    if ((keyById.get(orderId) ?? key) !== key) yield `${orderId} was given to two keys`
    idByKey.set(key, orderId)
    keyById.set(orderId, key)
  }
}

/** Every unfinished order carries its outbox mark (watched all along), and at rest no finished one does. */
function* marks({ orders }: Rest): Findings {
  for (const order of orders)
    if ((isOver(order) || order.deadLettered !== undefined) && order.outboxEventId !== undefined)
      yield `${order.orderId} still owes ${order.outboxEventId}`
}

/** The events of each dead-lettering and of each status that an order reached were published, and no others. */
function* eventsPublished({ world, orders, watch }: Rest): Findings {
  const published = new Set(
    world.bus.published.map(({ detail }) => (detail as { metadata: { eventId: string } }).metadata.eventId),
  )
  for (const { orderId, step, number } of watch.deadLetterings)
    if (!published.has(`${orderId}:NEEDS_ATTENTION:${step}:${number}`))
      yield `${orderId}: no event of dead-lettering ${number}`
  for (const { orderId, status, timeline } of orders) {
    const ids = [...published].filter((id) => id.startsWith(orderId) && !id.includes('NEEDS_ATTENTION'))
    const unknown = ids.filter((id) => !timeline.some(({ type }) => id === `${orderId}:${type}`))
    if (unknown.length > 0) yield `${orderId}: ${unknown} is the id of no status that it had`
    for (const { type } of timeline) {
      // A cancellation replaces the outbox mark: an event of the creation that is still unpublished is dropped.
      const isReplaced = type === 'CREATED' && status === 'CANCELLED'
      if (isStatus(type) && !isReplaced && !published.has(`${orderId}:${type}`))
        yield `${orderId}: no event of ${type}`
    }
  }
}

const fullTimeline = 180

/** Every dead letter was due: after five failed attempts, the waiting limit, or a refusal. */
function* noEarlyDeadLetter({ orders, scenario }: Rest): Findings {
  for (const { orderId, timeline } of orders)
    for (const [index, { type, reason = '', attempt, at }] of timeline.entries()) {
      // A timeline that is nearly full leaves entries out.
      if (index > fullTimeline) break
      if (type !== 'DEAD_LETTERED') continue
      const round = timeline.slice(0, index)
      const begins = round.findLastIndex((entry) => entry.type === 'REDRIVEN' || isStatus(entry.type))
      const before = round.slice(begins + 1)
      const failures = before.filter((entry) => entry.type === 'ATTEMPT_FAILED').length
      const refused =
        /^(ADDRESS_NOT_SERVED|OUTCOME_UNKNOWN:|NEVER_CONSUMED|RECEIVED_TOO_OFTEN|WAITED_TOO_LONG)/
      const isTransient = !refused.test(reason)
      const due = times.retryDelaysMs.length
      if (isTransient && (failures !== due || attempt !== due + 1))
        yield `${orderId}: dead-lettered for ${reason} after ${failures + 1} failed attempts, the ${attempt}th by its own count`
      const waited = before.find((entry) => entry.type === 'WAITING')
      const waitedMs = Date.parse(at) - Date.parse(waited?.at ?? at)
      if (reason.startsWith('WAITED_TOO_LONG') && waitedMs < times.waitingLimitMs - 2 * scenario.skewMs)
        yield `${orderId}: dead-lettered for ${reason} after ${waitedMs} ms`
    }
}

/**
 * A cancelled order has no AWB, apart from blind redrives; a corrected one went to the confirmed address.
 */
function* answersKept(rest: Rest): Findings {
  const { world, shops, orders } = rest
  const { ledger } = world.vendor(firstVendor)
  for (const order of orders) {
    const made = ledger.filter(({ reference }) => reference === order.orderId)
    if (order.status === 'CANCELLED' && made.length > blindRedrives(rest, firstVendor, order.orderId))
      yield `${order.orderId} is cancelled and has an AWB`
    const mine = shops.answers.filter(
      ({ planned, status }) => status === 200 && shops.orderIdOf(planned) === order.orderId,
    )
    if (mine.some(({ call }) => call === 'cancel') && order.status !== 'CANCELLED')
      yield `${order.orderId} was confirmed to be cancelled and is ${order.status}`
    for (const { call, request, at } of mine)
      if (call === 'correct' && made.some((one) => one.at > at && !one.body.includes(String(request.line1))))
        yield `${order.orderId} went to an address that had been corrected`
  }
}

/** Every call was valid for AWS, or followed the vendor's contract. */
function* callsValid({ world }: Rest): Findings {
  yield* world.invalidCalls
  for (const vendor of vendorNames) yield* world.vendor(vendor).invalidCalls
}

/** What a calm scenario expects: when every order is done, and what it may be dead-lettered for. */
function* doneInTime({ scenario, world, orders, watch }: Rest): Findings {
  const { expects } = scenario
  if (!expects) return
  const startedAt = world.timeline.now - world.elapsedMs
  const isOurOutage =
    scenario.lockOutage !== undefined || scenario.outages.some(({ kind }) => kind === 'has no credential')
  for (const order of orders) {
    const { orderId, timeline, status } = order
    // Each 409 of a vendor that is still working is a failed attempt: one slow call may use up a round.
    const isStillWorking = timeline.some(({ reason }) => reason === 'CONFLICT')
    for (const { type, reason = '' } of timeline) {
      // In a long outage of ours, a single crash can use up a message's receives.
      const isKiller = reason === 'RECEIVED_TOO_OFTEN' && isOurOutage && world.injected.length > 0
      const isAllowed = expects.mayDeadLetter.test(reason) || isStillWorking || isKiller
      if (type === 'DEAD_LETTERED' && !isAllowed) yield `${orderId}: dead-lettered for ${reason}`
    }
    const isRedriven = scenario.operator.redriveAfterMs !== undefined
    if (isRedriven && order.deadLettered !== undefined)
      yield `${orderId}: stays dead-lettered after every redrive`
    const doneAfterMs = (watch.finishedAt.get(orderId) ?? 0) - startedAt
    if (isOver(order) ? doneAfterMs > expects.doneByMs : order.deadLettered === undefined)
      yield `${orderId}: ${status} after ${Math.round(doneAfterMs / 1000)} s`
  }
}

const invariants: Record<string, (rest: Rest) => Findings> = {
  'nothing lost': nothingLost,
  'nothing twice': nothingTwice,
  'answers true': answersTrue,
  marks,
  'events published': eventsPublished,
  'no early dead letter': noEarlyDeadLetter,
  'answers kept': answersKept,
  'calls valid': callsValid,
  'done in time': doneInTime,
}

/** Every invariant that does not hold when nothing is left to happen. */
export const violationsAtRest = (rest: Rest): Violation[] =>
  Object.entries(invariants).flatMap(([invariant, check]) =>
    [...check(rest)].map((detail) => ({ invariant, detail })),
  )
