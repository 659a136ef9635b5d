import type { OrderRepository } from '../adapters/order-repository.ts'
import type { Order } from '../domain/order.ts'
import { cancelled } from '../domain/order-changes.ts'
import { amendOrder, assertUntouched, type OrderRef } from './amend-order.ts'
import { type AnnounceDeps, announce } from './announce.ts'
import { Rejection } from './rejection.ts'

/** What cancelling works with. */
export interface CancelOrderDeps extends AnnounceDeps {
  repository: OrderRepository
  graceMs: number
  retentionMs: number
  now: () => number
}

/**
 * Calls an order off while the carrier has certainly not taken it on, and says so to the world. One that is
 * cancelled already stays as it is.
 * @throws {Rejection} saying what is in the way, or that events cannot be published now
 */
export async function cancelOrder(deps: CancelOrderDeps, ref: OrderRef): Promise<Order> {
  const { repository, telemetry, graceMs, retentionMs, now } = deps
  const { order, amended } = await amendOrder(repository, ref, async (current) => {
    if (current.status === 'CANCELLED') return undefined
    assertUntouched(current)
    // A debt is paid before it is replaced: cancelling overwrites the mark of ORDER_NEEDS_ATTENTION.
    if (current.deadLettered !== undefined && current.outboxEventId !== undefined)
      if (!(await announce(deps, current)))
        throw new Rejection('unavailable', 'Events cannot be published now; try again.')
    return cancelled(current, { now: now(), graceMs, retentionMs })
  })
  if (amended) {
    const { orderId, correlationId } = order
    telemetry.info('Order cancelled', { orderId, correlationId })
    await announce(deps, order)
  }
  return order
}
