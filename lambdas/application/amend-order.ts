import type { OrderRepository } from '../adapters/order-repository.ts'
import { type Change, onRecord } from '../domain/change.ts'
import type { Actor, Order } from '../domain/order.ts'
import { orderNotFound, Rejection } from './rejection.ts'
import type { Telemetry } from './telemetry.ts'

const maxTries = 3

/** What amending works with. */
export interface AmendDeps {
  repository: Pick<OrderRepository, 'get' | 'change'>
  telemetry: Telemetry
}

/** An order, whose it must be, and who amends it; an operator may amend any. */
export interface OrderRef {
  orderId: string
  ownerId?: string
  actor: Actor
}

/**
 * Reads an order and writes the change that `decide` answers, if any, on record: on the order, and in the log as
 * `message`. Decides again if the order has changed.
 * @throws {Rejection} for an order that is not the owner's, where it keeps changing, and what `decide` throws
 */
export async function amendOrder(
  { repository, telemetry }: AmendDeps,
  { orderId, ownerId, actor }: OrderRef,
  message: string,
  decide: (order: Order) => Promise<Change | undefined>,
): Promise<{ order: Order; amended: boolean }> {
  for (let tries = 0; tries < maxTries; tries++) {
    const order = await repository.get(orderId)
    if (order === undefined || (ownerId !== undefined && order.ownerId !== ownerId))
      throw orderNotFound(orderId)
    const change = await decide(order)
    if (change === undefined) return { order, amended: false }
    const written = await repository.change(order, onRecord(order, change, actor))
    if (!written.written) continue
    const { correlationId, status } = written.order
    telemetry.info(message, { orderId, correlationId, status, ...actor })
    return { order: written.order, amended: true }
  }
  throw new Rejection('conflict', 'The order is being worked on right now; try again.')
}
