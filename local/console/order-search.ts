import * as z from 'zod'
import type { Tables } from './tables.ts'

/** What is searched for: a part of an id, a reference or an AWB, and what an order is held up by. */
const query = z.object({
  q: z.string().toLowerCase().default(''),
  attention: z.string().default(''),
  reason: z.string().default(''),
  from: z.coerce.number().int().min(0).default(0),
})

const pageSize = 15

/** Looks through all orders, the latest first. */
export const createOrderSearch =
  ({ orders }: Pick<Tables, 'orders'>) =>
  (asked: unknown): object => {
    const { q, attention, reason, from } = query.parse(asked)
    const held = [...orders.values()]
      .reverse()
      .filter((order) => !attention || order.attention?.state === attention)
    const reasons = [...new Set(held.flatMap((order) => order.attention?.reason ?? []))].sort()
    const found = held
      .filter(({ orderId, reference = '', awb = '' }) =>
        `${orderId} ${reference} ${awb}`.toLowerCase().includes(q),
      )
      .filter((order) => !reason || order.attention?.reason === reason)
    return { orders: found.slice(from, from + pageSize), total: found.length, from, pageSize, reasons }
  }
