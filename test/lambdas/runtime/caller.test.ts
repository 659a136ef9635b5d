import { describe, expect, test } from '@jest/globals'
import { callerOf } from '../../../lambdas/runtime/caller.ts'
import { httpRequest } from '../../builders.ts'

type Request = Parameters<typeof httpRequest>[0]
const caller = (request: Request, ownerClaim = 'sub') => callerOf(httpRequest(request), ownerClaim)
const forbidden = expect.objectContaining({ kind: 'forbidden' })

describe('the owner of what a caller places', () => {
  test('is the claim of its token that the config names', () => {
    expect(caller({ sub: 'shop-1' }).owner).toBe('shop-1')
    expect(caller({ sub: 'someone', clientId: 'shop-2' }, 'client_id').owner).toBe('shop-2')
  })

  test('may have 255 characters of any script', () => {
    expect(caller({ sub: '𝕏'.repeat(255) }).owner).toBe('𝕏'.repeat(255))
  })

  test.each(['', 'x'.repeat(256)])('is never the subject "%s", which is empty or too long', (sub) => {
    expect(() => caller({ sub }).owner).toThrow(forbidden)
  })

  test.each([
    ['shop/acme', 'acme'],
    ['orders/write orders/read shop/acme', 'acme'],
    ['shop/acme-2 orders/write', 'acme-2'],
  ])('is the shop in the scope "%s" of a client of the stack\'s own issuer', (scope, shop) => {
    expect(caller({ sub: 'client-1', scope }, 'scope').owner).toBe(shop)
  })

  test.each(['orders/write', 'orders/write workshop/acme', 'shop/', ''])(
    'is nobody with the scope "%s": never the client, whose orders would be another shop\'s',
    (scope) => {
      expect(() => caller({ sub: 'client-1', scope }, 'scope').owner).toThrow(forbidden)
    },
  )

  test.each(['sub', 'scope'])('is the shop that a marketplace names, whatever its own %s', (ownerClaim) => {
    const scope = 'orders/on-behalf shop/marketplace'

    expect(caller({ headers: { 'on-behalf-of': 'acme' }, scope }, ownerClaim).owner).toBe('acme')
  })

  test('is refused to a shop that names another', () => {
    const request = { headers: { 'on-behalf-of': 'acme' }, scope: 'orders/write orders/read shop/globex' }

    expect(() => caller(request, 'scope').owner).toThrow(forbidden)
  })

  test.each(['', 'acme,globex', 'acme globex', 'x'.repeat(256), 'acmé'])(
    'is not a marketplace\'s "%s"',
    (named) => {
      const request = { headers: { 'on-behalf-of': named }, scope: 'orders/on-behalf' }

      expect(() => caller(request).owner).toThrow(forbidden)
    },
  )
})

test('the audit trail names the client of the token, not the shop on whose behalf it calls', () => {
  const request = { sub: 'someone', headers: { 'on-behalf-of': 'acme' }, scope: 'orders/on-behalf' }

  expect(caller({ ...request, clientId: 'marketplace' }).client).toBe('marketplace')
  expect(caller(request).client).toBe('someone')
  expect(() => caller({ ...request, sub: '' }).client).toThrow(forbidden)
})

test.each([
  ['orders/read:all', true],
  ['orders/write orders/read:all', true],
  ['orders/read', false],
  ['orders/read:alles', false],
  ['', false],
])('a caller with the scope "%s" may read everything: %p', (scope, may) => {
  expect(caller({ scope }).has('orders/read:all')).toBe(may)
})
