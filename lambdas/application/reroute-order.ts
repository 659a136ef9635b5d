import type { Order } from '../domain/order.ts'
import { rerouted, type Target } from '../domain/rerouting.ts'
import { amendAndAnnounce, type ExitDeps, type OrderRef } from './amend-order.ts'

/** Gives an order to another vendor of its step, by that lane's queue. Throws a Rejection where it cannot be given away. */
export const rerouteOrder = (deps: ExitDeps, ref: OrderRef, to: Target): Promise<Order> =>
  amendAndAnnounce(deps, ref, 'Order rerouted', (order, { now }) => rerouted(order, to, now))
