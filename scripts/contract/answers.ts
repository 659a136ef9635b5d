import * as z from 'zod/mini'
import { type orderPage, type orderReceipt, shownOrder } from '../../lambdas/domain/order.ts'
import { type problemDetails, problems } from '../../lambdas/runtime/problem.ts'
import type { Proven, SameJson } from './same-json.ts'

/*
 * The schemas of the endpoints' responses. Only the documents need them, so they are not in the functions' bundles.
 * The types below make the compiler check that the functions return what these schemas describe.
 */

export const receipt = z.object({
  ...z.pick(shownOrder(), { orderId: true, total: true, currency: true, createdAt: true }).shape,
  status: z.literal('CREATED'),
  message: z.literal('Order successfully created.'),
})

/** A token without a scope to read gets only the id and the status. */
export const changedOrder = z.object({
  ...z.partial(shownOrder()).shape,
  ...z.pick(shownOrder(), { orderId: true, status: true }).shape,
})

export const page = z.object({ orders: z.array(shownOrder()), nextCursor: z.optional(z.string()) })

export const fieldError = z.object({ path: z.string(), message: z.string() })

const kinds = Object.values(problems)
export const problem = z.object({
  type: z.literal('about:blank'),
  title: z.literal(kinds.map(({ title }) => title)),
  status: z.literal(kinds.map(({ status }) => status)),
  detail: z.string(),
  instance: z.string(),
  errors: z.optional(z.array(fieldError)),
})

export type Proofs = [
  Proven<SameJson<z.output<typeof receipt>, ReturnType<typeof orderReceipt>>>,
  Proven<SameJson<z.output<typeof page>, ReturnType<typeof orderPage>>>,
  Proven<SameJson<z.output<typeof problem>, ReturnType<typeof problemDetails>>>,
]
