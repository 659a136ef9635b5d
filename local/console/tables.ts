import { unmarshall } from '@aws-sdk/util-dynamodb'
import * as z from 'zod'
import type { Writes } from '../services/dynamodb.ts'
import type { Topology } from './topology.ts'

/** The attributes of a stored order that the page shows or derives its progress from. */
const order = z.object({
  orderId: z.string(),
  reference: z.string().optional(),
  awb: z.string().optional(),
  status: z.string(),
  total: z.number(),
  currency: z.string(),
  createdAt: z.string(),
  vendors: z.record(z.string(), z.string()).default({}),
  made: z.record(z.string(), z.unknown()).default({}),
  shippingAddress: z.object({ city: z.string(), country: z.string() }).optional(),
  attention: z.object({ state: z.string(), step: z.string(), reason: z.string() }).optional(),
  outboxPartition: z.string().optional(),
  outboxEventId: z.string().optional(),
  deadLetterPartition: z.string().optional(),
  deadLetteredAt: z.string().optional(),
})

/** A vendor's circuit breaker, as the workers store it. */
const circuit = z.object({
  vendor: z.string(),
  state: z.enum(['closed', 'open']),
  since: z.number().optional(),
  until: z.number().optional(),
  reason: z.string().optional(),
  heldSince: z.number().optional(),
})

/** A live copy of a table's items, keyed by `key`, oldest first, with only the attributes of `shape`. */
const follow = <S extends z.ZodRawShape>(
  writes: Writes,
  [table, key]: [string | undefined, string],
  shape: z.ZodObject<S>,
) => {
  const items = new Map<string | undefined, z.output<z.ZodObject<S>>>()
  writes.on('write', (written, before, after) => {
    if (written !== table) return
    const kept = Object.keys(shape.shape).flatMap((name) => (after?.[name] ? [[name, after[name]]] : []))
    const { data } = shape.safeParse(unmarshall(Object.fromEntries(kept)))
    const id = (after ?? before)?.[key]?.S
    data ? items.set(id, data) : items.delete(id)
  })
  return items
}

/** Keeps the tables' contents up to date from each write, because scanning them would get slower with every order. */
export const followTables = (writes: Writes, { tables }: Topology) => ({
  orders: follow(writes, [tables.orders, 'orderId'], order),
  circuits: follow(writes, [tables.circuits, 'vendor'], circuit),
})

export type Tables = ReturnType<typeof followTables>

/** The search: `q` is part of an order id, reference or AWB; the rest filters by what holds an order up. */
const query = z.object({
  q: z.string().toLowerCase().default(''),
  attention: z.string().default(''),
  reason: z.string().default(''),
  from: z.coerce.number().int().min(0).default(0),
})

const pageSize = 15

/** Searches all orders, newest first. */
export const searchOrders = (orders: Tables['orders'], asked: unknown): object => {
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
