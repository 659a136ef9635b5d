import { afterPatch, corrected, differences, isCorrectable, type MergePatch } from '../domain/correction.ts'
import { type Limits, limitsOf, withinLimits } from '../domain/limits.ts'
import type { Order } from '../domain/order.ts'
import { orderBody, requestOf } from '../domain/order-request.ts'
import { untouched } from '../domain/rerouting.ts'
import { type AmendDeps, amendOrder, type OrderRef } from './amend-order.ts'
import { accepted, Rejection, unshippable } from './rejection.ts'

/** Dependencies of {@link correctOrder}. */
export interface CorrectOrderDeps extends AmendDeps {
  /** Each vendor's limits, by vendor name. */
  limits: Readonly<Record<string, Limits>>
}

/** Applies a merge patch; one that changes nothing writes nothing. Throws a Rejection if the change is not allowed. */
export const correctOrder = (deps: CorrectOrderDeps, ref: OrderRef, patch: MergePatch): Promise<Order> =>
  amendOrder(deps, ref, 'Order corrected', (current, now) => {
    const before = requestOf(current)
    const patched = afterPatch(before, patch)
    const result = accepted(orderBody, patched, 'The result would not be a valid order.')
    const { order: request, errors } = withinLimits(result, limitsOf(current.vendors, deps.limits))
    const paths = differences(before, request)
    if (paths.length === 0) return undefined
    if (errors.length > 0) throw unshippable(errors)
    const link = untouched(current)
    if (typeof link === 'string') throw new Rejection('conflict', link)
    const wrong = paths.filter((path) => !isCorrectable(path, current.status))
    if (wrong.length > 0)
      throw new Rejection(
        'refused',
        'Nothing that the price or a label rests on can be corrected: cancel the order, and place it anew.',
        wrong.map((path) => ({ path, message: 'Cannot be corrected' })),
      )
    return corrected(current, request, now)
  })
