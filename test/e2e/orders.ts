import { readFileSync } from 'node:fs'
import { join } from 'node:path'

/** An order request, with the fields that tests vary. */
export interface SampleOrder {
  reference?: string
  shippingAddress: { country: string; line1: string }
  [field: string]: unknown
}

/** The 430 real orders of test/data. */
export const realOrders: SampleOrder[] = readFileSync(
  join(import.meta.dirname, '..', 'data', 'orders.jsonl'),
  'utf8',
)
  .trim()
  .split('\n')
  .map((line): SampleOrder => JSON.parse(line))

/** The real order at this position, with its reference replaced. */
export function sampleOrder(reference: string, index = 0): SampleOrder {
  const order = realOrders[index % realOrders.length]
  if (order === undefined) throw new Error('There are no sample orders')
  return { ...order, reference }
}
