import * as z from 'zod/mini'
import { orderIdPattern } from './identity.ts'
import { type Order, orderView } from './order.ts'

// As exact as our own cursors are: DynamoDB fails on a start key that is empty or too long.
const position = z.object({
  createdAt: z.iso.datetime({ precision: 3 }),
  orderId: z.string().check(z.regex(orderIdPattern)),
})
/** Where a page of orders begins: after this one. */
export type Position = z.output<typeof position>

const cursor = z.pipe(
  z.string(),
  z.transform((value, context): unknown => {
    try {
      return JSON.parse(Buffer.from(value, 'base64url').toString('utf8'))
    } catch {
      context.issues.push({
        code: 'custom',
        input: value,
        message: 'Must be a nextCursor of an earlier page',
      })
      return z.NEVER
    }
  }),
)

/** The query of GET /orders. */
export const orderQuery = z.object({
  limit: z._default(z.coerce.number().check(z.int(), z.gte(1), z.lte(100)), 20),
  cursor: z.optional(z.pipe(cursor, position)),
})

/** The cursor that asks for the page after a position. */
export const cursorOf = ({ createdAt, orderId }: Position): string =>
  Buffer.from(JSON.stringify({ createdAt, orderId })).toString('base64url')

/** Lambda answers at most 6 MB: https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html */
export const maxPageBytes = 5_000_000

/** As many of the orders as one answer can carry: all of them, unless they are very large. */
export function thatFit(orders: readonly Order[]): readonly Order[] {
  let bytes = 0
  const tooMany = orders.findIndex((order) => {
    // The answer's JSON is a string in the function's result: quoted twice.
    bytes += Buffer.byteLength(JSON.stringify(JSON.stringify(orderView(order))))
    return bytes > maxPageBytes
  })
  return tooMany === -1 ? orders : orders.slice(0, Math.max(tooMany, 1))
}
