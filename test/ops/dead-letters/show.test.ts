import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { showDeadLetters } from '../../../ops/dead-letters/show.ts'
import { nonce, orderId, orderIdAt, personalData, storedOrder } from '../../builders.ts'
import { createOrders, createQueues, type Queues } from './queues.ts'

let queues: Queues
let orders: ReturnType<typeof createOrders>
beforeEach(async () => {
  queues = await createQueues()
  orders = createOrders()
})
afterEach(() => queues.stop())

const deps = () => queues.deps(orders.repository)

describe('showing dead letters', () => {
  test('shows message, order and timeline together, and no personal data', async () => {
    await queues.deadLetter(orders.stuck())

    const { lines, json } = await showDeadLetters(deps(), { order: orderId, limit: 10 })

    for (const part of [
      'ADDRESS_NOT_SERVED',
      'kind: permanent',
      `"eventId":"${orderId}:${nonce}:CREATED"`,
      'placed',
    ])
      expect(lines.join('\n')).toContain(part)
    expect(json).toMatchObject({ deadLetters: [{ orderId, order: { timeline: [{ type: 'CREATED' }, {}] } }] })
    for (const secret of personalData) expect(lines.join() + JSON.stringify(json)).not.toContain(secret)
  })

  test('shows no more than the limit, and says that there may be more', async () => {
    for (let i = 0; i < 3; i++) await queues.deadLetter(orders.stuck({ orderId: orderIdAt(i) }))

    const { lines, json } = await showDeadLetters(deps(), { limit: 2 })

    expect(json).toMatchObject({ deadLetters: [{}, {}] })
    expect(lines.join('\n')).toContain('There may be more: --limit shows them too.')
  })

  test('shows a dead-lettered order whose message no DLQ has any more', async () => {
    await queues.deadLetter(orders.stuck({ orderId: orderIdAt(1) }))
    orders.stuck({ orderId: orderIdAt(2) })

    const { json } = await showDeadLetters(deps(), { limit: 10 })

    expect(json).toMatchObject({
      deadLetters: [
        { messageId: expect.any(String), order: { orderId: orderIdAt(1) } },
        { order: { orderId: orderIdAt(2), attention: { state: 'dead-lettered' } } },
      ],
    })
  })

  test('shows only what meets the filter', async () => {
    orders.stuck({ orderId: orderIdAt(1) }, { reason: 'NO_STOCK' })
    orders.stuck({ orderId: orderIdAt(2) })
    await queues.send(queues.workers[0]?.deadLetterQueueUrl, 'not JSON')

    const { json } = await showDeadLetters(deps(), { reason: 'NO_STOCK', limit: 10 })

    expect(json).toMatchObject({ deadLetters: [{ order: { orderId: orderIdAt(1) } }] })
  })

  test('shows an order that is not dead-lettered where it is named', async () => {
    orders.put(storedOrder())

    const { lines } = await showDeadLetters(deps(), { order: orderId, limit: 10 })

    expect(lines.join('\n')).toContain('No DLQ has a message of this order.')
    expect(lines.join('\n')).toContain('placed')
  })

  test('says that there is no such order', async () => {
    await expect(showDeadLetters(deps(), { order: orderId, limit: 10 })).rejects.toMatchObject({
      message: `There is no order ${orderId}.`,
      exitCode: 3,
    })
  })

  test('shows a message whose reason, body and attributes hold line breaks in one line each', async () => {
    await queues.deadLetter(orders.stuck(), { reason: 'OUR_ERROR:OK\n  body: all is well' })

    const { lines } = await showDeadLetters(deps(), { limit: 10 })

    expect(lines.filter((line) => line.startsWith('  body:'))).toHaveLength(1)
    expect(lines).toContain('  reason: OUR_ERROR:OK\n  body: all is well')
  })

  test('shows a message that is no event as it is', async () => {
    await queues.send(queues.workers[0]?.deadLetterQueueUrl, 'not JSON')

    const { lines } = await showDeadLetters(deps(), { limit: 10 })

    expect(lines.join('\n')).toContain('body: not JSON')
    expect(lines.join('\n')).toContain('RECEIVED_TOO_OFTEN_FOR_SQS')
  })
})
