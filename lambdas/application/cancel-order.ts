import type { OrderRepository } from '../adapters/order-repository.ts'
import { cancelling } from '../domain/cancellation.ts'
import { placed } from '../domain/chain.ts'
import type { Order } from '../domain/order.ts'
import { type AmendDeps, amendOrder, type OrderRef } from './amend-order.ts'
import { type AnnounceDeps, announce, announceFirst } from './announce.ts'
import { Rejection } from './rejection.ts'

/** What cancelling works with. */
export interface CancelOrderDeps extends AmendDeps, AnnounceDeps {
  repository: Pick<OrderRepository, 'get' | 'change' | 'clearMark'>
  graceMs: number
  retentionMs: number
  now: () => number
}

/**
 * Cancels an order: at once if no vendor can have made anything, else step by step. A repeat changes nothing.
 * @throws {Rejection} where a vendor has said that it is too late, or events cannot be published now
 */
export async function cancelOrder(deps: CancelOrderDeps, ref: OrderRef): Promise<Order> {
  const { graceMs, retentionMs, now } = deps
  const { order, amended } = await amendOrder(deps, ref, 'Order cancelled', async (current) => {
    const { status, cancellation, deadLettered } = current
    if (status === 'CANCELLED' || status === 'CANCELLING') return undefined
    if (cancellation?.refusedIn !== undefined)
      throw new Rejection('conflict', 'It is too late: the goods have left, or are about to.')
    // The event is published before its mark is replaced, unless it is the order's first.
    if (status !== placed.status || deadLettered !== undefined) await announceFirst(deps, current)
    return cancelling(current, { now: now(), graceMs, retentionMs })
  })
  if (amended) await announce(deps, order)
  return order
}
