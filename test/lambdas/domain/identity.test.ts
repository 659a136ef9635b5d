import { describe, expect, test } from '@jest/globals'
import {
  fingerprintOf,
  orderIdOf,
  orderIdPattern,
  parseIdempotencyKey,
} from '../../../lambdas/domain/identity.ts'
import { orderBody } from '../../builders.ts'

const byKey = (value: string) => ({ of: 'idempotency-key' as const, value })
const byReference = (value: string) => ({ of: 'reference' as const, value })

describe('an order id', () => {
  test('is the same for the same owner and key', () => {
    expect(orderIdOf('shop', byKey('k'))).toBe(orderIdOf('shop', byKey('k')))
    expect(orderIdOf('shop', byKey('k'))).toMatch(orderIdPattern)
  })

  test('never changes from release to release, or a repeat would be a second order', () => {
    expect(orderIdOf('shop', byKey('k'))).toBe('ord_1b097759a57c900a120a37a71136cc2d')
    expect(orderIdOf('shop', byReference('k'))).toBe('ord_53e7f6eea4d4b2ea5be0c4dca5f5d572')
  })

  test('of a key and of a reference with the same text differ', () => {
    expect(orderIdOf('shop', byKey('1'))).not.toBe(orderIdOf('shop', byReference('1')))
  })

  test('differs if owner and key are equal only when concatenated', () => {
    const ids = [
      orderIdOf('a', byKey('bc')),
      orderIdOf('ab', byKey('c')),
      orderIdOf('a"', byKey(',"bc')),
      orderIdOf('a","idempotency-key","b', byKey('c')),
    ]

    expect(new Set(ids).size).toBe(ids.length)
  })
})

describe('a fingerprint', () => {
  test('is the same whatever order the fields came in', () => {
    const { items, ...rest } = orderBody
    const turned = { ...rest, items: items.map(({ quantity, sku, ...item }) => ({ ...item, sku, quantity })) }

    expect(fingerprintOf(turned)).toBe(fingerprintOf(orderBody))
  })

  test('differs with any value, and with the order of the items', () => {
    const { items } = orderBody
    const others = [
      { ...orderBody, reference: 'shop-2' },
      { ...orderBody, items: items.toReversed() },
      { ...orderBody, metadata: { basket: 'b-2' } },
      { ...orderBody, shippingAddress: { ...orderBody.shippingAddress, city: 'Köln' } },
    ]

    const prints = [orderBody, ...others].map((each) => fingerprintOf(each))

    expect(new Set(prints).size).toBe(prints.length)
  })
})

describe('an Idempotency-Key header', () => {
  test.each([
    ['bare', 'k-1', 'k-1'],
    ['quoted', '"k-1"', 'k-1'],
    ['with blanks around it', ' k-1 ', 'k-1'],
    ['with an escaped quote', '"k\\"1"', 'k"1'],
    ['with an escaped backslash', '"k\\\\1"', 'k\\1'],
    ['of 255 characters', 'x'.repeat(255), 'x'.repeat(255)],
    ['of 255 characters, quoted', `"${'x'.repeat(255)}"`, 'x'.repeat(255)],
  ])('%s names its key', (_, header, key) => {
    expect(parseIdempotencyKey(header)).toBe(key)
  })

  test.each([
    ['empty', ''],
    ['blank', '  '],
    ['quoted and empty', '""'],
    ['of 256 characters', 'x'.repeat(256)],
    ['with a blank inside', 'a b'],
    ['with a blank inside its quotes', '"a b"'],
    ['with a control character', 'a\u0007b'],
    ['beyond ASCII', 'schlüssel'],
  ])('%s is refused', (_, header) => {
    expect(parseIdempotencyKey(header)).toBeUndefined()
  })
})
