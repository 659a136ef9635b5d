import { isDeepStrictEqual } from 'node:util'
import { consumerOf } from '../../../lambdas/domain/chain.ts'
import { stepOf, vendorNames } from '../kernel/options.ts'
import { correctedLine, correctedSku } from '../kernel/shop.ts'
import { doneInTime, noCopies, noEarlyDeadLetter, prompt, sentFirst } from './in-time.ts'
import { isGood, isIn, itsOwn, madeFor, nothingTwice, nothingUnknown, rightVendors } from './ledgers.ts'
import { type Findings, isOver, isStatus, publishedEvents, type Rest, vendorsOf } from './rest.ts'
import type { Violation } from './watch.ts'

/** Every order is READY, cancelled, dead-lettered (and so in the index of those), or waits for a vendor that is down. */
function* nothingLost({ world, scenario, shops, orders, rests }: Rest): Findings {
  const byId = new Map(orders.map((order) => [order.orderId, order]))
  for (const { call, status, body } of shops.answers)
    if (call === 'place' && status === 201 && !byId.has(String(body.orderId)))
      yield `${body.orderId} was answered 201 and does not exist`
  for (const order of orders) {
    const { orderId, status, vendors, deadLettered, attention } = order
    const vendor = vendorsOf(order).find((name) => stepOf(name) === consumerOf(status, vendors))
    if (vendor === undefined) continue
    const isWaiting = attention?.state === 'waiting' && world.outageOf(vendor) !== undefined
    if (deadLettered === undefined && !isWaiting) yield `${orderId} stays ${status}`
  }
  for (const { queue, body } of scenario.poison)
    if (!world.sqs.messages(queue.replace('queue', 'dlq')).some((letter) => letter.body === body))
      yield `the poison ${body} is not in the DLQ`
  if (!rests)
    yield `it never comes to rest: something still goes on after ${world.elapsedMs / 3_600_000} hours`
  for (const lane of vendorNames)
    for (const { body } of world.sqs.messages(`${lane}-queue`))
      yield `a message stays in ${lane}-queue: ${body}`
}

/** No order exists whose request got a 4xx; the same key always got the same order; the order is what was requested. */
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
    const { shippingAddress, items, ...rest } = planned.request
    const wanted = corrected ? rest : { ...rest, shippingAddress, items }
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

/** At rest no finished order has an outbox mark. That unfinished ones have it is checked during the whole run. */
function* marks({ orders }: Rest): Findings {
  for (const order of orders)
    if ((isOver(order) || order.deadLettered !== undefined) && order.outboxEventId !== undefined)
      yield `${order.orderId} still owes ${order.outboxEventId}`
}

/** Exactly the events of the statuses and dead-letterings that an order went through were published. */
function* eventsPublished({ world, watch }: Rest): Findings {
  const events = publishedEvents(world)
  const occurredAt = new Map<string, string>()
  for (const event of events) {
    // Listeners deduplicate events by id, so two different events must not share one.
    if ((occurredAt.get(event.eventId) ?? event.occurredAt) !== event.occurredAt)
      yield `two events are called ${event.eventId}`
    occurredAt.set(event.eventId, event.occurredAt)
  }
  for (const life of watch.lives) {
    const { orderId, timeline } = life.order
    const mine = events.filter(({ plainId, at }) => plainId.startsWith(orderId) && isIn(life, at))
    // A cancellation publishes one event for each step that has to undo its work.
    const published = new Set(mine.map(({ plainId }) => plainId.replace(/(:CANCELLING):\w+$/, '$1')))
    for (const { type, step } of timeline)
      if (type === 'UNDONE' && !mine.some(({ plainId }) => plainId === `${orderId}:CANCELLING:${step}`))
        yield `${orderId}: ${step} has undone its work, and no event has said that it would`
    for (const { step, number, at } of watch.deadLetterings.filter((each) => each.orderId === orderId))
      if (isIn(life, at) && !published.has(`${orderId}:NEEDS_ATTENTION:${step}:${number}`))
        yield `${orderId}: no event of dead-lettering ${number}`
    for (const id of published)
      if (!id.includes('NEEDS_ATTENTION') && !timeline.some(({ type }) => id === `${orderId}:${type}`))
        yield `${id} is the id of no status that it had`
    const [, second] = timeline.filter(({ type }) => isStatus(type))
    for (const { type } of timeline) {
      // A cancellation replaces the outbox mark, so an ORDER_CREATED that is still unpublished is dropped.
      const isReplaced = type === 'CREATED' && second?.type.startsWith('CANCELL')
      if (isStatus(type) && !isReplaced && !published.has(`${orderId}:${type}`))
        yield `${orderId}: no event of ${type}`
    }
  }
}

/**
 * Nothing is left of a cancelled order, and one whose cancellation is unfinished waits for an operator. Vendors got the
 * corrected data, and the label has the order's address.
 */
function* answersKept(rest: Rest): Findings {
  const { shops, watch, world } = rest
  for (const life of watch.lives) {
    const { order } = life
    for (const vendor of vendorNames)
      if (order.status === 'CANCELLED' && madeFor(rest, vendor, life).some(isGood))
        yield `${order.orderId} is cancelled, and ${vendor} has made something for it`
    if (
      order.status === 'CANCELLING' &&
      order.deadLettered === undefined &&
      vendorsOf(order).every((name) => stepOf(name) !== order.undo || world.outageOf(name) === undefined)
    )
      yield `${order.orderId} is being cancelled, and nobody is at it`
    const made = vendorNames.flatMap((vendor) => madeFor(rest, vendor, life).filter(isGood))
    const mine = shops.answers.filter(
      ({ planned, status, at }) =>
        status === 200 && shops.orderIdOf(planned) === order.orderId && isIn(life, at),
    )
    if (mine.some(({ call }) => call === 'cancel') && order.status !== 'CANCELLED')
      yield `${order.orderId} was confirmed to be cancelled and is ${order.status}`
    for (const { call, request, at } of mine)
      for (const [field, right] of [
        ['line1', correctedLine],
        ['sku', correctedSku],
      ] as const)
        if (
          call === 'correct' &&
          JSON.stringify(request).includes(right) &&
          made.some(
            ({ at: madeAt, body }) => madeAt > at && body.includes(`"${field}"`) && !body.includes(right),
          )
        )
          yield `${order.orderId}: a vendor was told what had been corrected to ${right}`
    if (made.some(({ id, body }) => id === order.awb && !body.includes(order.shippingAddress.line1)))
      yield `${order.orderId} has another address than its label`
  }
}

/** Every call to AWS was valid, and every call to a vendor followed the contract. */
function* callsValid({ world }: Rest): Findings {
  yield* world.invalidCalls
  for (const vendor of vendorNames) yield* world.vendor(vendor).invalidCalls
}

/** A new round of attempts begins only after an operator has redriven the order. */
function* redrivenByOperator({ orders, operator }: Rest): Findings {
  for (const { orderId, timeline } of orders) {
    const rounds = timeline.filter(({ type }) => type === 'REDRIVEN').length
    const redrives = operator.redrivesOf(orderId)
    if (rounds > redrives) yield `${orderId} was redriven ${rounds} times, by ${redrives} redrives`
  }
}

const invariants: Record<string, (rest: Rest) => Findings> = {
  'nothing lost': nothingLost,
  'nothing twice': nothingTwice,
  'right vendors': rightVendors,
  'its own': itsOwn,
  'nothing unknown': nothingUnknown,
  'answers true': answersTrue,
  marks,
  'redriven by an operator': redrivenByOperator,
  'events published': eventsPublished,
  'no early dead letter': noEarlyDeadLetter,
  'answers kept': answersKept,
  'calls valid': callsValid,
  'done in time': doneInTime,
  prompt,
  'sent first': sentFirst,
  'no copies': noCopies,
}

/** Checks the invariants of a world at rest. @returns the violations */
export const violationsAtRest = (rest: Rest): Violation[] =>
  Object.entries(invariants).flatMap(([invariant, check]) =>
    [...check(rest)].map((detail) => ({ invariant, detail })),
  )
