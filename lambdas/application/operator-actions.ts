import type { Order } from '../domain/order.ts'
import { rerouted, type Target } from '../domain/rerouting.ts'
import { type Settlement, settled } from '../domain/settlement.ts'
import { amendAndAnnounce, type ExitDeps, type OrderRef } from './amend-order.ts'

/** Moves an order to another vendor of its step. Throws a Rejection if it cannot be moved. */
export const rerouteOrder = (deps: ExitDeps, ref: OrderRef, to: Target): Promise<Order> =>
  amendAndAnnounce(deps, ref, 'Order rerouted', (order, { now }) => rerouted(order, to, now))

/** Records what an operator says a vendor did for a stuck order. Throws a Rejection if it cannot be settled. */
export const settleOrder = (deps: ExitDeps, ref: OrderRef, settlement: Settlement): Promise<Order> =>
  amendAndAnnounce(deps, ref, 'Order settled', (order, times) => settled(order, settlement, times))
