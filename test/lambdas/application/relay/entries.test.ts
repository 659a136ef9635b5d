import { describe, expect, test } from '@jest/globals'
import type { OutboxEntry } from '../../../../lambdas/adapters/outbox-repository.ts'
import { createEntries } from '../../../../lambdas/application/relay/entries.ts'
import { at } from '../../../builders.ts'

/** An index whose partition p holds entries p, p + 2, p + 4, … of `count`. Remembers how many it was asked for. */
function createIndex(count: number) {
  const asked: number[] = []
  const all: OutboxEntry[] = Array.from({ length: count }, (_, ms) => ({
    orderId: `${ms}`,
    outboxDueAt: at(ms),
  }))
  return {
    asked,
    due: async (partition: string, now: string, limit: number, after?: OutboxEntry) => {
      asked.push(limit)
      const own = all.filter((_, ms) => ms % 2 === Number(partition))
      return own
        .filter(({ outboxDueAt }) => outboxDueAt <= now && outboxDueAt > (after?.outboxDueAt ?? ''))
        .slice(0, limit)
    },
  }
}

const numbers = (entries: readonly OutboxEntry[]): number[] => entries.map(({ orderId }) => Number(orderId))

describe('the entries that are due', () => {
  test('come from all partitions, the most overdue first, each once', async () => {
    const due = createEntries(createIndex(1000).due, 'outboxDueAt', ['0', '1'], at(699))

    expect(await due.oldest()).toBe(at(0))
    const taken: number[] = []
    for (let entries = await due.take(64); entries.length > 0; entries = await due.take(64))
      taken.push(...numbers(entries))

    expect(taken).toEqual(Array.from({ length: 700 }, (_, number) => number))
    expect(await due.oldest()).toBeUndefined()
  })

  test('are read as they are needed, whatever there is', async () => {
    const index = createIndex(100_000)
    const due = createEntries(index.due, 'outboxDueAt', ['0', '1'], at(100_000))

    await due.take(90)

    expect(index.asked).toEqual([100, 100])
  })

  test('are none if nothing is due, after one query per partition', async () => {
    const index = createIndex(0)
    const due = createEntries(index.due, 'outboxDueAt', ['0', '1'], at())

    expect(await due.oldest()).toBeUndefined()
    expect(await due.take(10)).toEqual([])
    expect(index.asked).toHaveLength(2)
  })
})
