import { unmarshall } from '@aws-sdk/util-dynamodb'
import * as z from 'zod'

/** DynamoDB, called as an SDK would. */
export type Call = (action: string, input: Record<string, unknown>) => Promise<unknown>

const page = z.object({
  Items: z.array(z.any()).default([]),
  LastEvaluatedKey: z.record(z.string(), z.unknown()).optional(),
})

/** All items of a table or an index. */
export const scan = async (
  call: Call,
  input: Record<string, unknown>,
): Promise<Record<string, unknown>[]> => {
  const items: Record<string, unknown>[] = []
  let ExclusiveStartKey: Record<string, unknown> | undefined
  do {
    const answer = page.parse(
      await call('Scan', { ...input, ...(ExclusiveStartKey && { ExclusiveStartKey }) }),
    )
    items.push(...answer.Items.map((item) => unmarshall(item)))
    ExclusiveStartKey = answer.LastEvaluatedKey
  } while (ExclusiveStartKey)
  return items
}

/** What the page lists of an order. */
const listed = z.object({
  orderId: z.string(),
  reference: z.string().optional(),
  awb: z.string().optional(),
  status: z.string(),
  total: z.number(),
  currency: z.string(),
  createdAt: z.string(),
  shippingAddress: z.object({ city: z.string(), country: z.string() }).optional(),
  attention: z.object({ state: z.string(), step: z.string(), reason: z.string() }).optional(),
})

/** What is searched for: a part of an id, a reference or an AWB, and what an order is held up by. */
const query = z.object({
  q: z.string().default(''),
  attention: z.string().default(''),
  reason: z.string().default(''),
  from: z.coerce.number().int().min(0).default(0),
})

const pageSize = 15

/** Looks through all orders, which are few enough here. */
export const createOrderSearch =
  (call: Call, TableName: string | undefined) =>
  async (asked: unknown): Promise<object> => {
    const { q, attention, reason, from } = query.parse(asked)
    const items = TableName ? z.array(listed).parse(await scan(call, { TableName })) : []
    const held = items.filter((order) => !attention || order.attention?.state === attention)
    const reasons = [...new Set(held.flatMap((order) => order.attention?.reason ?? []))].sort()
    const found = held
      .filter(({ orderId, reference = '', awb = '' }) => [orderId, reference, awb].join(' ').includes(q))
      .filter((order) => !reason || order.attention?.reason === reason)
      .sort((a, b) => b.createdAt.localeCompare(a.createdAt))
    return { orders: found.slice(from, from + pageSize), total: found.length, from, pageSize, reasons }
  }
