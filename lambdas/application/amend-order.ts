import type { OrderRepository } from '../adapters/order-repository.ts'
import type { Change } from '../domain/change.ts'
import type { Order } from '../domain/order.ts'
import { orderNotFound, Rejection } from './rejection.ts'

const maxTries = 3

/** An order, and whose it must be; an operator may amend any. */
export interface OrderRef {
  orderId: string
  ownerId?: string
}

/**
 * Reads an order and writes the change that `decide` answers, if any; decides again if the order has changed.
 * @throws {Rejection} for an order that is not the owner's, where it keeps changing, and what `decide` throws
 */
export async function amendOrder(
  repository: Pick<OrderRepository, 'get' | 'change'>,
  { orderId, ownerId }: OrderRef,
  decide: (order: Order) => Promise<Change | undefined>,
): Promise<{ order: Order; amended: boolean }> {
  for (let tries = 0; tries < maxTries; tries++) {
    const order = await repository.get(orderId)
    if (order === undefined || (ownerId !== undefined && order.ownerId !== ownerId))
      throw orderNotFound(orderId)
    const change = await decide(order)
    if (change === undefined) return { order, amended: false }
    const written = await repository.change(order, change)
    if (written.written) return { order: written.order, amended: true }
  }
  throw new Rejection('conflict', 'The order is being worked on right now; try again.')
}
