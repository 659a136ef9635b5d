import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { type Cloud, startCloud } from './cloud.ts'
import { sampleOrder } from './orders.ts'

let cloud: Cloud
let token: string

beforeAll(async () => {
  cloud = await startCloud()
  token = await cloud.token()
})
afterAll(() => cloud?.stop())

interface ProblemDetails {
  type: string
  title: string
  status: number
  detail: string
  errors?: { path: string; message: string }[]
}

const post = (body: string, headers: Record<string, string> = {}) =>
  cloud.request<ProblemDetails>('POST', '/orders', {
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', ...headers },
    body,
  })

/** Everything that a refused request could have written. */
const traces = async () => ({
  orders: (
    await cloud.request<{ orders: unknown[] }>('GET', '/orders', {
      headers: { authorization: `Bearer ${token}` },
    })
  ).body.orders.length,
  events: (await cloud.events()).length,
})

describe('a request that is refused writes nothing', () => {
  const { reference, ...anonymous } = sampleOrder('unused')
  const valid = JSON.stringify(sampleOrder('never-written'))

  test.each([
    ['without a token', 401, valid, { authorization: '' }],
    ['with a wrong token', 401, valid, { authorization: 'Bearer eyJhbGciOiJub25lIn0.e30.' }],
    ['with malformed JSON', 400, '{"reference": ', {}],
    ['with neither key nor reference', 400, JSON.stringify(anonymous), {}],
    ['with an empty key', 400, valid, { 'idempotency-key': '""' }],
    ['with a key that is too long', 400, valid, { 'idempotency-key': 'k'.repeat(256) }],
    ['with too large a body', 413, JSON.stringify({ filler: 'x'.repeat(130 * 1024) }), {}],
    ['with another content type', 415, valid, { 'content-type': 'text/plain' }],
    ['with an unknown currency', 400, JSON.stringify({ ...sampleOrder('x'), currency: 'XXZ' }), {}],
  ])('%s: %i', async (_name, status, body, headers) => {
    const before = await traces()

    const answer = await post(body, headers)

    expect(answer.status).toBe(status)
    if (status !== 401) {
      expect(answer.headers.get('content-type')).toBe('application/problem+json')
      expect(answer.body).toMatchObject({ status, title: expect.any(String), detail: expect.any(String) })
    } else expect(answer.body).toEqual({ message: 'Unauthorized' })
    expect(await traces()).toEqual(before)
  })

  test('with a token that lacks the scope: 403, as API Gateway words it', async () => {
    const before = await traces()
    const reader = await cloud.token('shop-1', 'orders/read')

    const answer = await cloud.place(reader, sampleOrder('no-scope'))

    expect(answer.status).toBe(403)
    expect(answer.body).toEqual({ message: 'Forbidden' })
    expect(await traces()).toEqual(before)
  })

  test('with several wrong fields: 400, naming each by its path', async () => {
    const before = await traces()
    const wrong = {
      ...sampleOrder('wrong'),
      shippingAddress: { name: 'A', line1: 'B', city: 'C', country: 'Germany' },
      items: [{ sku: 'A', quantity: 0, unitPrice: 1.5 }],
      colour: 'blue',
    }

    const answer = await post(JSON.stringify(wrong))

    expect(answer.status).toBe(400)
    expect(answer.body.errors?.map(({ path }) => path).sort()).toEqual([
      'colour',
      'items.0.quantity',
      'items.0.unitPrice',
      'shippingAddress.country',
    ])
    expect(await traces()).toEqual(before)
  })
})

describe('a key or reference', () => {
  test('that is reused for a different order is refused with 422, and the first order is unchanged', async () => {
    const { reference: _, ...anonymous } = sampleOrder('once', 0)
    const first = await cloud.place(token, anonymous, 'reused')
    const before = await traces()

    const byKey = await cloud.place(token, { ...anonymous, currency: 'CHF' }, 'reused')
    await cloud.place(token, sampleOrder('reused-reference', 0))
    const byReference = await cloud.place(token, sampleOrder('reused-reference', 1))

    expect([byKey.status, byReference.status]).toEqual([422, 422])
    expect((await traces()).orders).toBe(before.orders + 1)
    expect(await cloud.order(token, first.body.orderId)).toMatchObject({ currency: anonymous.currency })
  })
})

describe('the order of another shop', () => {
  test('is hidden from another shop, and visible to support', async () => {
    const { body } = await cloud.place(token, sampleOrder('private'))
    const get = async (bearer: string) =>
      (
        await cloud.request('GET', `/orders/${body.orderId}`, {
          headers: { authorization: `Bearer ${bearer}` },
        })
      ).status

    expect(await get(await cloud.token('shop-2'))).toBe(404)
    expect(await get(await cloud.token('support', 'orders/read:all'))).toBe(200)
    expect(await get(token)).toBe(200)
  })

  test('that does not exist is a 404 with problem details', async () => {
    const answer = await cloud.request<ProblemDetails>('GET', `/orders/ord_${'0'.repeat(32)}`, {
      headers: { authorization: `Bearer ${token}` },
    })

    expect(answer.status).toBe(404)
    expect(answer.headers.get('content-type')).toBe('application/problem+json')
  })
})

test("a path without a route gets API Gateway's own 404", async () => {
  const answer = await cloud.request('GET', '/nothing-here', {
    headers: { authorization: `Bearer ${token}` },
  })

  expect(answer.status).toBe(404)
  expect(answer.body).toEqual({ message: 'Not Found' })
})
