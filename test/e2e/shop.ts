import { randomUUID } from 'node:crypto'
import { expect } from '@jest/globals'
import type { Answer, Cloud, OrderView } from './cloud.ts'
import { sampleOrder } from './orders.ts'

export const isReady = ({ status }: OrderView) => status === 'READY_FOR_FULFILLMENT'
/** The types of an order's timeline entries, in order. */
export const happened = ({ timeline }: OrderView) => timeline.map(({ type }) => type).join(' ')
export const isStuck = (state: string) => (order: OrderView) => order.attention?.state === state

/** A shop that places orders, with references that no earlier run has used on a deployed stack. */
export function createShop(cloud: Cloud, token: string) {
  const run = randomUUID()
  let number = 0
  /** Places an order, and repeats it after a 5xx, as from a process that gets no CPU. */
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

  /** Follows orders one after the other, because polling takes CPU from the processes that it waits for. */
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
    /** Starts every process that a test may need, because starting processes starve each other. */
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
    /** Expects that a vendor made each order exactly once. */
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
