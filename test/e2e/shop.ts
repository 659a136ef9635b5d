import { randomUUID } from 'node:crypto'
import { expect } from '@jest/globals'
import type { Answer, Cloud, OrderView } from './cloud.ts'
import { sampleOrder } from './orders.ts'

export const isReady = ({ status }: OrderView) => status === 'READY_FOR_FULFILLMENT'
/** What happened to an order. */
export const happened = ({ timeline }: OrderView) => timeline.map(({ type }) => type).join(' ')
export const isStuck = (state: string) => (order: OrderView) => order.attention?.state === state

/** A shop that places order after order; a deployed stack remembers those of earlier runs. */
export function createShop(cloud: Cloud, token: string) {
  const run = randomUUID()
  let number = 0
  /** A process that gets no CPU answers 5xx: a shop places its order again. */
  const place = (order: unknown) =>
    cloud.until(
      () => cloud.place(token, order),
      ({ status }) => status < 500,
    )
  const authorization = `Bearer ${token}`

  /** Places orders, a few at a time, and returns their ids. */
  async function placeMany(count: number, change: Record<string, unknown> = {}): Promise<string[]> {
    const ids: string[] = []
    for (let done = 0; done < count; done += 10) {
      const answers = await Promise.all(
        Array.from({ length: Math.min(10, count - done) }, () =>
          place({ ...sampleOrder(`${++number}-${run}`, number), ...change }),
        ),
      )
      expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 201))
      ids.push(...answers.map(({ body }) => body.orderId))
    }
    return ids
  }

  /** One after the other: each question takes time of the processes that it waits for. */
  async function followAll(ids: string[], isThere: (order: OrderView) => boolean): Promise<OrderView[]> {
    const orders: OrderView[] = []
    for (const id of ids) orders.push(await cloud.follow(token, id, isThere))
    return orders
  }

  const ledgerOf = async (vendor: 'logistics' | 'wms' | 'easypost', ids: string[]) =>
    (await cloud.ledger(vendor)).filter(({ reference }) => ids.includes(reference))

  return {
    placeMany,
    async placeOne(change?: Record<string, unknown>): Promise<string> {
      const [orderId] = await placeMany(1, change)
      if (orderId === undefined) throw new Error('No order was placed')
      return orderId
    },
    /** Starts every process that a test may need, which starve each other meanwhile. */
    async warmUp(): Promise<void> {
      const ids = await placeMany(40)
      await cloud.until(
        () => ledgerOf('wms', ids),
        (made) => made.length === ids.length,
      )
      await followAll(ids, isReady)
    },
    follow: (orderId: string, isThere: (order: OrderView) => boolean) =>
      cloud.follow(token, orderId, isThere),
    followAll,
    ledgerOf,
    /** Sees that each order was made exactly once by a vendor. */
    async expectOneEach(vendor: 'logistics' | 'wms' | 'easypost', ids: string[]): Promise<void> {
      const entries = await ledgerOf(vendor, ids)
      expect(entries.map(({ created }) => created)).toEqual(ids.map(() => 1))
    },
    cancel: (orderId: string): Promise<Answer<OrderView>> =>
      cloud.request('POST', `/orders/${orderId}/cancellation`, { headers: { authorization } }),
    correct: (orderId: string, patch: object): Promise<Answer> =>
      cloud.request('PATCH', `/orders/${orderId}`, {
        headers: { authorization, 'content-type': 'application/merge-patch+json' },
        body: JSON.stringify(patch),
      }),
  }
}
/** See {@link createShop}. */
export type Shop = ReturnType<typeof createShop>
