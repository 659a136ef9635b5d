import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { countIn, countsText, listDeadLetters } from '../../../ops/dead-letters/list.ts'
import { orderIdAt, storedOrder, t0 } from '../../builders.ts'
import { createOrders, createQueues, type Queues } from './queues.ts'

const [minute, hour, day] = [60_000, 3_600_000, 86_400_000]

describe('the counts of dead letters', () => {
  const counted = (...letters: { reason: string; ageMs: number }[]) => {
    const rows: Parameters<typeof countIn>[0] = new Map()
    for (const { reason, ageMs } of letters)
      countIn(rows, { lane: 'warehouse', what: 'order', reason, since: t0 - ageMs }, t0)
    return [...rows.values()]
  }

  test('group them by age', () => {
    const ages = [8 * day, 7 * day, day, hour, hour - 1, minute]

    const [row] = counted(...ages.map((ageMs) => ({ reason: 'TIME_OUT', ageMs })))

    expect(row).toMatchObject({
      total: 6,
      byAge: { 'under 1 h': 2, '1-24 h': 1, '1-7 d': 1, 'over 7 d': 2 },
    })
  })

  test('are a table that names the commonest reason first', () => {
    const rows = counted(...['A', 'B', 'B'].map((reason) => ({ reason, ageMs: minute })))

    expect(countsText(rows)).toEqual([
      '3 dead letters:',
      '',
      'lane       what   reason  under 1 h  1-24 h  1-7 d  over 7 d  total',
      'warehouse  order  B               2       0      0         0      2',
      'warehouse  order  A               1       0      0         0      1',
    ])
  })
})

describe('listing dead letters', () => {
  let queues: Queues
  let orders: ReturnType<typeof createOrders>
  beforeEach(async () => {
    queues = await createQueues()
    orders = createOrders()
  })
  afterEach(() => queues.stop())

  test('tells each order by the index, with its message or without, and each message of no such order', async () => {
    await queues.deadLetter(orders.stuck({ orderId: orderIdAt(1) }, { atMs: t0 + 1000 }))
    orders.stuck({ orderId: orderIdAt(2) })
    orders.stuck({ orderId: orderIdAt(3), status: 'AWB_GENERATED' }, { step: 'wms', reason: 'NO_STOCK' })
    await queues.send(queues.workers[1]?.undeliveredQueueUrl, 'x')
    await queues.send(queues.workers[0]?.deadLetterQueueUrl, 'no event')
    const deps = queues.deps(orders.repository, { now: () => t0 + 61_000 })

    const { json, lines } = await listDeadLetters(deps)

    expect(deps.told.slice(0, 3)).toEqual([
      `carrier  ${orderIdAt(2)}  ADDRESS_NOT_SERVED  since 2026-11-22 12:00:00 UTC (1 min 1 s)`,
      `carrier  ${orderIdAt(1)}  ADDRESS_NOT_SERVED  since 2026-11-22 12:00:01 UTC (1 min)`,
      `warehouse  ${orderIdAt(3)}  NO_STOCK  since 2026-11-22 12:00:00 UTC (1 min 1 s)`,
    ])
    expect(deps.told).toHaveLength(5)
    expect(json).toMatchObject({
      deadLetters: [
        { lane: 'carrier', what: 'order', reason: 'ADDRESS_NOT_SERVED', total: 2 },
        { lane: 'warehouse', what: 'order', reason: 'NO_STOCK', total: 1 },
        { lane: 'carrier', what: 'message', reason: 'RECEIVED_TOO_OFTEN_FOR_SQS', total: 1 },
        { lane: 'warehouse', what: 'undelivered', reason: 'NOT_DELIVERED', total: 1 },
      ],
      swept: 0,
    })
    expect(lines.join('\n')).toContain('5 dead letters:')
    expect(queues.look('carrier-dlq').visible).toHaveLength(2)
  })

  test('deletes messages whose orders have moved on, and says so', async () => {
    await queues.deadLetter({ ...orders.put(storedOrder()), deadLettered: 1 })

    const { lines } = await listDeadLetters(queues.deps(orders.repository))

    expect(lines.join('\n')).toBe('No dead letters.\nDeleted 1 message whose orders have moved on.')
    expect(queues.look('carrier-dlq')).toEqual({ visible: [], hidden: 0 })
  })

  test('says so where there is none', async () => {
    expect((await listDeadLetters(queues.deps(orders.repository))).lines).toEqual(['No dead letters.'])
  })
})
