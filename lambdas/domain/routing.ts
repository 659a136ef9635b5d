import * as z from 'zod/mini'
import { type StepName, stepNames } from './chain.ts'
import { limits, withinLimits } from './limits.ts'
import { type OrderRequest, totalOf } from './order-request.ts'

const texts = z.array(z.string())
const amount = z.int().check(z.gte(0))

/** What must all be true of an order for a route: whatever limits of vendors can say, and more. */
const conditions = () =>
  z.strictObject({
    ...limits().shape,
    regions: z.optional(texts),
    /** Owners of orders, as their tokens name them. */
    shops: z.optional(texts),
    /** What the buyer pays, in minor units of one currency. */
    total: z.optional(z.strictObject({ min: amount, max: amount, currency: z.string() })),
  })
type Conditions = z.output<ReturnType<typeof conditions>>

/** Which vendor of a step gets an order: that of the first route whose conditions it meets. */
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

/** The vendor of each step for an order: a pure function of order and config. */
export function routed(order: Routed, bySteps: Routes): Partial<Record<StepName, string>> {
  const chosen = Object.entries(bySteps).map(([step, list]) => {
    const found = list.find(({ when = {} }) => meets(order, when))
    if (found === undefined) throw new Error(`No route of ${step} takes the order`)
    return [step, found.vendor] as const
  })
  return Object.fromEntries(chosen)
}
