import * as z from 'zod/mini'
import { type Order, orderView } from './order.ts'

/** The order after which a page begins. */
export type Position = Pick<Order, 'createdAt' | 'orderId'>

/** Exactly the format of our own cursors: DynamoDB fails on a start key that is empty or too long. */
const positionPattern = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z) (ord_[0-9a-f]{32})$/

const cursor = z.pipe(
  z.string(),
  z.transform((value, context): Position => {
    const [, createdAt, orderId] = positionPattern.exec(Buffer.from(value, 'base64url').toString()) ?? []
    if (createdAt !== undefined && orderId !== undefined) return { createdAt, orderId }
    context.issues.push({ code: 'custom', input: value, message: 'Must be a nextCursor of an earlier page' })
    return z.NEVER
  }),
)

/** The query of GET /orders. */
export const orderQuery = z.object({
  limit: z._default(z.coerce.number().check(z.int(), z.gte(1), z.lte(100)), 20),
  cursor: z.optional(cursor),
})

/** The cursor that asks for the page after a position. */
export const cursorOf = ({ createdAt, orderId }: Position): string =>
  Buffer.from(`${createdAt} ${orderId}`).toString('base64url')

/** A Lambda response may have 6 MB: https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html */
export const maxPageBytes = 5_000_000

/** The orders that fit into one response: all of them, unless they are very large. */
export function thatFit(orders: readonly Order[]): readonly Order[] {
  let bytes = 0
  return orders.filter((order, index) => {
    // Encoded twice: the response's JSON is a string in the function's JSON result.
    bytes += Buffer.byteLength(JSON.stringify(JSON.stringify(orderView(order))))
    return index === 0 || bytes <= maxPageBytes
  })
}
