import { readFileSync } from 'node:fs'
import { join } from 'node:path'

/** An order as a shop sends it, as far as tests vary it. */
export interface SampleOrder {
  reference?: string
  shippingAddress: { country: string; line1: string }
  [field: string]: unknown
}

/** The 430 real orders of test/data, without their references where a key is to name them. */
export const realOrders: SampleOrder[] = readFileSync(
  join(import.meta.dirname, '..', 'data', 'orders.jsonl'),
  'utf8',
)
  .trim()
  .split('\n')
  .map((line): SampleOrder => JSON.parse(line))

/** A real order by its position, with another reference, so that each call names another order. */
export function sampleOrder(reference: string, index = 0): SampleOrder {
  const order = realOrders[index % realOrders.length]
  if (order === undefined) throw new Error('There are no sample orders')
  return { ...order, reference }
}
