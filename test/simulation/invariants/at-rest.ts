import { isDeepStrictEqual } from 'node:util'
import type { Order } from '../../../lambdas/domain/order.ts'
import type { Operator } from '../kernel/operator.ts'
import { type VendorName, vendorNames } from '../kernel/options.ts'
import type { Shops } from '../kernel/shop.ts'
import type { World } from '../kernel/world.ts'
import type { Scenario } from '../run.ts'
import { times } from '../times.ts'
import type { Broken, Watch } from './watch.ts'

/** A run at its rest. */
export interface Rest {
  world: World
  scenario: Scenario
  shops: Shops
  operator: Operator
  watch: Watch
  orders: readonly Order[]
  rests: boolean
}

type Complaints = Generator<string>

const statuses = new Set<string>(['CREATED', 'AWB_GENERATED', 'READY_FOR_FULFILLMENT', 'CANCELLED'])
const isOver = ({ status }: Order) => status === 'READY_FOR_FULFILLMENT' || status === 'CANCELLED'
const vendorOf = ({ status }: Order) => (status === 'CREATED' ? 'logistics' : 'wms')

/** Every order is READY, cancelled, dead-lettered with its message in the DLQ, or waits for a vendor that is down. */
function* nothingLost({ world, scenario, shops, orders, rests }: Rest): Complaints {
  const byId = new Map(orders.map((order) => [order.orderId, order]))
  for (const { call, status, body } of shops.answers)
    if (call === 'place' && status === 201 && !byId.has(String(body.orderId)))
      yield `${body.orderId} was answered 201 and does not exist`
  for (const order of orders) {
    const { orderId, status, deadLettered, attention } = order
    if (isOver(order)) continue
    const vendor = vendorOf(order)
    if (deadLettered !== undefined) {
      // One that SQS moved bears no number: redriven, it comes back with one.
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

/** How often a person said of an order that its vendor has not done the work, where nobody else can find out. */
function wordsOf({ world, operator }: Rest, vendor: VendorName, orderId: string): number {
  const { honoursIdempotencyKey, canBeLookedUp } = world.vendor(vendor).traits
  if (honoursIdempotencyKey || canBeLookedUp) return 0
  return operator.redrives.filter(
    (redrive) => redrive.step === vendor && redrive.orderId === orderId && redrive.wasUnknown,
  ).length
}

/** At most one AWB and one shipment per order, unless a person redrove an outcome that nobody can know. */
function* nothingTwice(rest: Rest): Complaints {
  const { world, orders } = rest
  for (const vendor of vendorNames) {
    const { ledger } = world.vendor(vendor)
    const made = new Map<string, number>()
    for (const { reference } of ledger) made.set(reference, (made.get(reference) ?? 0) + 1)
    for (const [reference, count] of made)
      if (count > 1 + wordsOf(rest, vendor, reference)) yield `${vendor} made ${count} for ${reference}`
    for (const order of orders) {
      const known = vendor === 'logistics' ? order.awb : order.wmsReference
      if (
        known !== undefined &&
        !ledger.some(({ reference, id }) => reference === order.orderId && id === known)
      )
        yield `${order.orderId} says ${known}, which ${vendor} never made`
      const isDone =
        vendor === 'logistics' ? order.status === 'AWB_GENERATED' : order.status === 'READY_FOR_FULFILLMENT'
      if (isDone && known === undefined)
        yield `${order.orderId} is ${order.status} with nothing of ${vendor}'s`
    }
  }
}

/** No order that was answered 4xx exists, the same key always got the same order, and it is what was ordered. */
function* answersTrue({ shops, orders }: Rest): Complaints {
  const idByKey = new Map<string, string>()
  const keyById = new Map<string, string>()
  for (const { wish, call, status = 0, body, requestId } of shops.answers) {
    if (call !== 'place') continue
    if (status >= 400 && status < 500 && orders.some((order) => order.requestId === requestId))
      yield `${requestId} was answered ${status} and made an order`
    if (status !== 201) continue
    const made = orders.find((order) => order.orderId === body.orderId)
    const corrected = shops.answers.some(
      (answer) => answer.call === 'correct' && answer.wish.key === wish.key,
    )
    const { shippingAddress, ...rest } = wish.request
    const wanted = corrected ? rest : { ...rest, shippingAddress }
    if (made && !isDeepStrictEqual({ ...made, ...wanted }, made))
      yield `${body.orderId} is not what its shop ordered`
    const key = `${wish.owner}/${wish.key}`
    const orderId = String(body.orderId)
    if ((idByKey.get(key) ?? orderId) !== orderId) yield `the key ${key} got two orders`
    if ((keyById.get(orderId) ?? key) !== key) yield `${orderId} was given to two keys`
    idByKey.set(key, orderId)
    keyById.set(orderId, key)
  }
}

/** Every unfinished order carries its outbox mark (watched all along), and at rest no finished one does. */
function* marks({ orders }: Rest): Complaints {
  for (const order of orders)
    if ((isOver(order) || order.deadLettered !== undefined) && order.outboxEventId !== undefined)
      yield `${order.orderId} still owes ${order.outboxEventId}`
}

/** What happened was told: each dead-lettering, and where each order has got to. */
function* toldToTheWorld({ world, orders, watch }: Rest): Complaints {
  const told = new Set(
    world.bus.published.map(({ detail }) => (detail as { metadata: { eventId: string } }).metadata.eventId),
  )
  for (const { orderId, step, number } of watch.deadLetterings)
    if (!told.has(`${orderId}:NEEDS_ATTENTION:${step}:${number}`))
      yield `${orderId}: nobody heard of dead-lettering ${number}`
  for (const { orderId, status, timeline } of orders) {
    const ids = [...told].filter((id) => id.startsWith(orderId) && !id.includes('NEEDS_ATTENTION'))
    const unknown = ids.filter((id) => !timeline.some(({ type }) => id === `${orderId}:${type}`))
    if (unknown.length > 0) yield `${orderId}: ${unknown} is the id of no status that it had`
    for (const { type } of timeline) {
      // A cancellation replaces what the order owed: who never heard of its creation need not.
      const isReplaced = type === 'CREATED' && status === 'CANCELLED'
      if (statuses.has(type) && !isReplaced && !told.has(`${orderId}:${type}`))
        yield `${orderId}: nobody heard of ${type}`
    }
  }
}

const fullTimeline = 180

/** A dead letter was due: five failed attempts, hours of waiting, a refusal. */
function* noEarlySurrender({ orders, scenario }: Rest): Complaints {
  for (const { orderId, timeline } of orders)
    for (const [index, { type, reason = '', attempt, at }] of timeline.entries()) {
      // A timeline that is nearly full leaves entries out.
      if (index > fullTimeline) break
      if (type !== 'DEAD_LETTERED') continue
      const round = timeline.slice(0, index)
      const begins = round.findLastIndex(
        (entry) => entry.type === 'REDRIVEN' || entry.type === 'AWB_GENERATED',
      )
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
 * A cancelled order went to no carrier, unless a person gave their word that it had not; a corrected one went with
 * the address that was confirmed.
 */
function* wordKept(rest: Rest): Complaints {
  const { world, shops, orders } = rest
  const { ledger } = world.vendor('logistics')
  for (const order of orders) {
    const made = ledger.filter(({ reference }) => reference === order.orderId)
    if (order.status === 'CANCELLED' && made.length > wordsOf(rest, 'logistics', order.orderId))
      yield `${order.orderId} is cancelled and has an AWB`
    const mine = shops.answers.filter(
      ({ wish, status }) => status === 200 && shops.orderIdOf(wish) === order.orderId,
    )
    if (mine.some(({ call }) => call === 'cancel') && order.status !== 'CANCELLED')
      yield `${order.orderId} was confirmed to be cancelled and is ${order.status}`
    for (const { call, request, at } of mine)
      if (call === 'correct' && made.some((one) => one.at > at && !one.body.includes(String(request.line1))))
        yield `${order.orderId} went to an address that had been corrected`
  }
}

/** AWS took every call, every vendor was asked as its contract says, and no worker threw. */
function* nobodyComplains({ world }: Rest): Complaints {
  yield* world.complaints
  for (const vendor of vendorNames) yield* world.vendor(vendor).complaints
}

/** Where little goes wrong, every order is soon done, and dead-lettered only for what a person must decide. */
function* soonDone({ scenario, world, orders, watch }: Rest): Complaints {
  const { expects } = scenario
  if (!expects) return
  const startedAt = world.timeline.now - world.elapsedMs
  const isOurOutage =
    scenario.lockOutage !== undefined || scenario.outages.some(({ kind }) => kind === 'has no credential')
  for (const order of orders) {
    const { orderId, timeline, status } = order
    // Each 409 of a vendor that is still at it is a failed attempt: one slow call may use up a round.
    const isAtIt = timeline.some(({ reason }) => reason === 'CONFLICT')
    for (const { type, reason = '' } of timeline) {
      // In a long outage of ours one receive too many, or one death, is as good as ten.
      const isKiller = reason === 'RECEIVED_TOO_OFTEN' && isOurOutage && world.struck.length > 0
      const isAllowed = expects.mayDeadLetter.test(reason) || isAtIt || isKiller
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

const invariants: Record<string, (rest: Rest) => Complaints> = {
  'nothing lost': nothingLost,
  'nothing twice': nothingTwice,
  'answers true': answersTrue,
  marks,
  'told to the world': toldToTheWorld,
  'no early surrender': noEarlySurrender,
  'word kept': wordKept,
  'nobody complains': nobodyComplains,
  'soon done': soonDone,
}

/** Every invariant that does not hold at a run's rest. */
export const violations = (rest: Rest): Broken[] =>
  Object.entries(invariants).flatMap(([invariant, check]) =>
    [...check(rest)].map((detail) => ({ invariant, detail })),
  )
