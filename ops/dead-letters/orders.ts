import * as z from 'zod/mini'
import { createEntries } from '../../lambdas/application/relay/entries.ts'
import { laneOf } from '../../lambdas/domain/events.ts'
import type { Order } from '../../lambdas/domain/order.ts'
import { outboxPartitions } from '../../lambdas/domain/outbox.ts'
import { type Filter, hasReason } from './dead-letter.ts'
import type { DlqDeps } from './messages.ts'

/** Orders that are read at once. */
const pageSize = 100

const isAskedFor = (order: Order, { lane, reason }: Filter): boolean =>
  order.deadLettered !== undefined &&
  order.attention !== undefined &&
  (lane === undefined || laneOf(order) === lane) &&
  hasReason(order.attention.reason, reason)

/** The dead-lettered orders that meet a filter, lane by lane and page by page, the oldest first. */
export async function* deadLetteredOrders(
  { environment, repository, now, signal, tell }: DlqDeps,
  { order: orderId, message, olderThan = 0, ...filter }: Filter,
): AsyncGenerator<Order[]> {
  if (message !== undefined) return
  if (orderId !== undefined) {
    const order = await repository.get(orderId)
    if (order && isAskedFor(order, filter)) yield [order]
    return
  }
  const until = new Date(now() - olderThan).toISOString()
  for (const lane of Object.keys(environment.vendors)) {
    if (filter.lane !== undefined && filter.lane !== lane) continue
    const partitions = outboxPartitions(lane, environment.shards)
    const entries = createEntries(repository.deadLetters, 'deadLetteredAt', partitions, until)
    while (!signal.aborted) {
      const page = await entries.take(pageSize)
      if (page.length === 0) break
      const places = new Map(page.map((entry, index) => [entry.orderId, index]))
      const orders = await repository.getAll([...places.keys()], (item) => {
        const unread = z.parse(z.object({ orderId: z.string() }), item)
        tell(`${lane}  ${unread.orderId}  cannot be read`)
      })
      // The index may be behind: the order itself decides.
      yield orders
        .filter((order) => isAskedFor(order, { ...filter, lane }))
        .sort((a, b) => (places.get(a.orderId) ?? 0) - (places.get(b.orderId) ?? 0))
    }
  }
}
