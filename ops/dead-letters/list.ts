import type { Report } from '../cli/program.ts'
import { findOrders } from '../orders/find-orders.ts'
import { createListing, type Filter, inWords, meets, rowOf } from '../orders/listing.ts'
import { type DlqDeps, type Found, sweptText, throughMessages } from './messages.ts'

/** Whether a message is a dead letter of its own, and meets a filter. */
export const isAskedFor = ({ message, standing }: Found, filter: Filter, now: number): boolean =>
  standing === 'other' && meets(message.row, filter, now)

/** `dlq list`: dead-lettered orders and messages of no such order, each in a line up to a limit, and all in numbers. */
export async function listDeadLetters(deps: DlqDeps, filter: Filter, limit: number): Promise<Report> {
  const listing = createListing(limit)
  for await (const orders of findOrders(deps, { ...filter, attention: 'dead-lettered' }))
    for (const order of orders) listing.add(rowOf(order))
  const swept = await throughMessages(deps, async (found) => {
    const isNamed = filter.order !== undefined || filter.message !== undefined
    // The message of a dead-lettered order is listed where it is named: it may hold more than the order.
    for (const { message, standing } of found)
      if ((isNamed || standing === 'other') && meets(message.row, filter, deps.now()))
        listing.add(message.row)
  })
  const { lines, json } = listing.report(inWords('dead letters', filter))
  return {
    lines: [...lines, ...sweptText(swept)],
    json: { ...json, ...swept },
    incomplete: !swept.isComplete,
  }
}
