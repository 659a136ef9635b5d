import type { Order } from '../domain/order.ts'
import { rerouted, type Target } from '../domain/rerouting.ts'
import { amendAndAnnounce, type ExitDeps, type OrderRef } from './amend-order.ts'

/**
 * Gives an order to another vendor of its step. The relay sends it to that lane's queue: the world has heard its event.
 * @throws {Rejection} where its present vendor may have made something, or the other one cannot take it
 */
export const rerouteOrder = (deps: ExitDeps, ref: OrderRef, to: Target): Promise<Order> =>
  amendAndAnnounce(deps, ref, 'Order rerouted', (order, { now }) => rerouted(order, to, now))
