import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { lookThrough } from '../../../ops/dead-letters/look-through.ts'
import { orderIdAt, storedOrder } from '../../builders.ts'
import { createQueues, type Queues } from '../queues.ts'

let queues: Queues
beforeEach(async () => {
  queues = await createQueues()
})
afterEach(() => queues.stop())

const never = new AbortController().signal
const fill = async (count: number) => {
  for (let i = 0; i < count; i++) await queues.deadLetter(storedOrder({ orderId: orderIdAt(i) }))
}

describe('looking through the DLQs', () => {
  test('sees every message of every DLQ, more than one receive brings', async () => {
    await fill(25)
    await queues.send(queues.workers[1]?.undeliveredQueueUrl, 'anything')

    const seen = await lookThrough(queues, never, async ({ letters }) => letters)

    expect(new Set(seen.map(({ messageId }) => messageId)).size).toBe(26)
    expect(seen.filter(({ queue }) => queue.kind === 'undelivered')).toHaveLength(1)
  })

  test('hides the messages while it looks, and makes them visible again at once', async () => {
    await fill(12)

    const meanwhile = await lookThrough(queues, never, async () => queues.look('logistics-dlq'))

    expect(meanwhile).toMatchObject({ visible: [], hidden: 12 })
    expect(queues.look('logistics-dlq')).toMatchObject({ hidden: 0 })
    expect(queues.look('logistics-dlq').visible).toHaveLength(12)
  })

  test('gives back at once what is not kept, while the rest is still held', async () => {
    await fill(3)

    const meanwhile = await lookThrough(queues, never, async ({ letters, keepOnly }) => {
      await keepOnly(letters.slice(0, 1), 60)
      return queues.look('logistics-dlq')
    })

    expect(meanwhile.visible).toHaveLength(2)
    expect(meanwhile.hidden).toBe(1)
  })

  test('gives everything back when the work on it fails', async () => {
    await fill(2)

    const look = lookThrough(queues, never, async () => {
      throw new Error('the work failed')
    })

    await expect(look).rejects.toThrow('the work failed')
    expect(queues.look('logistics-dlq').visible).toHaveLength(2)
  })

  test('does no work where it is interrupted while it looks', async () => {
    await fill(2)

    const look = lookThrough(queues, AbortSignal.abort(), async () => 'worked')

    await expect(look).rejects.toThrow('Interrupted before anything was changed.')
    expect(queues.look('logistics-dlq').visible).toHaveLength(2)
  })

  test('gives everything back when one of the DLQs cannot be read', async () => {
    await fill(2)
    const workers = [
      ...queues.workers,
      { ...queues.workers[0], worker: 'x', deadLetterQueueUrl: 'http://127.0.0.1:1/x' },
    ]

    const look = lookThrough(
      { ...queues, workers: workers as Queues['workers'] },
      never,
      async () => 'worked',
    )

    await expect(look).rejects.toThrow()
    expect(queues.look('logistics-dlq').visible).toHaveLength(2)
  })

  test('says how many messages another is looking at', async () => {
    await fill(2)

    const second = await lookThrough(queues, never, () =>
      lookThrough(queues, never, async ({ collected }) => collected),
    )

    const logistics = second.find(({ queue }) => queue.worker === 'logistics' && queue.kind === 'dead-letter')
    expect(logistics).toMatchObject({ letters: [], hidden: 2 })
  })
})
