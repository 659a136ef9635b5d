import * as z from 'zod/mini'
import type { DeadLetterEntry } from '../../lambdas/adapters/outbox-marks.ts'
import { stepNames } from '../../lambdas/domain/chain.ts'
import type { Order } from '../../lambdas/domain/order.ts'
import { type Filter, hasReason, isDeadLetteredAt } from './dead-letter.ts'
import type { DlqDeps } from './messages.ts'

/** Orders that are read at once. */
const pageSize = 100

/** One order, if it is dead-lettered and meets a filter. */
async function namedOrder({ repository }: DlqDeps, orderId: string, { reason }: Filter): Promise<Order[]> {
  const order = await repository.get(orderId)
  const isStuck = order?.deadLettered !== undefined && hasReason(order.attention?.reason ?? '', reason)
  return isStuck ? [order] : []
}

/** The dead-lettered orders that meet a filter, step by step and page by page, the oldest first. */
export async function* deadLetteredOrders(deps: DlqDeps, filter: Filter): AsyncGenerator<Order[]> {
  const { repository, now, signal, tell } = deps
  if (filter.message !== undefined) return
  if (filter.order !== undefined) return yield await namedOrder(deps, filter.order, filter)
  const until = new Date(now() - (filter.olderThan ?? 0)).toISOString()
  for (const step of stepNames.filter((each) => filter.step === undefined || filter.step === each)) {
    let page: DeadLetterEntry[] = []
    do {
      page = await repository.deadLetters(step, until, pageSize, page.at(-1))
      const orders = await repository.getAll(
        page.map(({ orderId }) => orderId),
        (item) =>
          tell(`${step}  ${z.parse(z.object({ orderId: z.string() }), item).orderId}  cannot be read`),
      )
      // The index may be behind: the order itself decides.
      yield orders
        .filter(
          (each) => isDeadLetteredAt(each, step) && hasReason(each.attention?.reason ?? '', filter.reason),
        )
        .sort((a, b) => ((a.deadLetteredAt ?? '') < (b.deadLetteredAt ?? '') ? -1 : 1))
    } while (page.length === pageSize && !signal.aborted)
  }
}
