import type { OrderRepository } from '../adapters/order-repository.ts'
import { type Change, onRecord, type Times } from '../domain/change.ts'
import type { Actor, Order } from '../domain/order.ts'
import { type AnnounceDeps, announce } from './announce.ts'
import { orderNotFound, Rejection } from './rejection.ts'
import type { Telemetry } from './telemetry.ts'

const maxTries = 3

/** Dependencies of {@link amendOrder}. */
export interface AmendDeps {
  repository: Pick<OrderRepository, 'get' | 'change'>
  telemetry: Telemetry
  now: () => number
}

/** Dependencies of amendments that may replace the event that an order owes. */
export interface ExitDeps extends AmendDeps, AnnounceDeps, Omit<Times, 'now'> {
  repository: Pick<OrderRepository, 'get' | 'change' | 'clearMark'>
}

/** The order to amend, its expected owner (none for an operator, who may amend any), and who amends it. */
export interface OrderRef {
  orderId: string
  ownerId?: string
  actor: Actor
}

/**
 * Reads an order and writes the change that `decide` returns, if any, with an audit entry and the log line
 * `message`. Decides again if the order has changed meanwhile.
 * @throws {Rejection} if the order is not the owner's or keeps changing; also throws what `decide` throws
 */
export async function amendOrder(
  { repository, telemetry, now }: AmendDeps,
  { orderId, ownerId, actor }: OrderRef,
  message: string,
  decide: (order: Order, now: number) => Change | undefined | Promise<Change | undefined>,
): Promise<Order> {
  for (let tries = 0; tries < maxTries; tries++) {
    const order = await repository.get(orderId)
    if (order === undefined || (ownerId !== undefined && order.ownerId !== ownerId))
      throw orderNotFound(orderId)
    const change = await decide(order, now())
    if (change === undefined) return order
    const written = await repository.change(order, onRecord(order, change, actor))
    if (!written.written) continue
    const { correlationId, status } = written.order
    telemetry.info(message, { orderId, correlationId, status, ...actor })
    return written.order
  }
  throw new Rejection('conflict', 'The order is being worked on right now; try again.')
}

/**
 * Amends an order and publishes the event that it owes afterwards. The event that it owed before is published
 * first, unless `isDropped` says that nobody needs it. `decide` returns a sentence to refuse the amendment.
 * @throws {Rejection} if refused, if events cannot be published now, and as {@link amendOrder} does
 */
export async function amendAndAnnounce(
  deps: ExitDeps,
  ref: OrderRef,
  message: string,
  decide: (order: Order, times: Times) => Change | string | undefined,
  isDropped = (_order: Order) => false,
): Promise<Order> {
  let owed: string | undefined
  const amended = await amendOrder(deps, ref, message, async (order, now) => {
    const change = decide(order, { ...deps, now })
    if (typeof change === 'string') throw new Rejection('conflict', change)
    owed = order.outboxEventId
    // An event that a worker has received was published.
    const isHeard = change === undefined || owed === undefined || order.outboxClaimed || isDropped(order)
    if (!isHeard && !(await announce(deps, order)))
      throw new Rejection('unavailable', 'Events cannot be published now; try again.')
    return change
  })
  if (amended.outboxEventId !== owed && !amended.outboxClaimed) await announce(deps, amended)
  return amended
}
