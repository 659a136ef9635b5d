import { consumerOf, linkOf } from '../domain/chain.ts'
import { afterPatch, corrected, differences, isCorrectable, type MergePatch } from '../domain/correction.ts'
import { type Limits, limitsOf, withinLimits } from '../domain/limits.ts'
import { isFinished, type Order } from '../domain/order.ts'
import { orderBody, requestOf } from '../domain/order-request.ts'
import { openQuestion } from '../domain/uncertainty.ts'
import { type AmendDeps, amendOrder, type OrderRef } from './amend-order.ts'
import { accepted, Rejection, unshippable } from './rejection.ts'

/** What correcting works with. */
export interface CorrectOrderDeps extends AmendDeps {
  /** What vendors take, by their names. */
  limits: Readonly<Record<string, Limits>>
  now: () => number
}

/** What is in the way of any correction, if something is. */
function obstacle(order: Order): string | undefined {
  const step = consumerOf(order.status)
  if (step === undefined || isFinished(order)) return `It is too late: the order is ${order.status}.`
  const { vendor } = linkOf(step)
  if (order.claim !== undefined) return `The ${vendor} is being asked for this order right now; try again.`
  return openQuestion(order) === undefined
    ? undefined
    : `The ${vendor} may have taken on this order already; that is being found out.`
}

/**
 * Corrects an order by a merge patch of its request. One that changes nothing, such as a repeat, writes nothing.
 * @throws {Rejection} where the result is no order, or what changes cannot be corrected, or not now
 */
export async function correctOrder(deps: CorrectOrderDeps, ref: OrderRef, patch: MergePatch): Promise<Order> {
  const { order } = await amendOrder(deps, ref, 'Order corrected', async (current) => {
    const before = requestOf(current)
    const patched = afterPatch(before, patch)
    const result = accepted(orderBody, patched, 'The result would not be a valid order.')
    const { order: request, errors } = withinLimits(result, limitsOf(current.vendors, deps.limits))
    const paths = differences(before, request)
    if (paths.length === 0) return undefined
    if (errors.length > 0) throw unshippable(errors)
    const inTheWay = obstacle(current)
    if (inTheWay !== undefined) throw new Rejection('conflict', inTheWay)
    const wrong = paths.filter((path) => !isCorrectable(path, current.status))
    if (wrong.length > 0)
      throw new Rejection(
        'refused',
        'Nothing that the price or a label rests on can be corrected: cancel the order, and place it anew.',
        wrong.map((path) => ({ path, message: 'Cannot be corrected' })),
      )
    return corrected(current, request, deps.now())
  })
  return order
}
