import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { type DeadLetterQueue, parseDeadLetter } from '../../../ops/dead-letters/dead-letter.ts'
import { countMessages, countsText, listDeadLetters } from '../../../ops/dead-letters/list.ts'
import { orderIdAt, storedOrder, t0, without } from '../../builders.ts'
import { createQueues, type Queues } from './queues.ts'

const queue: DeadLetterQueue = { worker: 'wms', kind: 'dead-letter', url: 'dlq', targetUrl: 'queue' }
const messageOf = (ageMs: number, reason: string) =>
  parseDeadLetter(
    {
      MessageAttributes: { reason: { DataType: 'String', StringValue: reason } },
      Attributes: { SentTimestamp: String(t0 - ageMs) },
    },
    queue,
  )
const [minute, hour, day] = [60_000, 3_600_000, 86_400_000]

describe('the counts of dead letters', () => {
  test('group messages by age', () => {
    const messages = [8 * day, 7 * day, day, hour, hour - 1, minute].map((age) => messageOf(age, 'TIME_OUT'))

    const { queues } = countMessages([{ queue, messages, hidden: 0 }], t0)

    expect(queues[0]?.byReason[0]?.byAge).toEqual({ 'under 1 h': 2, '1-24 h': 1, '1-7 d': 1, 'over 7 d': 2 })
  })

  test('name the commonest reason first', () => {
    const messages = ['A', 'B', 'B'].map((reason) => messageOf(minute, reason))

    const { queues } = countMessages([{ queue, messages, hidden: 0 }], t0)

    expect(queues[0]?.byReason.map(({ reason, messages }) => [reason, messages])).toEqual([
      ['B', 2],
      ['A', 1],
    ])
  })

  test('warn before SQS deletes old messages', () => {
    const counts = countMessages([{ queue, messages: [messageOf(12 * day, 'TIME_OUT')], hidden: 0 }], t0)

    expect(countsText(counts, t0)).toContain(
      'SQS deletes messages after 14 days, and the oldest is 12 d old.',
    )
  })

  test('mention the messages that another consumer has in flight', () => {
    const counts = countMessages([{ queue, messages: [], hidden: 3 }], t0)

    expect(countsText(counts, t0)).toBe(
      'No dead letters.\n3 messages of wms dead-letter not counted: another consumer has them in flight.',
    )
  })
})

describe('listing dead letters', () => {
  let queues: Queues
  beforeEach(async () => {
    queues = await createQueues()
  })
  afterEach(() => queues.stop())

  const deps = () => ({
    environment: { name: 'local' as const, sqs: queues.sqs, workers: queues.workers },
    signal: new AbortController().signal,
    now: Date.now,
  })

  test('counts them by step, queue and reason', async () => {
    await queues.deadLetter(without(storedOrder({ orderId: orderIdAt(1) }), 'attention'))
    await queues.deadLetter(storedOrder({ orderId: orderIdAt(2) }))
    await queues.deadLetter(storedOrder({ orderId: orderIdAt(3) }), { step: 'wms', reason: 'TIME_OUT' })
    await queues.send(queues.workers[1]?.undeliveredQueueUrl, 'x')

    const { json, text } = await listDeadLetters(deps())

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
    expect((await listDeadLetters(deps())).text).toBe('No dead letters.')
  })
})
