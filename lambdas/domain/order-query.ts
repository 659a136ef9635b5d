import * as z from 'zod/mini'
import { orderIdPattern } from './identity.ts'

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
export type OrderQuery = z.output<typeof orderQuery>

/** The cursor that asks for the page after a position. */
export const cursorOf = (after: Position): string => Buffer.from(JSON.stringify(after)).toString('base64url')
