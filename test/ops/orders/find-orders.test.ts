import { beforeEach, describe, expect, test } from '@jest/globals'
import { createOutboxRepository } from '../../../lambdas/adapters/outbox-repository.ts'
import type { Order } from '../../../lambdas/domain/order.ts'
import { deadLettered } from '../../../lambdas/domain/step-changes.ts'
import { listOrders } from '../../../ops/order.ts'
import { findOrders } from '../../../ops/orders/find-orders.ts'
import type { Filter } from '../../../ops/orders/listing.ts'
import {
  at,
  changed,
  graceMs,
  lanes,
  orderIdAt,
  storedOrder,
  t0,
  vendorCode,
  without,
} from '../../builders.ts'
import { createDynamoDb, type DynamoDb } from '../../lambdas/dynamodb.ts'

let dynamoDb: DynamoDb
let told: string[]
beforeEach(async () => {
  dynamoDb = await createDynamoDb()
  told = []
})

const deps = () => ({
  repository: createOutboxRepository(dynamoDb.documents, 'orders'),
  vendors: lanes,
  shards: 16,
  now: () => t0 + 60_000,
  signal: new AbortController().signal,
  tell: (line: string) => void told.push(line),
})
const put = (order: Order) => dynamoDb.put('orders', order)
async function found(filter: Filter): Promise<string[]> {
  const ids: string[] = []
  for await (const orders of findOrders(deps(), filter)) ids.push(...orders.map(({ orderId }) => orderId))
  return ids
}
const [placed, waits, dead, ready, other] = [1, 2, 3, 4, 5].map((number) => orderIdAt(number, `${number}`))

/** Stores one order in each state. All are of shop-1 except one, which still owes an announcement. */
async function fill(): Promise<void> {
  const of = (orderId = '', change: Partial<Order> = {}) =>
    storedOrder({ orderId, ownerId: 'shop-1', createdAt: at(Number(orderId.at(-1)) * 1000), ...change })
  const attention = { state: 'waiting', step: 'logistics', reason: 'RATE_LIMITED', attempts: 0 } as const
  const cause = { reason: vendorCode('NO_STREET'), failure: 'permanent', question: undefined } as const
  await put(of(placed))
  await put(of(waits, { attention: { ...attention, since: at() } }))
  await put(changed(of(dead), deadLettered(of(dead), 'logistics', cause, { now: t0, graceMs })))
  await put(without(of(ready, { status: 'READY_FOR_FULFILLMENT' }), 'outboxDueAt', 'outboxPartition'))
  await put(of(other, { ownerId: 'shop-2', outboxPartition: 'announcement#5', status: 'CANCELLED' }))
}

describe('finding orders', () => {
  test('finds them by id, by shop, or in the indexes of unfinished orders', async () => {
    await fill()

    expect(await found({ order: ready })).toEqual([ready])
    expect(await found({ order: orderIdAt(9) })).toEqual([])
    expect(await found({ shop: 'shop-1' })).toEqual([ready, dead, waits, placed])
    expect((await found({})).sort()).toEqual([placed, waits, dead, other])
    expect(await found({ attention: 'dead-lettered' })).toEqual([dead])
    expect(await found({ attention: 'waiting' })).toEqual([waits])
    expect(await found({ attention: 'waiting', reason: 'TIME_OUT' })).toEqual([])
    expect((await found({ lane: 'carrier' })).sort()).toEqual([placed, waits, dead])
    expect(await found({ message: 'm-1' })).toEqual([])
  })

  test('reads a shop and an index page by page', async () => {
    const ids = Array.from({ length: 230 }, (_, index) => orderIdAt(index, '1'))
    for (const [index, orderId] of ids.entries()) await put(storedOrder({ orderId, outboxDueAt: at(index) }))

    expect(await found({ attention: undefined })).toEqual(ids)
    expect((await found({ shop: 'shop' })).sort()).toEqual(ids)
  })

  test('finds an order once, even if it moves to another lane meanwhile', async () => {
    await put(storedOrder({ orderId: placed ?? '' }))
    const { repository, ...others } = deps()
    const between = Array.from({ length: 120 }, (_, index) => orderIdAt(100 + index))
    const lanes = { carrier: [placed], warehouse: [placed, ...between, placed] }
    const due: typeof repository.due = async (partition, _until, _limit, after) =>
      Object.entries(lanes).flatMap(([lane, ids]) =>
        partition !== `${lane}#1` || after
          ? []
          : ids.map((orderId = '', index) => ({ orderId, outboxDueAt: at(index) })),
      )

    const ids: string[] = []
    for await (const orders of findOrders({ ...others, repository: { ...repository, due } }, {}))
      ids.push(...orders.map(({ orderId }) => orderId))

    expect(ids).toEqual([placed])
  })

  test('names orders that cannot be read, and finds the others', async () => {
    await fill()
    await dynamoDb.put('orders', { ...storedOrder({ orderId: waits ?? '' }), currency: 5 })

    expect(await found({ lane: 'carrier' })).toEqual([dead, placed])
    expect(told).toEqual([`${waits} cannot be read`])
  })
})

describe('order list', () => {
  test('counts all unfinished orders, but of a shop only the listed ones', async () => {
    await fill()

    const unfinished = await listOrders(deps(), {}, 1)
    const ofShop = await listOrders(deps(), { shop: 'shop-1' }, 1)

    expect(unfinished.json).toMatchObject({ rows: [{ orderId: dead }], limited: true })
    expect(unfinished.lines.at(-1)).toBe('1 of 4 are listed: --limit N lists more.')
    expect(ofShop.json).toMatchObject({
      rows: [{ orderId: ready, status: 'READY_FOR_FULFILLMENT' }],
      counts: [{ status: 'READY_FOR_FULFILLMENT', total: 1 }],
      limited: true,
    })
    expect(ofShop.lines.at(-1)).toBe('There may be more: --limit N lists more.')
  })

  test('is incomplete if it is interrupted', async () => {
    const interrupted = { ...deps(), signal: AbortSignal.abort() }

    expect(await listOrders(interrupted, {}, 1)).toMatchObject({ incomplete: true })
    expect(await listOrders(deps(), {}, 1)).toMatchObject({ incomplete: false })
  })

  test('says if a filter matches nothing', async () => {
    await fill()

    expect((await listOrders(deps(), { shop: 'shop-3' }, 9)).lines).toEqual([
      'There are no orders of shop shop-3.',
    ])
    expect((await listOrders(deps(), { attention: 'retrying' }, 9)).lines).toEqual([
      'There are no unfinished orders with attention retrying.',
    ])
  })
})
