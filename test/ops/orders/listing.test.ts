import { describe, expect, test } from '@jest/globals'
import { createListing, type Filter, inWords, meets, rowOf } from '../../../ops/orders/listing.ts'
import { at, orderId, orderIdAt, storedOrder, t0 } from '../../builders.ts'

const attention = { step: 'logistics', attempts: 5, since: at(60_000) } as const
const waiting = rowOf(
  storedOrder({
    ownerId: 'shop-1',
    attention: { ...attention, state: 'waiting', reason: 'CIRCUIT_OPEN:TIME_OUT' },
  }),
)

describe('a filter', () => {
  test.each<[Filter, boolean]>([
    [{}, true],
    [{ order: orderId, shop: 'shop-1', lane: 'carrier', attention: 'waiting' }, true],
    [{ order: orderIdAt(1) }, false],
    [{ message: 'm-1' }, false],
    [{ shop: 'shop-2' }, false],
    [{ lane: 'warehouse' }, false],
    [{ attention: 'retrying' }, false],
    [{ reason: 'CIRCUIT_OPEN:TIME_OUT' }, true],
    [{ reason: 'CIRCUIT_OPEN' }, true],
    [{ reason: 'CIRCUIT' }, false],
    [{ olderThan: 60_000 }, true],
    [{ olderThan: 60_001 }, false],
  ])('%j: %s', (filter, isMet) => {
    expect(meets(waiting, filter, t0 + 120_000)).toBe(isMet)
  })

  test('is described in words', () => {
    expect(inWords('orders', {})).toBe('orders')
    expect(inWords('orders', { lane: 'carrier', reason: undefined, olderThan: 7_200_000 })).toBe(
      'orders with lane carrier, an age over 2 h',
    )
  })
})

describe('a listing', () => {
  test('has a line for each order, and counts, the largest first', () => {
    const listing = createListing(2)
    for (const row of [rowOf(storedOrder({ reference: undefined })), waiting, waiting]) listing.add(row)

    const { lines, json } = listing.report('orders')

    expect(lines).toEqual([
      'orderId                               status   attention  lane     reason                 since                     shop    reference',
      `${orderId}  CREATED             carrier                         2026-11-22T12:00:00.000Z  shop`,
      `${orderId}  CREATED  waiting    carrier  CIRCUIT_OPEN:TIME_OUT  2026-11-22T12:01:00.000Z  shop-1  shop-1`,
      '',
      'status   attention  lane     reason                 total  oldest',
      'CREATED  waiting    carrier  CIRCUIT_OPEN:TIME_OUT      2  2026-11-22T12:01:00.000Z',
      'CREATED             carrier                             1  2026-11-22T12:00:00.000Z',
      '',
      '2 of 3 are listed: --limit N lists more.',
    ])
    expect(json).toMatchObject({
      rows: [{ orderId }, { orderId }],
      counts: [{ total: 2 }, { total: 1 }],
      limited: true,
    })
  })

  test('says if there is nothing to list', () => {
    expect(createListing(2).report('orders of shop a').lines).toEqual(['There are no orders of shop a.'])
  })

  test('says if there may be more orders', () => {
    const listing = createListing(1)
    listing.add(waiting)

    expect(listing.report('orders')).toMatchObject({ json: { limited: false } })
    expect(listing.report('orders', true)).toMatchObject({ json: { limited: true } })
    expect(listing.report('orders', true).lines.at(-1)).toBe('There may be more: --limit N lists more.')
  })
})
