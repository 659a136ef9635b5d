import type { ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import type { Order } from '../../../lambdas/domain/order.ts'
import type { DeadLetter } from '../../../ops/dead-letters/dead-letter.ts'
import { type Found, throughMessages } from '../../../ops/dead-letters/messages.ts'
import { orderIdAt, storedOrder } from '../../builders.ts'
import { createOrders, createQueues, type Queues } from './queues.ts'

let queues: Queues
let orders: ReturnType<typeof createOrders>
beforeEach(async () => {
  queues = await createQueues()
  orders = createOrders()
})
afterEach(() => queues.stop())

const deps = (change = {}) => queues.deps(orders.repository, change)
const fill = async (
  count: number,
  order: (index: number) => Order = (index) => storedOrder({ orderId: orderIdAt(index) }),
) => {
  for (let i = 0; i < count; i++) await queues.deadLetter(order(i))
}
/** Reads the messages, and returns those that were passed to `use`. */
async function handed(use: (found: readonly Found[]) => DeadLetter[] = () => []) {
  const seen: Found[] = []
  const swept = await throughMessages(deps(), async (found) => {
    seen.push(...found)
    return use(found)
  })
  return { seen, ...swept }
}

describe('reading the messages of all DLQs', () => {
  test('reads every message of every DLQ once, in several calls', async () => {
    await fill(125)
    await queues.send(queues.urlOf('warehouse-undelivered'), 'anything')

    const { seen, isComplete } = await handed()

    expect(new Set(seen.map(({ message }) => message.row.messageId)).size).toBe(126)
    expect(seen).toHaveLength(126)
    expect(seen.filter(({ message }) => message.queue.kind === 'undelivered')).toHaveLength(1)
    expect(isComplete).toBe(true)
  })

  test('hides the messages meanwhile, and makes them visible again at the end', async () => {
    await fill(12)

    let meanwhile: unknown
    await handed(() => {
      meanwhile = queues.look('carrier-dlq')
      return []
    })

    expect(meanwhile).toMatchObject({ visible: [], hidden: 12 })
    expect(queues.look('carrier-dlq')).toMatchObject({ hidden: 0 })
    expect(queues.look('carrier-dlq').visible).toHaveLength(12)
  })

  test('makes no more calls at once than the client has connections', async () => {
    await fill(125)
    const sqs: SQSClient = Object.create(queues.sqs)
    let [underWay, most] = [0, 0]
    sqs.send = async (command: object) => {
      underWay += 1
      most = Math.max(most, underWay)
      const answer = await queues.sqs.send(command as ReceiveMessageCommand)
      underWay -= 1
      return answer
    }

    await throughMessages(deps({ sqs }), async () => [])

    expect(most).toBeLessThanOrEqual(50)
    expect(queues.look('carrier-dlq').visible).toHaveLength(125)
  })

  test('deletes the messages that it is told to, and no others', async () => {
    await fill(12)

    await handed((found) => found.slice(0, 5).map(({ message }) => message))

    expect(queues.look('carrier-dlq')).toMatchObject({ hidden: 0 })
    expect(queues.look('carrier-dlq').visible).toHaveLength(7)
  })

  test('deletes messages whose orders have moved on, and passes on those of dead-lettered orders', async () => {
    const again = orders.stuck({ orderId: orderIdAt(1) }, { number: 2 })
    await queues.deadLetter(again)
    await queues.deadLetter({ ...again, deadLettered: 1 })
    await queues.deadLetter({ ...orders.put(storedOrder({ orderId: orderIdAt(2) })), deadLettered: 1 })

    const { seen, swept } = await handed()

    expect(swept).toBe(2)
    expect(seen).toMatchObject([{ standing: 'of dead-lettered order', message: { deadLetterNumber: 2 } }])
    expect(queues.look('carrier-dlq').visible).toHaveLength(1)
  })

  test('makes all messages visible again if the work on them fails', async () => {
    await fill(2)

    const work = handed(() => {
      throw new Error('the work failed')
    })

    await expect(work).rejects.toThrow('the work failed')
    expect(queues.look('carrier-dlq').visible).toHaveLength(2)
  })

  test('makes all messages visible again if a DLQ cannot be read', async () => {
    await fill(2)
    const broken = { kind: 'dead-letter', lane: 'x', step: undefined, url: 'http://127.0.0.1:1/x' } as const
    const all = [...queues.deadLetterQueues, { ...broken, targetUrl: 'x' }]

    const work = throughMessages(deps({ queues: all }), async () => [])

    await expect(work).rejects.toThrow()
    expect(queues.look('carrier-dlq').visible).toHaveLength(2)
  })

  test('receives nothing once it is interrupted', async () => {
    await fill(2)

    const swept = await throughMessages(deps({ signal: AbortSignal.abort() }), async () => [])

    expect(swept).toEqual({ swept: 0, isComplete: false })
    expect(queues.look('carrier-dlq').visible).toHaveLength(2)
  })

  test('ends before a kept message becomes visible again', async () => {
    await fill(250)
    let now = 0

    const { isComplete } = await throughMessages(deps({ now: () => now }), async () => {
      now += 540_000
      return []
    })

    expect(isComplete).toBe(false)
  })
})
