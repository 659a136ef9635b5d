import * as z from 'zod/mini'
import { type StepName, stepNames } from './chain.ts'
import { limits, withinLimits } from './limits.ts'
import { type OrderRequest, totalOf } from './order-request.ts'

const texts = z.array(z.string())
const amount = z.int().check(z.gte(0))

/** The conditions of a route, all of which an order must meet: those of vendor limits, and more. */
const conditions = () =>
  z.strictObject({
    ...limits().shape,
    regions: z.optional(texts),
    /** Owners of orders, as named in their tokens. */
    shops: z.optional(texts),
    /** What the buyer pays, in minor units of one currency. */
    total: z.optional(z.strictObject({ min: amount, max: amount, currency: z.string() })),
  })
type Conditions = z.output<ReturnType<typeof conditions>>

/** For each step, its routes: an order goes to the vendor of the first one whose conditions it meets. */
export function routes() {
  const route = z.strictObject({ when: z.optional(conditions()), vendor: z.string() })
  return z.record(z.enum(stepNames), z.array(route).check(z.minLength(1)))
}
export type Routes = z.output<ReturnType<typeof routes>>

type Routed = OrderRequest & { ownerId: string }

function meets(order: Routed, { regions, shops, total, ...rest }: Conditions): boolean {
  const { shippingAddress, currency, ownerId } = order
  const paid = totalOf(order)
  return (
    regions?.includes(shippingAddress.region ?? '') !== false &&
    shops?.includes(ownerId) !== false &&
    (total === undefined || (total.currency === currency && total.min <= paid && paid <= total.max)) &&
    withinLimits(order, [rest]).errors.length === 0
  )
}

/** The vendor of each step for an order, by the config's routes. Throws if a step has no route for it. */
export function routed(order: Routed, bySteps: Routes): Partial<Record<StepName, string>> {
  const chosen = Object.entries(bySteps).map(([step, list]) => {
    const found = list.find(({ when = {} }) => meets(order, when))
    if (found === undefined) throw new Error(`No route of ${step} takes the order`)
    return [step, found.vendor] as const
  })
  return Object.fromEntries(chosen)
}
