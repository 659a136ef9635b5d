import { randomUUID } from 'node:crypto'
import { expect } from '@jest/globals'
import { until } from '../until.ts'
import type { Answer, Cloud } from './cloud.ts'
import type { SampleOrder } from './orders.ts'

/** The response of POST /orders. */
export interface Placed {
  orderId: string
  status: string
  message: string
  total: number
  currency: string
  createdAt: string
}

/** Places orders twice, twenty at a time, and expects each vendor to make each order once. */
export async function placeTwice(cloud: Cloud, orders: readonly SampleOrder[]): Promise<void> {
  const run = randomUUID()
  const shop = await cloud.token('shop-430')
  /** Places an order, and like a buyer repeats it after a 5xx, as from a process that gets no CPU. */
  const click = (order: SampleOrder, key: string): Promise<Answer<Placed>> =>
    cloud.until(
      () => cloud.place<Placed>(shop, order, key),
      ({ status }) => status < 500,
    )
  const placeAll = async (): Promise<Answer<Placed>[]> => {
    const answers: Answer<Placed>[] = []
    for (let index = 0; index < orders.length; index += 20)
      answers.push(
        ...(await Promise.all(
          orders
            .slice(index, index + 20)
            .map((order, offset) => click(order, `key-${index + offset}-${run}`)),
        )),
      )
    return answers
  }

  const first = await placeAll()
  const second = await placeAll()

  expect(first.filter(({ status }) => status !== 200 && status !== 201)).toEqual([])
  expect(second.map(({ body }) => body)).toEqual(first.map(({ body }) => body))
  const ids = new Set(first.map(({ body }) => body.orderId))
  expect(ids.size).toBe(orders.length)
  for (const vendor of ['logistics', 'wms'] as const) {
    const ours = async () => (await cloud.ledger(vendor)).filter(({ reference }) => ids.has(reference))
    const entries = await until(
      ours,
      (all) => all.length === orders.length && all.every(({ created }) => created > 0),
    )
    expect(entries.filter(({ created, createCalls }) => created !== 1 || createCalls !== 1)).toEqual([])
  }
  for (const orderId of ids)
    await cloud.follow(shop, orderId, ({ status }) => status === 'READY_FOR_FULFILLMENT')
}
