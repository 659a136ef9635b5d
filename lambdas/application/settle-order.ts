import type { Order } from '../domain/order.ts'
import { type Settlement, settled } from '../domain/settlement.ts'
import { amendAndAnnounce, type ExitDeps, type OrderRef } from './amend-order.ts'

/**
 * Takes an operator's word for the answer of the vendor that a stuck order waits for. The note says whose word it is.
 * @throws {Rejection} where the vendor is being asked, or the order's state does not allow it
 */
export const settleOrder = (deps: ExitDeps, ref: OrderRef, settlement: Settlement): Promise<Order> =>
  amendAndAnnounce(deps, ref, 'Order settled', (order, times) => settled(order, settlement, times))
