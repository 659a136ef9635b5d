import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { withReceivedMessages } from '../../../ops/dead-letters/queues.ts'
import { orderIdAt, storedOrder } from '../../builders.ts'
import { createQueues, type Queues } from './queues.ts'

let queues: Queues
beforeEach(async () => {
  queues = await createQueues()
})
afterEach(() => queues.stop())

const never = new AbortController().signal
const fill = async (count: number) => {
  for (let i = 0; i < count; i++) await queues.deadLetter(storedOrder({ orderId: orderIdAt(i) }))
}

describe('receiving the messages of all DLQs', () => {
  test('receives every message of every DLQ, with more than one call', async () => {
    await fill(25)
    await queues.send(queues.workers[1]?.undeliveredQueueUrl, 'anything')

    const seen = await withReceivedMessages(queues, never, async ({ messages }) => messages)

    expect(new Set(seen.map(({ messageId }) => messageId)).size).toBe(26)
    expect(seen.filter(({ queue }) => queue.kind === 'undelivered')).toHaveLength(1)
  })

  test('hides the messages meanwhile, and makes them visible again at once', async () => {
    await fill(12)

    const meanwhile = await withReceivedMessages(queues, never, async () => queues.look('logistics-dlq'))

    expect(meanwhile).toMatchObject({ visible: [], hidden: 12 })
    expect(queues.look('logistics-dlq')).toMatchObject({ hidden: 0 })
    expect(queues.look('logistics-dlq').visible).toHaveLength(12)
  })

  test('makes messages visible again at once that are not kept in flight', async () => {
    await fill(3)

    const meanwhile = await withReceivedMessages(queues, never, async ({ messages, keepInFlight }) => {
      await keepInFlight(messages.slice(0, 1), 60)
      return queues.look('logistics-dlq')
    })

    expect(meanwhile.visible).toHaveLength(2)
    expect(meanwhile.hidden).toBe(1)
  })

  test('makes all visible again when the work on them fails', async () => {
    await fill(2)

    const work = withReceivedMessages(queues, never, async () => {
      throw new Error('the work failed')
    })

    await expect(work).rejects.toThrow('the work failed')
    expect(queues.look('logistics-dlq').visible).toHaveLength(2)
  })

  test('does no work if it is interrupted while it receives', async () => {
    await fill(2)

    const work = withReceivedMessages(queues, AbortSignal.abort(), async () => 'worked')

    await expect(work).rejects.toThrow('Interrupted before anything was changed.')
    expect(queues.look('logistics-dlq').visible).toHaveLength(2)
  })

  test('makes all visible again when one of the DLQs cannot be read', async () => {
    await fill(2)
    const workers = [
      ...queues.workers,
      { ...queues.workers[0], worker: 'x', deadLetterQueueUrl: 'http://127.0.0.1:1/x' },
    ]

    const work = withReceivedMessages(
      { ...queues, workers: workers as Queues['workers'] },
      never,
      async () => 'worked',
    )

    await expect(work).rejects.toThrow()
    expect(queues.look('logistics-dlq').visible).toHaveLength(2)
  })

  test('counts the messages that another consumer has in flight', async () => {
    await fill(2)

    const second = await withReceivedMessages(queues, never, () =>
      withReceivedMessages(queues, never, async ({ queues: contents }) => contents),
    )

    const logistics = second.find(({ queue }) => queue.worker === 'logistics' && queue.kind === 'dead-letter')
    expect(logistics).toMatchObject({ messages: [], hidden: 2 })
  })
})
