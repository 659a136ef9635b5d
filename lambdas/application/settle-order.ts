import type { Order } from '../domain/order.ts'
import { type Settlement, settled } from '../domain/settlement.ts'
import { amendAndAnnounce, type ExitDeps, type OrderRef } from './amend-order.ts'

/** Takes an operator's word for the answer that a stuck order waits for. Throws a Rejection where it is in no such state. */
export const settleOrder = (deps: ExitDeps, ref: OrderRef, settlement: Settlement): Promise<Order> =>
  amendAndAnnounce(deps, ref, 'Order settled', (order, times) => settled(order, settlement, times))
