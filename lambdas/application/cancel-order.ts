import { cancelling } from '../domain/cancellation.ts'
import { placed } from '../domain/chain.ts'
import type { Order } from '../domain/order.ts'
import { amendAndAnnounce, type ExitDeps, type OrderRef } from './amend-order.ts'

/** Cancels an order, at once if nothing can have been made, otherwise step by step. Throws a Rejection if it is too late. */
export const cancelOrder = (deps: ExitDeps, ref: OrderRef): Promise<Order> =>
  amendAndAnnounce(
    deps,
    ref,
    'Order cancelled',
    (order, times) => {
      const { status, cancellation } = order
      if (status === 'CANCELLED' || status === 'CANCELLING') return undefined
      return cancellation?.refusedIn === undefined
        ? cancelling(order, times)
        : 'It is too late: the goods have left, or are about to.'
    },
    // If ORDER_CREATED may not have been published yet, ORDER_CANCELLED alone is enough.
    ({ status, deadLettered }) => status === placed.status && deadLettered === undefined,
  )
