import { describe, expect, test } from '@jest/globals'
import { searchOrders } from '../../../local/console/tables.ts'
import { createTables, orderItem } from './tables.ts'

const { tables, put } = createTables()
const write = (number: number, more: object = {}) =>
  put('orders', orderItem(`ord_${number}`, { reference: `Shop-${number}`, ...more }))
const held = (state: string, reason: string) => ({ attention: { state, step: 'logistics', reason } })

write(1, { awb: 'AWB77' })
write(2)
write(3, held('dead-lettered', 'ADDRESS_NOT_SERVED'))
write(4, held('dead-lettered', 'TIME_OUT'))
for (let number = 100; number < 120; number += 1) write(number)
write(2, held('waiting', 'CIRCUIT_OPEN'))

const search = (query: object) => searchOrders(tables.orders, query)
const found = (query: object) => {
  const { orders, ...more } = search(query) as { orders: { orderId: string }[] }
  return { ids: orders.map(({ orderId }) => orderId), ...more }
}

describe('orders are found', () => {
  test.each([
    ['id', { q: 'ord_3' }, ['ord_3']],
    ['reference, in capitals or not', { q: 'sHOP-4' }, ['ord_4']],
    ['AWB, in capitals or not', { q: 'awb77' }, ['ord_1']],
    ['attention', { attention: 'dead-lettered' }, ['ord_4', 'ord_3']],
    ['attention and reason', { attention: 'dead-lettered', reason: 'TIME_OUT' }, ['ord_4']],
    ['reason', { reason: 'CIRCUIT_OPEN' }, ['ord_2']],
    ['nothing that there is', { q: 'nobody' }, []],
    ['no word for what they do not have', { q: 'undefined' }, []],
  ])('by %s', (_what, query, ids) => {
    expect(found(query).ids).toEqual(ids)
  })

  test('newest first, a page at a time', () => {
    expect(found({ q: 'ord_' })).toMatchObject({ total: 24, ids: { 0: 'ord_119', length: 15 } })
    expect(found({ q: 'ord_', from: '15' }).ids).toHaveLength(9)
  })

  test('with the reasons to choose from', () => {
    expect(found({ attention: 'dead-lettered' })).toMatchObject({
      reasons: ['ADDRESS_NOT_SERVED', 'TIME_OUT'],
    })
  })

  test('in their latest state, immediately', () => {
    write(200)
    expect(found({}).ids[0]).toBe('ord_200')
    write(200, { status: 'READY_FOR_FULFILLMENT' })

    expect(search({ q: 'ord_200' })).toMatchObject({
      orders: [{ status: 'READY_FOR_FULFILLMENT' }],
      total: 1,
    })
  })
})
