import { describe, expect, test } from '@jest/globals'
import * as z from 'zod/mini'
import { cursorOf, maxPageBytes, orderQuery, thatFit } from '../../../lambdas/domain/order-query.ts'
import { at, orderId, orderIdAt, storedOrder } from '../../builders.ts'

const parse = (query: Record<string, string>) => z.safeParse(orderQuery, query)
const encoded = (text: string) => Buffer.from(text).toString('base64url')

describe('the limit', () => {
  test.each([
    [{}, 20],
    [{ limit: '1' }, 1],
    [{ limit: '100' }, 100],
  ])('of %j is %d', (query, limit) => {
    expect(parse(query).data).toEqual({ limit })
  })

  test.each(['0', '101', '-1', '1.5', 'many', ''])('of "%s" is refused', (limit) => {
    expect(parse({ limit }).success).toBe(false)
  })
})

describe('the cursor', () => {
  const position = { createdAt: at(), orderId }

  test('comes back as the position that it was made of, and survives a URL', () => {
    const cursor = cursorOf(position)

    expect(cursor).toMatch(/^[\w-]+$/)
    expect(parse({ cursor }).data).toEqual({ limit: 20, cursor: position })
  })

  test.each([
    ['empty', ''],
    ['no base64', '§§'],
    ['any text', encoded('page 2')],
    ['without an order', encoded(at())],
    ['with an order id that cannot exist', encoded(`${at()} ord_`)],
    ['with a time that is none', encoded(`yesterday ${orderId}`)],
    ['with more than a position', encoded(`${at()} ${orderId} ${orderId}`)],
  ])('that is %s is refused', (_, cursor) => {
    expect(parse({ cursor }).error?.issues).toEqual([
      expect.objectContaining({ path: ['cursor'], message: 'Must be a nextCursor of an earlier page' }),
    ])
  })
})

describe('a page', () => {
  /** As large as an order can be, in characters that JSON writes with a backslash. */
  const large = (number: number) =>
    storedOrder({ orderId: orderIdAt(number), shippingService: '"'.repeat(120_000) })

  test('of orders of the usual size has them all', () => {
    const orders = Array.from({ length: 100 }, (_, number) => storedOrder({ orderId: orderIdAt(number) }))

    expect(thatFit(orders)).toEqual(orders)
  })

  test('of very large orders ends before it is larger than what a function may answer', () => {
    const orders = Array.from({ length: 100 }, (_, number) => large(number))

    const fitting = thatFit(orders)

    expect(fitting).toEqual(orders.slice(0, fitting.length))
    expect(Buffer.byteLength(JSON.stringify(JSON.stringify(fitting)))).toBeLessThan(maxPageBytes + 100_000)
    expect(fitting.length).toBeGreaterThan(5)
  })

  test('is never empty if there are orders', () => {
    expect(thatFit([storedOrder({ shippingService: 'x'.repeat(maxPageBytes) })])).toHaveLength(1)
    expect(thatFit([])).toEqual([])
  })
})
