import { describe, expect, test } from '@jest/globals'
import * as z from 'zod/mini'
import { fieldErrors } from '../../../lambdas/application/rejection.ts'
import {
  type Order,
  orderPage,
  orderReceipt,
  orderView,
  storedOrder as storedShape,
} from '../../../lambdas/domain/order.ts'
import {
  orderBody as bodyOfShop,
  type OrderRequest,
  orderRequest,
  totalOf,
} from '../../../lambdas/domain/order-request.ts'
import { orderBody, orderItem, storedOrder, without } from '../../builders.ts'
import { realOrders } from '../../e2e/orders.ts'

const item = (change: object) => ({ items: [{ ...orderItem, ...change }] })
const customer = (change: object) => ({ customer: { ...orderBody.customer, ...change } })
const address = (change: object) => ({ shippingAddress: { ...orderBody.shippingAddress, ...change } })
const charge = (type: string, amount: number) => ({ charges: [{ type, amount }] })
const characters = (count: number) => 'x'.repeat(count)
const entries = (count: number) =>
  Object.fromEntries(Array.from({ length: count }, (_, index) => [`key-${index}`, 'value']))

const parse = (change: object) => z.safeParse(bodyOfShop, { ...orderBody, ...change })
/** The paths of all the fields that are wrong. */
const wrongFields = (change: object): string[] => {
  const { error } = parse(change)
  return error ? fieldErrors(error).map(({ path }) => path) : []
}

test('an order that was stored before orders had a nonce can still be read', () => {
  expect(z.parse(storedShape(), without(storedOrder(), 'nonce')).nonce).toBe('00000')
})

describe('an order request', () => {
  test('is accepted for each of the 430 real orders, with a total', () => {
    const refused = realOrders.filter((order) => !z.safeParse(orderRequest, order).success)

    expect(realOrders).toHaveLength(430)
    expect(refused).toEqual([])
  })

  test.each<[string, object]>([
    ['only what is required', { reference: undefined, charges: undefined, metadata: undefined }],
    ['a reference of 100 characters', { reference: characters(100) }],
    ['100 items', { items: Array.from({ length: 100 }, () => orderItem) }],
    ['a quantity of 1,000,000', item({ quantity: 1_000_000, unitPrice: 1 })],
    ['a unit price of 0', item({ unitPrice: 0, quantity: 1_000 })],
    ['a unit price of 1,000,000,000,000', item({ unitPrice: 1_000_000_000_000 })],
    ['an item name of 300 characters', item({ name: characters(300) })],
    ['20 charges', { charges: Array.from({ length: 20 }, () => ({ type: 'tax', amount: 0 })) }],
    ['20 metadata entries', { metadata: entries(20) }],
    ['a metadata value of 200 characters', { metadata: { note: characters(200) } }],
    ['an empty metadata value', { metadata: { note: '' } }],
    [
      'null or "" where a field may be left out',
      address({ line2: null, region: '', phone: null, company: '' }),
    ],
    [
      "the recipient's phone, company and email",
      address({ phone: '1', company: 'B', email: 'b@example.com' }),
    ],
    ['an address in Kosovo', address({ country: 'XK' })],
    ['an HS code and an origin', item({ hsCode: '6109.10.00', originCountry: 'PT' })],
    ['dimensions', item({ dimensionsMm: { length: 300, width: 200, height: 10 } })],
    ['an emoji in a name', customer({ name: '🙂' })],
    ['names in other scripts', customer({ name: '山田 太郎' })],
  ])('is accepted with %s', (_, change) => {
    // A free item leaves nothing to take a discount from.
    expect(wrongFields({ charges: [], ...change })).toEqual([])
  })

  test.each<[string, object, string]>([
    ['no items', { items: [] }, 'items'],
    ['101 items', { items: Array.from({ length: 101 }, () => orderItem) }, 'items'],
    ['items that are no list', { items: 'x' }, 'items'],
    ['a quantity of 0', item({ quantity: 0 }), 'items.0.quantity'],
    ['a quantity of 1.5', item({ quantity: 1.5 }), 'items.0.quantity'],
    ['a quantity of 1,000,001', item({ quantity: 1_000_001 }), 'items.0.quantity'],
    ['a quantity as text', item({ quantity: '1' }), 'items.0.quantity'],
    ['a negative unit price', item({ unitPrice: -1 }), 'items.0.unitPrice'],
    ['a unit price with a fraction', item({ unitPrice: 0.5 }), 'items.0.unitPrice'],
    ['a unit price above the limit', item({ unitPrice: 1_000_000_000_001 }), 'items.0.unitPrice'],
    ['a negative weight', item({ weightGrams: -1 }), 'items.0.weightGrams'],
    ['no SKU', item({ sku: undefined }), 'items.0.sku'],
    ['a blank SKU', item({ sku: '  ' }), 'items.0.sku'],
    ['a SKU of which nothing can be seen', item({ sku: '\u200b\u3164' }), 'items.0.sku'],
    ['a line break in a SKU', item({ sku: 'A\nB' }), 'items.0.sku'],
    ['an escape sequence in a reference', { reference: 'A\u001b[2J' }, 'reference'],
    ['a noncharacter in a reference', { reference: 'A\uffff' }, 'reference'],
    ['half a surrogate pair in a name', customer({ name: 'A\ud800' }), 'customer.name'],
    ['a control character in a metadata value', { metadata: { note: 'A\u0000' } }, 'metadata.note'],
    ['metadata names that only white space tells apart', { metadata: { a: '1', ' a': '2' } }, 'metadata. a'],
    ['a metadata name __proto__', { metadata: JSON.parse('{"__proto__": "x"}') }, 'metadata.__proto__'],
    ['an HS code of four digits', item({ hsCode: '6109' }), 'items.0.hsCode'],
    ['an origin that is no country', item({ originCountry: 'XX' }), 'items.0.originCountry'],
    [
      'a length of 0',
      item({ dimensionsMm: { length: 0, width: 1, height: 1 } }),
      'items.0.dimensionsMm.length',
    ],
    ['a currency that is none', { currency: 'XXY' }, 'currency'],
    ['a currency in small letters', { currency: 'eur' }, 'currency'],
    ['a country that is none', address({ country: 'XX' }), 'shippingAddress.country'],
    ['a country in small letters', address({ country: 'de' }), 'shippingAddress.country'],
    ['a country of three letters', address({ country: 'DEU' }), 'shippingAddress.country'],
    ['no city', address({ city: undefined }), 'shippingAddress.city'],
    ['a line of 201 characters', address({ line1: characters(201) }), 'shippingAddress.line1'],
    ['a postal code of 21 characters', address({ postalCode: characters(21) }), 'shippingAddress.postalCode'],
    ['no customer name', customer({ name: '' }), 'customer.name'],
    ['an email that is none', customer({ email: 'ada' }), 'customer.email'],
    ['a reference of 101 characters', { reference: characters(101) }, 'reference'],
    ['a blank reference', { reference: ' ' }, 'reference'],
    ['21 charges', { charges: Array.from({ length: 21 }, () => ({ type: 'tax', amount: 0 })) }, 'charges'],
    ['charges that are no list', { charges: 'x' }, 'charges'],
    ['a charge of another type', charge('tip', 1), 'charges.0.type'],
    ['a negative tax', charge('tax', -1), 'charges.0.amount'],
    ['a negative shipping charge', charge('shipping', -1), 'charges.0.amount'],
    ['21 metadata entries', { metadata: entries(21) }, 'metadata'],
    ['a metadata value of 201 characters', { metadata: { note: characters(201) } }, 'metadata.note'],
    ['a metadata value that is no text', { metadata: { note: 1 } }, 'metadata.note'],
    ['a total below 0', charge('discount', 1_000_000), 'charges'],
    ['a total that is no safe integer', item({ quantity: 1_000_000, unitPrice: 1e12 }), 'charges'],
  ])('with %s is refused, naming %3$s', (_, change, path) => {
    expect(wrongFields(change)).toEqual([path])
  })

  test('with unknown fields is refused, naming each by its path', () => {
    const wrong = wrongFields({ total: 1, status: 'READY', ...item({ price: 1 }), ...address({ zip: '1' }) })

    expect(wrong.sort()).toEqual(['items.0.price', 'shippingAddress.zip', 'status', 'total'])
  })

  test('with several mistakes is refused with all of them at once', () => {
    const wrong = wrongFields({ currency: 'X', ...item({ quantity: 0 }), ...customer({ name: '' }) })

    expect(wrong.sort()).toEqual(['currency', 'customer.name', 'items.0.quantity'])
  })

  test.each([[null], [[]], ['text'], [1], [{}]])('that is %j is refused, and nothing throws', (body) => {
    expect(z.safeParse(orderRequest, body).success).toBe(false)
  })

  test('is taken in without the blanks around its texts', () => {
    expect(parse({ reference: ' shop-1 ' }).data?.reference).toBe('shop-1')
  })
})

describe('the total', () => {
  const total = (change: Partial<OrderRequest>) => totalOf({ ...orderBody, ...change })

  test('is items and charges together', () => {
    expect(total({})).toBe(2 * 1000 + 500 + 530 + 200 - 100)
  })

  test('is the items if there are no charges', () => {
    expect(totalOf({ items: orderBody.items })).toBe(2500)
  })

  test.each([100, -100])('falls by a discount, whichever sign it has: %d', (amount) => {
    expect(total({ charges: [{ type: 'discount', amount }] })).toBe(2400)
  })

  test('may be 0 and not less', () => {
    expect(wrongFields(charge('discount', 3000 - 500))).toEqual([])
    expect(wrongFields(item({ quantity: 1, unitPrice: 0 }))).toEqual([])
    expect(wrongFields(charge('discount', 2501))).toEqual(['charges'])
  })
})

describe('what the API answers', () => {
  const moved: Order = storedOrder({ status: 'AWB_GENERATED', awb: 'AWB-1', claim: undefined })

  test('has neither bookkeeping nor an owner', () => {
    const bookkeeping = /outbox|claim|version|fingerprint|owner|round|deadLetter|request|trace|unknown/i

    const fields = Object.keys(orderView(moved))

    expect(fields.filter((field) => bookkeeping.test(field))).toEqual([])
    expect(orderView(moved)).toMatchObject({ orderId: moved.orderId, status: 'AWB_GENERATED', awb: 'AWB-1' })
  })

  test('as a receipt is the same however far the order has got', () => {
    expect(orderReceipt(moved)).toEqual(orderReceipt(storedOrder()))
    expect(orderReceipt(moved)).toEqual({
      orderId: moved.orderId,
      status: 'CREATED',
      message: 'Order successfully created.',
      total: 3130,
      currency: 'EUR',
      createdAt: moved.createdAt,
    })
  })

  test('as a page has a cursor only if there is another one', () => {
    expect(JSON.parse(JSON.stringify(orderPage([moved], undefined)))).not.toHaveProperty('nextCursor')
    expect(orderPage([moved], 'cursor')).toMatchObject({ nextCursor: 'cursor' })
  })
})
