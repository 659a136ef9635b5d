import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import type { Cloud, OrderView } from './cloud.ts'
import { cloudUnderTest } from './deployed-cloud.ts'
import { sampleOrder } from './orders.ts'
import { isReady } from './shop.ts'

/** Makes references unique, because a deployed stack still has the orders of earlier runs. */
const run = randomUUID()
const named = (name: string) => `${name}-${run}`

let cloud: Cloud
/** Tokens of two shops. */
let mine: string
let theirs: string

beforeAll(async () => {
  cloud = await cloudUnderTest()
  mine = await cloud.token('shop-1')
  theirs = await cloud.token('shop-2')
})
afterAll(() => cloud?.stop())

const ask = <Body>(token: string, method: string, path: string, headers = {}, body?: unknown) =>
  cloud.request<Body>(method, path, {
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', ...headers },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  })

describe('by its id, the order of a shop', () => {
  test.each([
    ['is read', 'GET', ''],
    ['is cancelled', 'POST', '/cancellation'],
    ['is corrected', 'PATCH', ''],
  ])(
    '%s by no other shop, which gets the same response as for an order that does not exist',
    async (_does, method, action) => {
      const { orderId } = (await cloud.place(mine, sampleOrder(named(`by-id-${method}`)))).body
      const patch = method === 'PATCH' ? { shippingAddress: { line2: 'Door 7' } } : undefined
      const unknown = `ord_${run.replaceAll('-', '')}`

      const answer = await ask<object>(theirs, method, `/orders/${orderId}${action}`, {}, patch)
      const ofNone = await ask<object>(theirs, method, `/orders/${unknown}${action}`, {}, patch)

      expect(answer.status).toBe(404)
      const shown = JSON.stringify(answer.body).replaceAll(orderId, unknown)
      expect(JSON.parse(shown)).toEqual({ ...ofNone.body, instance: expect.any(String) })
      const order = await cloud.follow(mine, orderId, isReady)
      expect(order.timeline.map(({ type }) => type)).toEqual([
        'CREATED',
        'AWB_GENERATED',
        'READY_FOR_FULFILLMENT',
      ])
      expect(JSON.stringify(order)).not.toContain('Door 7')
    },
  )
})

describe.each([
  ['key', (name: string) => [{ ...sampleOrder(''), reference: undefined }, named(name)] as const],
  ['reference', (name: string) => [sampleOrder(named(name)), undefined] as const],
])('by its %s, the order of a shop', (by, request) => {
  test('is not found by another shop, which places its own order, with the same body or another', async () => {
    const [order, key] = request(`same-${by}`)
    const other = { ...order, currency: 'CHF' }

    const first = await cloud.place(mine, order, key)
    const answers = [
      await cloud.place(theirs, order, key),
      await cloud.place(await cloud.token('shop-2'), order, key),
    ]
    const conflict = await cloud.place(theirs, other, key)

    expect(answers.map(({ status }) => status)).toEqual([201, 201])
    expect(answers.map(({ headers }) => headers.get('idempotency-replayed'))).toEqual([null, 'true'])
    expect(new Set(answers.map(({ body }) => body.orderId)).size).toBe(1)
    expect(answers[0]?.body.orderId).not.toBe(first.body.orderId)
    // The conflict is with the shop's own order, and names that one.
    expect(conflict.status).toBe(422)
    expect(JSON.stringify(conflict.body)).toContain(answers[0]?.body.orderId)
    expect(JSON.stringify(conflict.body)).not.toContain(first.body.orderId)
  })
})

test("a shop's cursor lists none of its orders to another shop", async () => {
  interface Page {
    orders: Pick<OrderView, 'orderId'>[]
    nextCursor?: string
  }
  const ids: string[] = []
  for (const name of ['a', 'b', 'c']) {
    const { body } = await cloud.place(mine, sampleOrder(named(`listed-${name}`)))
    ids.push(body.orderId)
  }
  const { body: page } = await ask<Page>(mine, 'GET', '/orders?limit=1')
  expect(page.orders.map(({ orderId }) => orderId)).toEqual([ids[2]])

  const next = await ask<Page>(theirs, 'GET', `/orders?cursor=${page.nextCursor}`)
  const all = await ask<Page>(theirs, 'GET', '/orders?limit=100')

  expect([next.status, all.status]).toEqual([200, 200])
  const listed = [...next.body.orders, ...all.body.orders].map(({ orderId }) => orderId)
  for (const id of ids) expect(listed).not.toContain(id)
})

test('a shop that calls on behalf of another is refused, and nothing is changed', async () => {
  const { orderId } = (await cloud.place(mine, sampleOrder(named('on-behalf')))).body
  const headers = { 'on-behalf-of': 'shop-1' }

  const answers = [
    await ask(theirs, 'GET', `/orders/${orderId}`, headers),
    await ask(theirs, 'GET', '/orders', headers),
    await ask(theirs, 'POST', `/orders/${orderId}/cancellation`, headers),
    await ask(theirs, 'POST', '/orders', headers, sampleOrder(named('for-another'))),
  ]

  expect(answers.map(({ status }) => status)).toEqual([403, 403, 403, 403])
  await cloud.follow(mine, orderId, isReady)
})

test("an order's id cannot be guessed: consecutive ids of a shop have nothing in common", async () => {
  const ids = await Promise.all(
    Array.from({ length: 8 }, async (_, number) => {
      const { body } = await cloud.place(mine, sampleOrder(named(`guessed-${number}`)))
      return body.orderId.replace('ord_', '')
    }),
  )

  const prefixes = new Set(ids.map((id) => id.slice(0, 8)))
  const endings = new Set(ids.map((id) => id.slice(-8)))
  expect([prefixes.size, endings.size]).toEqual([8, 8])
})
