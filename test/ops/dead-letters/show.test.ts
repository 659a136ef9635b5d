import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import type { Order } from '../../../lambdas/domain/order.ts'
import { listLetters } from '../../../ops/dead-letters/list.ts'
import { showLetters } from '../../../ops/dead-letters/show.ts'
import { orderId, orderIdAt, personalData, storedOrder, without } from '../../builders.ts'
import { createQueues, type Queues } from '../queues.ts'

let queues: Queues
let orders: Order[]
beforeEach(async () => {
  queues = await createQueues()
  orders = []
})
afterEach(() => queues.stop())

const deps = () => ({
  environment: { name: 'local' as const, sqs: queues.sqs, workers: queues.workers },
  repository: {
    get: async (id: string) => orders.find((order) => order.orderId === id),
    getAll: async (ids: readonly string[]) => orders.filter((order) => ids.includes(order.orderId)),
  },
  signal: new AbortController().signal,
  now: Date.now,
})

describe('showing dead letters', () => {
  test('shows message, order and timeline together, and nothing personal', async () => {
    orders.push(storedOrder())
    await queues.deadLetter(storedOrder())

    const { text, json } = await showLetters(deps(), { order: orderId, limit: 10 })

    for (const part of ['ADDRESS_NOT_SERVED', 'kind: permanent', `"eventId":"${orderId}:CREATED"`, 'placed'])
      expect(text).toContain(part)
    expect(json).toMatchObject({ messages: [{ orderId, order: { timeline: [{ type: 'CREATED' }] } }] })
    for (const secret of personalData) expect(text + JSON.stringify(json)).not.toContain(secret)
  })

  test('shows no more than the limit, and says how many there are', async () => {
    for (let i = 0; i < 3; i++) await queues.deadLetter(storedOrder({ orderId: orderIdAt(i) }))

    const { text, json } = await showLetters(deps(), { limit: 2 })

    expect(json).toMatchObject({ messages: [{}, {}], more: 1 })
    expect(text).toContain('… and 1 more: --limit 3 shows them too.')
  })

  test('tells the story of an order whose message is in no DLQ', async () => {
    orders.push(storedOrder())

    const { text } = await showLetters(deps(), { order: orderId, limit: 10 })

    expect(text).toContain('No DLQ has a message of this order.')
    expect(text).toContain('placed')
  })

  test('says that there is no such order', async () => {
    await expect(showLetters(deps(), { order: orderId, limit: 10 })).rejects.toMatchObject({
      message: `There is no order ${orderId}.`,
      exitCode: 3,
    })
  })

  test('shows a message that is no event as it is', async () => {
    await queues.send(queues.workers[0]?.deadLetterQueueUrl, 'not JSON')

    const { text } = await showLetters(deps(), { limit: 10 })

    expect(text).toContain('body: not JSON')
    expect(text).toContain('RECEIVED_TOO_OFTEN_FOR_SQS')
  })
})

describe('listing dead letters', () => {
  test('counts them by step, queue and reason', async () => {
    await queues.deadLetter(without(storedOrder({ orderId: orderIdAt(1) }), 'attention'))
    await queues.deadLetter(storedOrder({ orderId: orderIdAt(2) }))
    await queues.deadLetter(storedOrder({ orderId: orderIdAt(3) }), { step: 'wms', reason: 'TIME_OUT' })
    await queues.send(queues.workers[1]?.undeliveredQueueUrl, 'x')

    const { json, text } = await listLetters(deps())

    expect(json).toMatchObject({
      environment: 'local',
      messages: 4,
      queues: [
        {
          step: 'logistics',
          queue: 'dead-letter',
          byReason: [{ reason: 'ADDRESS_NOT_SERVED', messages: 2 }],
        },
        { step: 'logistics', queue: 'undelivered', messages: 0 },
        { step: 'wms', queue: 'dead-letter', byReason: [{ reason: 'TIME_OUT', messages: 1 }] },
        { step: 'wms', queue: 'undelivered', byReason: [{ reason: 'NOT_DELIVERED', messages: 1 }] },
      ],
    })
    expect(text).toContain('4 dead letters:')
    expect(queues.look('logistics-dlq').visible).toHaveLength(2)
  })

  test('says so where there is none', async () => {
    expect((await listLetters(deps())).text).toBe('No dead letters.')
  })
})
