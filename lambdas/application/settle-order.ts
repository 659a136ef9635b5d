import type { Order } from '../domain/order.ts'
import { type Settlement, settleable, settled } from '../domain/settlement.ts'
import { amendOrder, type OrderRef } from './amend-order.ts'
import { announce, announceFirst } from './announce.ts'
import type { CancelOrderDeps } from './cancel-order.ts'
import { Rejection } from './rejection.ts'

/**
 * Takes an operator's word for the answer of the vendor that a stuck order waits for. The note says whose word it is.
 * @throws {Rejection} where the vendor is being asked, or the order's state does not allow it
 */
export async function settleOrder(
  deps: CancelOrderDeps,
  ref: OrderRef,
  settlement: Settlement,
): Promise<Order> {
  const { graceMs, retentionMs, now } = deps
  let owed: string | undefined
  const { order } = await amendOrder(deps, ref, 'Order settled', async (current) => {
    const link = settleable(current, settlement, now())
    if (typeof link === 'string') throw new Rejection('conflict', link)
    // What a worker has taken up was published.
    if (!current.outboxClaimed) await announceFirst(deps, current)
    owed = current.outboxEventId
    return settled(current, link, settlement, { now: now(), graceMs, retentionMs })
  })
  if (order.outboxEventId !== owed) await announce(deps, order)
  return order
}
