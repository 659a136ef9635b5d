import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import type { Order } from '../../../lambdas/domain/order.ts'
import { showDeadLetters } from '../../../ops/dead-letters/show.ts'
import { nonce, orderId, orderIdAt, personalData, storedOrder } from '../../builders.ts'
import { createQueues, type Queues } from './queues.ts'

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
  test('shows message, order and timeline together, and no personal data', async () => {
    orders.push(storedOrder())
    await queues.deadLetter(storedOrder())

    const { text, json } = await showDeadLetters(deps(), { order: orderId, limit: 10 })

    for (const part of [
      'ADDRESS_NOT_SERVED',
      'kind: permanent',
      `"eventId":"${orderId}:${nonce}:CREATED"`,
      'placed',
    ])
      expect(text).toContain(part)
    expect(json).toMatchObject({ messages: [{ orderId, order: { timeline: [{ type: 'CREATED' }] } }] })
    for (const secret of personalData) expect(text + JSON.stringify(json)).not.toContain(secret)
  })

  test('shows no more than the limit, and says how many there are', async () => {
    for (let i = 0; i < 3; i++) await queues.deadLetter(storedOrder({ orderId: orderIdAt(i) }))

    const { text, json } = await showDeadLetters(deps(), { limit: 2 })

    expect(json).toMatchObject({ messages: [{}, {}], more: 1 })
    expect(text).toContain('… and 1 more: --limit 3 shows them too.')
  })

  test('shows an order whose message is in no DLQ', async () => {
    orders.push(storedOrder())

    const { text } = await showDeadLetters(deps(), { order: orderId, limit: 10 })

    expect(text).toContain('No DLQ has a message of this order.')
    expect(text).toContain('placed')
  })

  test('says that there is no such order', async () => {
    await expect(showDeadLetters(deps(), { order: orderId, limit: 10 })).rejects.toMatchObject({
      message: `There is no order ${orderId}.`,
      exitCode: 3,
    })
  })

  test.each([
    ['notes that a step has nothing left to do', 'logistics', true],
    ['does not take a listener for a step', 'notifyshop', false],
  ])('%s where the order goes on without its message', async (_, worker, isNoted) => {
    orders.push(storedOrder())
    await queues.deadLetter(storedOrder())
    const { environment, ...others } = deps()
    const workers = environment.workers.slice(0, 1).map((each) => ({ ...each, worker }))

    const { text } = await showDeadLetters(
      { ...others, environment: { ...environment, workers } },
      { limit: 10 },
    )

    expect(text.includes('a redrive only removes the message')).toBe(isNoted)
  })

  test('shows a message that is no event as it is', async () => {
    await queues.send(queues.workers[0]?.deadLetterQueueUrl, 'not JSON')

    const { text } = await showDeadLetters(deps(), { limit: 10 })

    expect(text).toContain('body: not JSON')
    expect(text).toContain('RECEIVED_TOO_OFTEN_FOR_SQS')
  })
})
