import type { Order } from '../domain/order.ts'
import { rerouted, type Target } from '../domain/rerouting.ts'
import { type Settlement, settled } from '../domain/settlement.ts'
import { amendAndAnnounce, type ExitDeps, type OrderRef } from './amend-order.ts'

/** Gives an order to another vendor of its step, by that lane's queue. Throws a Rejection where it cannot be given away. */
export const rerouteOrder = (deps: ExitDeps, ref: OrderRef, to: Target): Promise<Order> =>
  amendAndAnnounce(deps, ref, 'Order rerouted', (order, { now }) => rerouted(order, to, now))

/** Takes an operator's word for the answer that a stuck order waits for. Throws a Rejection where it is in no such state. */
export const settleOrder = (deps: ExitDeps, ref: OrderRef, settlement: Settlement): Promise<Order> =>
  amendAndAnnounce(deps, ref, 'Order settled', (order, times) => settled(order, settlement, times))
