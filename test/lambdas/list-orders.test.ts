import { beforeEach, describe, expect, test } from '@jest/globals'
import { at, httpRequest, lambdaContext, orderIdAt, storedOrder } from '../builders.ts'
import { environment } from './environment.ts'
import { createWorld, type World } from './step-world.ts'

Object.assign(process.env, environment)
const { createHandler } = await import('../../lambdas/list-orders.ts')

let world: World
beforeEach(async () => {
  world = await createWorld()
})

const deps = () => ({ repository: world.repository, telemetry: world.record.telemetry, ownerClaim: 'sub' })
async function list(query: Record<string, string> = {}, sub = 'shop') {
  const event = httpRequest({ query, sub })
  const { statusCode, body = '' } = await createHandler(deps())(event, lambdaContext())
  return { statusCode, body: JSON.parse(body) }
}

describe('the list', () => {
  beforeEach(async () => {
    for (const number of [1, 2, 3, 4, 5])
      await world.db.put('orders', storedOrder({ orderId: orderIdAt(number), createdAt: at(number) }))
  })
  const idsIn = (body: { orders: { orderId: string }[] }) => body.orders.map((order) => order.orderId)

  test('is newest first, page by page to its end, each order once', async () => {
    const first = await list({ limit: '2' })
    const second = await list({ limit: '2', cursor: first.body.nextCursor })
    const third = await list({ limit: '2', cursor: second.body.nextCursor })

    expect([first, second, third].flatMap(({ body }) => idsIn(body))).toEqual(
      [5, 4, 3, 2, 1].map((n) => orderIdAt(n)),
    )
    expect(third.body).not.toHaveProperty('nextCursor')
  })

  test('leaves out an order that cannot be read, and says so in the log', async () => {
    await world.db.put('orders', {
      ...storedOrder({ orderId: orderIdAt(3), createdAt: at(3) }),
      total: 'much',
    })

    const { statusCode, body } = await list()

    expect(statusCode).toBe(200)
    expect(idsIn(body)).toEqual([5, 4, 2, 1].map((n) => orderIdAt(n)))
    expect(world.record.lines).toContainEqual(
      expect.objectContaining({
        level: 'error',
        facts: expect.objectContaining({ orderId: orderIdAt(3) }),
      }),
    )
  })

  test("belongs to the caller, even with another shop's cursor", async () => {
    const { body } = await list({ limit: '1' })

    const others = await list({ cursor: body.nextCursor }, 'other')

    expect(others).toEqual({ statusCode: 200, body: { orders: [] } })
  })

  test.each([
    [{ limit: '0' }, 'limit'],
    [{ limit: '101' }, 'limit'],
    [{ cursor: 'nonsense' }, 'cursor'],
  ])('asked for by %j is a 400 that names the parameter', async (query, path) => {
    const { statusCode, body } = await list(query)

    expect(statusCode).toBe(400)
    expect(body.errors).toEqual([expect.objectContaining({ path })])
  })
})

describe('the list of very large orders', () => {
  test('has fewer on a page than were asked for, and leaves none out', async () => {
    const numbers = Array.from({ length: 40 }, (_, number) => number)
    // JSON writes these with a backslash, and twice in a function's result.
    const item = { sku: '"'.repeat(100), name: '"'.repeat(300), quantity: 1, unitPrice: 1 }
    const items = Array.from({ length: 100 }, () => item)
    for (const number of numbers)
      await world.db.put('orders', storedOrder({ orderId: orderIdAt(number), createdAt: at(number), items }))

    const first = await list({ limit: '100' })
    const second = await list({ limit: '100', cursor: first.body.nextCursor })

    expect(first.body.orders.length).toBeLessThan(40)
    const ids = [...first.body.orders, ...second.body.orders].map(({ orderId }) => orderId)
    expect(ids).toEqual(numbers.toReversed().map((number) => orderIdAt(number)))
    expect(second.body).not.toHaveProperty('nextCursor')
  })
})
