import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { until } from '../until.ts'
import { type Answer, type Cloud, startCloud } from './cloud.ts'
import { realOrders, sampleOrder } from './orders.ts'

let cloud: Cloud
let token: string

beforeAll(async () => {
  cloud = await startCloud()
  token = await cloud.token()
})
afterAll(() => cloud?.stop())

interface Placed {
  orderId: string
  status: string
  message: string
  total: number
  currency: string
  createdAt: string
}

describe('an order', () => {
  test('is accepted at once and becomes READY_FOR_FULFILLMENT with AWB, WMS reference and timeline', async () => {
    const placed = await cloud.place<Placed>(token, sampleOrder('path-1'))

    expect(placed.status).toBe(201)
    expect(placed.headers.get('location')).toBe(`/orders/${placed.body.orderId}`)
    expect(placed.body).toEqual({
      orderId: expect.stringMatching(/^ord_[0-9a-f]{32}$/),
      status: 'CREATED',
      message: 'Order successfully created.',
      total: 44_000,
      currency: 'USD',
      createdAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
    })
    const { orderId } = placed.body
    const ready = await cloud.follow(token, orderId, ({ status }) => status === 'READY_FOR_FULFILLMENT')
    expect(ready).toMatchObject({
      awb: expect.any(String),
      wmsReference: expect.any(String),
      customer: { name: 'Paul Henriot' },
    })
    expect(ready.timeline.map(({ type }) => type)).toEqual([
      'CREATED',
      'AWB_GENERATED',
      'READY_FOR_FULFILLMENT',
    ])
    expect(ready.attention).toBeUndefined()
  })

  test('is listed to its owner only, newest first and page by page', async () => {
    const other = await cloud.token('shop-that-lists')
    for (const reference of ['a', 'b', 'c']) await cloud.place(other, sampleOrder(reference))
    const list = (query: string) =>
      cloud.request<{ orders: { reference: string }[]; nextCursor?: string }>('GET', `/orders?${query}`, {
        headers: { authorization: `Bearer ${other}` },
      })

    const first = await list('limit=2')
    const second = await list(`limit=2&cursor=${first.body.nextCursor}`)

    expect(first.body.orders.map(({ reference }) => reference)).toEqual(['c', 'b'])
    expect(second.body.orders.map(({ reference }) => reference)).toEqual(['a'])
    expect(second.body.nextCursor).toBeUndefined()
  })

  test('that twenty clients place at once with one key is one order', async () => {
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => cloud.place(token, sampleOrder('at-once'), 'one-key')),
    )

    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([201]))
    expect(new Set(answers.map(({ body }) => JSON.stringify(body))).size).toBe(1)
    expect(answers.filter(({ headers }) => headers.get('idempotency-replayed') === null)).toHaveLength(1)
  })

  test('that is placed twice by its reference, without a key, is one order', async () => {
    const first = await cloud.place(token, sampleOrder('by-reference'))
    const second = await cloud.place(token, sampleOrder('by-reference'))

    expect(second.body).toEqual(first.body)
    expect(second.headers.get('idempotency-replayed')).toBe('true')
  })

  test('keeps every character of its reference all the way', async () => {
    const placed = await cloud.place(token, sampleOrder('Größe 🎁 № 7'))

    const ready = await cloud.follow(
      token,
      placed.body.orderId,
      ({ status }) => status === 'READY_FOR_FULFILLMENT',
    )
    expect(ready).toMatchObject({ reference: 'Größe 🎁 № 7' })
  })

  test('has the same key bare and quoted', async () => {
    const bare = await cloud.place(token, sampleOrder('quoted'), 'k-1')
    const quoted = await cloud.place(token, sampleOrder('quoted'), '"k-1"')

    expect(quoted.body.orderId).toBe(bare.body.orderId)
  })
})

describe('all the real orders', () => {
  test('placed twice, become one order, one AWB and one shipment each, by exactly one create call', async () => {
    await cloud.clearLedger('logistics')
    await cloud.clearLedger('wms')
    const shop = await cloud.token('shop-430')
    const placeAll = async (): Promise<Answer<Placed>[]> => {
      const answers: Answer<Placed>[] = []
      for (let index = 0; index < realOrders.length; index += 20)
        answers.push(
          ...(await Promise.all(
            realOrders
              .slice(index, index + 20)
              .map((order, offset) => cloud.place<Placed>(shop, order, `key-${index + offset}`)),
          )),
        )
      return answers
    }

    const first = await placeAll()
    const second = await placeAll()

    expect(first.map(({ status }) => status).filter((status) => status !== 201)).toEqual([])
    expect(second.map(({ body }) => body)).toEqual(first.map(({ body }) => body))
    const ids = new Set(first.map(({ body }) => body.orderId))
    expect(ids.size).toBe(430)
    for (const vendor of ['logistics', 'wms'] as const) {
      const ours = async () => (await cloud.ledger(vendor)).filter(({ reference }) => ids.has(reference))
      const entries = await until(ours, (all) => all.length === 430)
      expect(entries.filter(({ created, createCalls }) => created !== 1 || createCalls !== 1)).toEqual([])
    }
    for (const orderId of ids)
      await cloud.follow(shop, orderId, ({ status }) => status === 'READY_FOR_FULFILLMENT')
  })
})
