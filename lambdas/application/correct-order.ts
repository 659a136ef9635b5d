import type { OrderRepository } from '../adapters/order-repository.ts'
import { consumerOf, linkOf, placed } from '../domain/chain.ts'
import { corrected, isCorrectable, type MergePatch, patched } from '../domain/correction.ts'
import { isFinished, type Order } from '../domain/order.ts'
import { openQuestion } from '../domain/uncertainty.ts'
import { amendOrder, type OrderRef } from './amend-order.ts'
import { type FieldError, fieldErrors, Rejection } from './rejection.ts'
import type { Telemetry } from './telemetry.ts'

/** What correcting works with. */
export interface CorrectOrderDeps {
  repository: OrderRepository
  telemetry: Telemetry
  now: () => number
}

const wrong = (paths: readonly string[]): FieldError[] =>
  paths.map((path) => ({ path, message: 'Cannot be corrected' }))

/** Throws a Rejection where what is at these paths cannot be corrected, or not now. */
function assertCorrectable(order: Order, paths: readonly string[]): void {
  const never = paths.filter((path) => !isCorrectable(path, placed.status))
  if (never.length > 0)
    throw new Rejection(
      'refused',
      'Only what a vendor needs can be corrected, and nothing that the price depends on.',
      wrong(never),
    )
  const step = consumerOf(order.status)
  if (step === undefined || isFinished(order))
    throw new Rejection('conflict', `It is too late: the order is ${order.status}.`)
  const { vendor } = linkOf(step)
  if (order.claim !== undefined)
    throw new Rejection('conflict', `The ${vendor} is being asked for this order right now; try again.`)
  if (openQuestion(order) !== undefined)
    throw new Rejection(
      'conflict',
      `The ${vendor} may have taken on this order already; that is being found out.`,
    )
  const late = paths.filter((path) => !isCorrectable(path, order.status))
  if (late.length > 0)
    throw new Rejection(
      'conflict',
      'The label rests on it: cancel the order, and place it anew.',
      wrong(late),
    )
}

/**
 * Corrects an order by a merge patch of its request. One that changes nothing, such as a repeat, writes nothing.
 * @throws {Rejection} where the result is no order, or what changes cannot be corrected, or not now
 */
export async function correctOrder(
  { repository, telemetry, now }: CorrectOrderDeps,
  ref: OrderRef,
  patch: MergePatch,
): Promise<Order> {
  const { order, amended } = await amendOrder(repository, ref, async (current) => {
    const result = patched(current, patch)
    if (result.error)
      throw new Rejection('invalid', 'The result would not be a valid order.', fieldErrors(result.error))
    const { request, paths } = result
    if (paths.length === 0) return undefined
    assertCorrectable(current, paths)
    return corrected(current, request, now())
  })
  const { orderId, correlationId } = order
  if (amended) telemetry.info('Order corrected', { orderId, correlationId })
  return order
}
