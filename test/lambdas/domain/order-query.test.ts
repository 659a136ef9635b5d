import { describe, expect, test } from '@jest/globals'
import * as z from 'zod/mini'
import { cursorOf, orderQuery } from '../../../lambdas/domain/order-query.ts'
import { at, orderId } from '../../builders.ts'

const parse = (query: Record<string, string>) => z.safeParse(orderQuery, query)
const encoded = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')

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
    ['no JSON', Buffer.from('{').toString('base64url')],
    ['no object', encoded(null)],
    ['without an order', encoded({ createdAt: at() })],
    ['with an order id that cannot exist', encoded({ ...position, orderId: '' })],
    ['with a time that is none', encoded({ ...position, createdAt: 'yesterday' })],
  ])('that is %s is refused', (_, cursor) => {
    expect(parse({ cursor }).success).toBe(false)
  })
})
