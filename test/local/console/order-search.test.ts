import { marshall } from '@aws-sdk/util-dynamodb'
import { describe, expect, test } from '@jest/globals'
import { createOrderSearch } from '../../../local/console/order-search.ts'

const order = (number: number, more: object = {}) => ({
  orderId: `ord_${number}`,
  reference: `shop-${number}`,
  status: 'CREATED',
  total: 100,
  currency: 'EUR',
  createdAt: new Date(number * 1000).toISOString(),
  ...more,
})
const held = (state: string, reason: string) => ({ attention: { state, step: 'logistics', reason } })
const stored = [
  ...Array.from({ length: 20 }, (_, i) => order(100 + i)),
  order(1, { awb: 'AWB77' }),
  order(2, held('waiting', 'CIRCUIT_OPEN')),
  order(3, held('dead-lettered', 'ADDRESS_NOT_SERVED')),
  order(4, held('dead-lettered', 'TIME_OUT')),
]

const search = createOrderSearch(async (_action, { ExclusiveStartKey }) => {
  // In two pages, as a table that is larger than one.
  const items = (ExclusiveStartKey ? stored.slice(10) : stored.slice(0, 10)).map((each) => marshall(each))
  return { Items: items, ...(!ExclusiveStartKey && { LastEvaluatedKey: { orderId: { S: 'x' } } }) }
}, 'orders')
const found = async (query: object) => {
  const { orders, ...more } = (await search(query)) as { orders: { orderId: string }[] }
  return { ids: orders.map(({ orderId }) => orderId), ...more }
}

describe('orders are found', () => {
  test.each([
    ['id', { q: 'ord_3' }, ['ord_3']],
    ['reference', { q: 'shop-4' }, ['ord_4']],
    ['AWB', { q: 'AWB77' }, ['ord_1']],
    ['attention', { attention: 'dead-lettered' }, ['ord_4', 'ord_3']],
    ['attention and reason', { attention: 'dead-lettered', reason: 'TIME_OUT' }, ['ord_4']],
    ['reason', { reason: 'CIRCUIT_OPEN' }, ['ord_2']],
    ['nothing that there is', { q: 'nobody' }, []],
  ])('by %s', async (_what, query, ids) => {
    expect((await found(query)).ids).toEqual(ids)
  })

  test('latest first, a page at a time', async () => {
    expect(await found({ q: 'ord_' })).toMatchObject({ total: 24, ids: { 0: 'ord_119', length: 15 } })
    expect((await found({ q: 'ord_', from: '15' })).ids).toHaveLength(9)
  })

  test('with the reasons that one can choose from', async () => {
    expect(await found({ attention: 'dead-lettered' })).toMatchObject({
      reasons: ['ADDRESS_NOT_SERVED', 'TIME_OUT'],
    })
  })
})
