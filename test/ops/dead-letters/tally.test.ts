import { describe, expect, test } from '@jest/globals'
import { type DeadLetterQueue, parseDeadLetter } from '../../../ops/dead-letters/dead-letter.ts'
import { tally, tallyText } from '../../../ops/dead-letters/tally.ts'
import { t0 } from '../../builders.ts'

const queue: DeadLetterQueue = { worker: 'wms', kind: 'dead-letter', url: 'dlq', targetUrl: 'queue' }
const letterOf = (ageMs: number, reason: string) =>
  parseDeadLetter(
    {
      MessageAttributes: { reason: { DataType: 'String', StringValue: reason } },
      Attributes: { SentTimestamp: String(t0 - ageMs) },
    },
    queue,
  )
const [minute, hour, day] = [60_000, 3_600_000, 86_400_000]

describe('the tally of dead letters', () => {
  test('puts each into the bucket of its age', () => {
    const letters = [8 * day, 7 * day, day, hour, hour - 1, minute].map((age) => letterOf(age, 'TIME_OUT'))

    const { queues } = tally([{ queue, letters, hidden: 0 }], t0)

    expect(queues[0]?.byReason[0]?.byAge).toEqual({ 'under 1 h': 2, '1-24 h': 1, '1-7 d': 1, 'over 7 d': 2 })
  })

  test('names the commonest reason first', () => {
    const letters = ['A', 'B', 'B'].map((reason) => letterOf(minute, reason))

    const { queues } = tally([{ queue, letters, hidden: 0 }], t0)

    expect(queues[0]?.byReason.map(({ reason, messages }) => [reason, messages])).toEqual([
      ['B', 2],
      ['A', 1],
    ])
  })

  test('warns before SQS deletes what has been there too long', () => {
    const counts = tally([{ queue, letters: [letterOf(12 * day, 'TIME_OUT')], hidden: 0 }], t0)

    expect(tallyText(counts, t0)).toContain('SQS deletes messages after 14 days, and the oldest is 12 d old.')
  })

  test('does not hide that another is looking at messages', () => {
    const counts = tally([{ queue, letters: [], hidden: 3 }], t0)

    expect(tallyText(counts, t0)).toBe(
      'No dead letters.\n3 messages of wms dead-letter not counted: another is looking at them right now.',
    )
  })
})
