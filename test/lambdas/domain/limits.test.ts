import { readFileSync } from 'node:fs'
import { runInNewContext } from 'node:vm'
import { describe, expect, test } from '@jest/globals'
import * as z from 'zod/mini'
import { type Limits, limits as schema, withinLimits } from '../../../lambdas/domain/limits.ts'
import type { OrderRequest } from '../../../lambdas/domain/order-request.ts'
import { orderBody, orderItem } from '../../builders.ts'

const { line2: _, ...shippingAddress } = orderBody.shippingAddress
const order: OrderRequest = { ...orderBody, shippingAddress, items: [orderItem] }
const to = (change: Partial<OrderRequest['shippingAddress']>): OrderRequest => ({
  ...order,
  shippingAddress: { ...shippingAddress, ...change },
})
/** What is wrong with an order for a carrier with these limits. */
const pathsFor = (limits: Limits, request = order) =>
  withinLimits(request, [limits, {}]).errors.map(({ path }) => path)

test('an order for vendors without limits is as it was', () => {
  expect(withinLimits(order, [{}])).toEqual({ order, errors: [] })
})

describe('a first address line of more characters than a vendor prints', () => {
  const limits: Limits = { maxLengths: { line1: 35 } }
  const divided = (line1: string, line2?: string) =>
    withinLimits(to({ line1, ...(line2 && { line2 }) }), [limits])

  test.each([
    [
      'Straße des siebzehnten Juni 135, Hinterhaus links',
      'Straße des siebzehnten Juni 135,',
      'Hinterhaus links',
    ],
    [`${'x'.repeat(35)} 2`, 'x'.repeat(35), '2'],
    [`${'x'.repeat(30)}   ${'y'.repeat(35)}`, 'x'.repeat(30), 'y'.repeat(35)],
  ])('goes on in the second one: %s', (line1, first, second) => {
    const { order: fitted, errors } = divided(line1)

    expect(errors).toEqual([])
    expect(fitted.shippingAddress).toEqual({ ...shippingAddress, line1: first, line2: second })
  })

  test.each([
    ['that has no place to be divided at', 'x'.repeat(36), undefined],
    ['whose rest is too long, too', `${'x'.repeat(20)} ${'y'.repeat(36)}`, undefined],
    ['beside a second one', `${'x'.repeat(30)} ${'y'.repeat(30)}`, '2nd floor'],
  ])('%s is refused with its path', (_name, line1, line2) => {
    expect(divided(line1, line2).errors).toEqual([
      { path: 'shippingAddress.line1', message: 'Must have at most 35 characters' },
    ])
  })

  test('is left alone if it is not too long', () => {
    expect(divided('x'.repeat(35)).order.shippingAddress).toEqual(
      to({ line1: 'x'.repeat(35) }).shippingAddress,
    )
  })
})

test.each<[string, Limits, OrderRequest, string[]]>([
  [
    'a second line that is too long',
    { maxLengths: { line1: 5 } },
    to({ line1: 'A', line2: '123456' }),
    ['shippingAddress.line2'],
  ],
  ['a city that is too long', { maxLengths: { city: 3 } }, to({ city: 'Rome' }), ['shippingAddress.city']],
  ['no company where one is needed', { patterns: { company: '.' } }, order, ['shippingAddress.company']],
  [
    'a phone in a form that it does not take',
    { patterns: { phone: '^\\+49 ?\\d+$' } },
    to({ phone: '030 1' }),
    ['shippingAddress.phone'],
  ],
  ['a country that it does not serve', { countries: ['AT'] }, order, ['shippingAddress.country']],
  ['a service that it does not offer', { services: ['GROUND'] }, order, ['shippingService']],
  [
    'an item without a weight',
    { weightGrams: { min: 1, max: 9000 } },
    { ...order, items: [{ sku: 'A', quantity: 1, unitPrice: 1 }] },
    ['items.0.weightGrams'],
  ],
  ['too little weight', { weightGrams: { min: 601, max: 9000 } }, order, ['items']],
  ['too much weight', { weightGrams: { min: 1, max: 599 } }, order, ['items']],
  [
    'nothing for customs',
    { customsFreeCountries: ['US'] },
    order,
    ['items.0.hsCode', 'items.0.originCountry'],
  ],
])('%s is refused with its path', (_name, limits, request, paths) => {
  expect(pathsFor(limits, request)).toEqual(paths)
})

test.each<[string, Limits, OrderRequest]>([
  ["the buyer's phone, where the recipient has none", { patterns: { phone: '^\\+49 30 1$' } }, order],
  ['a weight at its limits', { weightGrams: { min: 600, max: 600 } }, order],
  [
    'what customs asks for',
    { customsFreeCountries: ['US'] },
    { ...order, items: [{ ...orderItem, hsCode: '210610', originCountry: 'DE' }] },
  ],
  ['a country within the customs union without it', { customsFreeCountries: ['DE'] }, order],
  ['one of its countries and services', { countries: ['DE'], services: ['EXPRESS'] }, order],
])('%s is accepted', (_name, limits, request) => {
  expect(pathsFor(limits, request)).toEqual([])
})

test('the example in the vendor contract is one, and takes an order that follows it', () => {
  const docs = readFileSync(new URL('../../../docs/vendor-contract.md', import.meta.url), 'utf8')
  const [, example = ''] = /```ts\n\s*limits: (\{[\s\S]*?\n {2}\})\n\s*```/.exec(docs) ?? []
  const limits = z.parse(schema(), JSON.parse(JSON.stringify(runInNewContext(`(${example})`))))

  expect(pathsFor(limits, to({ phone: '+49 30 123456' }))).toEqual([])
  expect(pathsFor(limits, to({ phone: '030' }))).toEqual(['shippingAddress.phone'])
})
