/**
 * Prints, as JSON, how an order passes the chain of the source tree that this file is in, and what the operator's tools
 * show about it: for added-step.thorough.test.ts, which runs it in a tree with another chain.
 */
import * as z from 'zod/mini'
import { links, placed } from '../../lambdas/domain/chain.ts'
import { eventDetails } from '../../lambdas/domain/event-details.ts'
import { eventOf } from '../../lambdas/domain/events.ts'
import { isFinished, type Order } from '../../lambdas/domain/order.ts'
import { deadLettered } from '../../lambdas/domain/step-changes.ts'
import { createApi } from '../../ops/cli/http.ts'
import { summary } from '../../ops/orders/order-report.ts'
import { placeAndFollow } from '../../ops/smoke.ts'
import { changed, graceMs, orderId, storedOrder, t0, transition } from '../builders.ts'

const times = { now: t0 + 1000, graceMs, retentionMs: 86_400_000 }
const vendorFacts = { awb: 'AWB-1', wmsReference: 'WMS-1' }

/** The event that the order owes, checked against its schema. */
function publishable(order: Order): string {
  const { detailType, detail } = eventOf(order)
  z.parse(eventDetails[detailType], JSON.parse(JSON.stringify(detail)))
  return detailType
}

const told = (order: Order) => ({
  status: order.status,
  event: publishable(order),
  isFinished: isFinished(order),
  summary: summary(order, t0).split(';')[0],
})

const way = [storedOrder()]
const attention: string[] = []
for (const { name, to } of links) {
  const before = way.at(-1) ?? storedOrder()
  const cause = { reason: 'TIME_OUT', failure: 'transient', question: undefined } as const
  attention.push(publishable(changed(before, deadLettered(before, name, cause, times))))
  way.push(changed(before, transition(before, to, vendorFacts, times)))
}

/** Responses of an API whose order is in the next status at each request. */
const statuses = way.map(({ status }) => status)
const answers = [false, true].map((isRepeat) =>
  Response.json(
    { orderId, status: placed.status },
    { status: 201, headers: isRepeat ? { 'idempotency-replayed': 'true' } : {} },
  ),
)
const answer = async () => answers.shift() ?? Response.json({ status: statuses.shift() })
const smoke = await placeAndFollow(createApi('https://api.example', 'token', answer), 60_000)

/** An order that was finished at the previous chain's last status. */
const old = storedOrder({ status: 'READY_FOR_FULFILLMENT', expiresAt: t0 / 1000 + 1000 })

console.log(JSON.stringify({ way: way.map(told), attention, smoke, old: told({ ...old, ...vendorFacts }) }))
