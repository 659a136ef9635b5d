import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import type { Cloud } from './cloud.ts'
import { cloudUnderTest } from './deployed-cloud.ts'
import { sampleOrder as orderNamed, realOrders } from './orders.ts'
import { type Placed, placeTwice } from './place-twice.ts'

/** Makes references unique, because a deployed stack still has the orders of earlier runs. */
const run = randomUUID()
const named = (name: string) => `${name}-${run}`
const sampleOrder = (name: string) => orderNamed(named(name))

let cloud: Cloud
let token: string

beforeAll(async () => {
  cloud = await cloudUnderTest()
  token = await cloud.token()
})
afterAll(() => cloud?.stop())

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

    expect(first.body.orders.map(({ reference }) => reference)).toEqual(['c', 'b'].map(named))
    expect(second.body.orders[0]?.reference).toBe(named('a'))
    const theirs = [...first.body.orders, ...second.body.orders].map(({ reference }) => reference)
    expect(theirs).not.toContain(named('path-1'))
  })

  test('that twenty clients place at once with one key is one order', async () => {
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => cloud.place(token, sampleOrder('at-once'), named('one-key'))),
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

  test('keeps every character of its reference', async () => {
    const placed = await cloud.place(token, sampleOrder('Größe 🎁 № 7'))

    const ready = await cloud.follow(
      token,
      placed.body.orderId,
      ({ status }) => status === 'READY_FOR_FULFILLMENT',
    )
    expect(ready).toMatchObject({ reference: named('Größe 🎁 № 7') })
  })

  test('has the same key with and without quotes', async () => {
    const bare = await cloud.place(token, sampleOrder('quoted'), named('k-1'))
    const quoted = await cloud.place(token, sampleOrder('quoted'), `"${named('k-1')}"`)

    expect(quoted.body.orderId).toBe(bare.body.orderId)
  })
})

test('real orders, placed twice, become one order, one AWB and one shipment each, by exactly one create call', async () => {
  await placeTwice(
    cloud,
    realOrders.filter((_, index) => index % 10 === 0),
  )
})
