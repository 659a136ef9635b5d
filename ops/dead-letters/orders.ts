import * as z from 'zod/mini'
import { createEntries } from '../../lambdas/application/relay/entries.ts'
import { stepNames } from '../../lambdas/domain/chain.ts'
import type { Order } from '../../lambdas/domain/order.ts'
import { outboxPartitions } from '../../lambdas/domain/outbox.ts'
import { type Filter, hasReason } from './dead-letter.ts'
import type { DlqDeps } from './messages.ts'

/** Orders that are read at once. */
const pageSize = 100

const isAskedFor = ({ deadLettered, attention }: Order, { step, reason }: Filter): boolean =>
  deadLettered !== undefined &&
  attention !== undefined &&
  (step === undefined || attention.step === step) &&
  hasReason(attention.reason, reason)

/** The dead-lettered orders that meet a filter, step by step and page by page, the oldest first. */
export async function* deadLetteredOrders(
  { repository, shards, now, signal, tell }: DlqDeps,
  { order: orderId, message, olderThan = 0, ...filter }: Filter,
): AsyncGenerator<Order[]> {
  if (message !== undefined) return
  if (orderId !== undefined) {
    const order = await repository.get(orderId)
    if (order && isAskedFor(order, filter)) yield [order]
    return
  }
  const until = new Date(now() - olderThan).toISOString()
  for (const step of stepNames.filter((each) => filter.step === undefined || filter.step === each)) {
    const partitions = outboxPartitions(step, shards)
    const entries = createEntries(repository.deadLetters, 'deadLetteredAt', partitions, until)
    while (!signal.aborted) {
      const page = await entries.take(pageSize)
      if (page.length === 0) break
      const places = new Map(page.map((entry, index) => [entry.orderId, index]))
      const orders = await repository.getAll([...places.keys()], (item) => {
        const unread = z.parse(z.object({ orderId: z.string() }), item)
        tell(`${step}  ${unread.orderId}  cannot be read`)
      })
      // The index may be behind: the order itself decides.
      yield orders
        .filter((order) => isAskedFor(order, { ...filter, step }))
        .sort((a, b) => (places.get(a.orderId) ?? 0) - (places.get(b.orderId) ?? 0))
    }
  }
}
