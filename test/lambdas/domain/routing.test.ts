import { describe, expect, test } from '@jest/globals'
import { type Routes, routed } from '../../../lambdas/domain/routing.ts'
import { orderBody, routes } from '../../builders.ts'

type Route = Routes['logistics'][number]

/** To Münster in Germany, of 3,130 cents. */
const order = { ...orderBody, ownerId: 'shop' }
const [item] = order.items
if (item === undefined) throw new Error('The sample has no item')
const item2 = { ...item, quantity: 2 }
const weighing = (...grams: (number | undefined)[]) => ({
  ...order,
  items: grams.map((weightGrams) => ({ ...item2, weightGrams })),
})
const from = (region: string | undefined) => ({
  ...order,
  shippingAddress: { ...order.shippingAddress, region },
})

const rest: Route = { vendor: 'carrier' }
const total = (min: number, max: number, currency = 'EUR') => ({ total: { min, max, currency } })
/** The carrier of an order, where couriers get what meets the conditions. */
const carrierOf = (when: Route['when'], of: Parameters<typeof routed>[0] = order) =>
  routed(of, { ...routes, logistics: [{ when, vendor: 'courier' }, rest] }).logistics

describe('a route takes an order', () => {
  test.each<[string, Route['when'], Route['when']]>([
    ['to one of its countries', { countries: ['FR', 'DE'] }, { countries: ['FR'] }],
    ['with one of its services', { services: ['express'] }, { services: ['economy', 'Express'] }],
    ['of one of its shops', { shops: ['other', 'shop'] }, { shops: ['shop-2'] }],
    ['of at least so much', total(3130, 9999), total(3131, 9999)],
    ['of at most so much', total(0, 3130), total(0, 3129)],
    ['in the currency of the amount', total(0, 9999, 'EUR'), total(0, 9999, 'USD')],
    ['within limits as vendors have them', { maxLengths: { city: 7 } }, { maxLengths: { city: 6 } }],
  ])('%s, and no other', (_, met, unmet) => {
    const express = { ...order, shippingService: 'express' }
    expect(carrierOf(met, express)).toBe('courier')
    expect(carrierOf(unmet, express)).toBe('carrier')
  })

  test('to one of its regions, and none whose address names no region', () => {
    expect(carrierOf({ regions: ['BE', 'NW'] }, from('NW'))).toBe('courier')
    expect(carrierOf({ regions: ['BE'] }, from('NW'))).toBe('carrier')
    expect(carrierOf({ regions: ['NW'] }, from(undefined))).toBe('carrier')
  })

  test('without a service only if it does not ask for one', () => {
    const { shippingService, ...without } = order
    expect(carrierOf({ services: ['express'] }, without)).toBe('carrier')
    expect(carrierOf({ countries: ['DE'] }, without)).toBe('courier')
  })

  test('that weighs so much in all: from the least to the most', () => {
    const middle = { weightGrams: { min: 1000, max: 1998 } }
    const carriers = [499, 500, 999, 1000].map((grams) => carrierOf(middle, weighing(grams)))
    expect(carriers).toEqual(['carrier', 'courier', 'courier', 'carrier'])
  })

  test('of unknown weight is in no weight range, since it may be too heavy', () => {
    const any = { weightGrams: { min: 1, max: 1_000_000 } }
    expect(carrierOf(any, weighing(100, undefined))).toBe('carrier')
    expect(carrierOf(any, weighing(100, 0))).toBe('courier')
  })

  test('that meets all of its conditions, and not just one', () => {
    expect(carrierOf({ countries: ['DE'], shops: ['shop'] })).toBe('courier')
    expect(carrierOf({ countries: ['DE'], shops: ['other'] })).toBe('carrier')
    expect(carrierOf({ countries: ['FR'], shops: ['shop'] })).toBe('carrier')
  })
})

describe('of several routes', () => {
  test('the first one that matches an order gets it', () => {
    const logistics: Route[] = [
      { when: { countries: ['FR'] }, vendor: 'french' },
      { when: { countries: ['DE'] }, vendor: 'german' },
      { when: { shops: ['shop'] }, vendor: 'shops' },
      rest,
    ]
    expect(routed(order, { ...routes, logistics }).logistics).toBe('german')
  })

  test('the last one gets what no other takes', () => {
    const logistics: Route[] = [{ when: { countries: ['FR'] }, vendor: 'french' }, rest]
    expect(routed(order, { ...routes, logistics }).logistics).toBe('carrier')
  })

  test('an order without a matching route is an error, not an order without a vendor', () => {
    const logistics: Route[] = [{ when: { countries: ['FR'] }, vendor: 'french' }]
    expect(() => routed(order, { ...routes, logistics })).toThrow('No route of logistics takes the order')
  })
})

test('each step has routes of its own', () => {
  const own: Routes = {
    ...routes,
    logistics: [{ when: { countries: ['FR'] }, vendor: 'courier' }, rest],
    wms: [{ when: { countries: ['DE'] }, vendor: 'berlin' }, { vendor: 'lyon' }],
  }
  expect(routed(order, own)).toMatchObject({ logistics: 'carrier', wms: 'berlin' })
})
