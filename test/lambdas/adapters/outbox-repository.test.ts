import { beforeEach, describe, expect, test } from '@jest/globals'
import {
  createOutboxRepository,
  type OutboxRepository,
  readableMark,
} from '../../../lambdas/adapters/outbox-repository.ts'
import type { Order } from '../../../lambdas/domain/order.ts'
import { deadLettered, redriven } from '../../../lambdas/domain/step-changes.ts'
import { at, graceMs, nonce, orderId, orderIdAt, storedOrder, t0, without } from '../../builders.ts'
import { createDynamoDb, type DynamoDb } from '../dynamodb.ts'

let db: DynamoDb
let repository: OutboxRepository
beforeEach(async () => {
  db = await createDynamoDb()
  repository = createOutboxRepository(db.documents, 'orders')
})

const stored = () => repository.get(orderId)
/** Puts an order into the table and returns it. */
const given = async (change: Partial<Order> = {}): Promise<Order> => {
  const order = storedOrder(change)
  await db.put('orders', order)
  return order
}
/** The order as the relay has it: with the time at which it is due. */
const owing = (order: Order | undefined) => {
  if (order?.outboxDueAt === undefined) throw new Error('The order owes nothing')
  return { ...order, outboxDueAt: order.outboxDueAt }
}

describe('the mark', () => {
  test('is cleared with everything that belongs to it, and leaves the outbox index', async () => {
    const order = await given()

    await repository.clearMark(order)

    const marks = ['outboxEventId', 'outboxPartition', 'outboxDueAt', 'outboxSends', 'outboxClaimed'] as const
    expect(await stored()).toEqual(without(order, ...marks))
    expect(await repository.count('carrier#f', 9)).toBe(0)
  })

  const pushedTo = at(120_000)
  const trouble = { eventId: `${orderId}:${nonce}:CREATED`, waitedMs: 60_000, inDeadLetterQueue: false }

  test('is pushed out before a sending, which is counted', async () => {
    const order = owing(await given({ outboxTrouble: trouble }))

    expect(await repository.pushMark(order, pushedTo)).toBe(true)

    const pushed = { outboxDueAt: pushedTo, outboxSends: 1 }
    expect(await stored()).toEqual({ ...without(order, 'outboxTrouble'), ...pushed })
  })

  test('is pushed once if the SDK repeats the write, and by one of two runs', async () => {
    const order = owing(await given())

    expect(await repository.pushMark(order, pushedTo)).toBe(true)
    expect(await repository.pushMark(order, pushedTo)).toBe(true)
    expect(await repository.pushMark(order, at(120_001))).toBe(false)

    expect(await stored()).toMatchObject({ outboxDueAt: pushedTo, outboxSends: 1 })
  })

  test('is postponed if the event was not sent after all, which is not counted', async () => {
    const order = owing(await given())
    await repository.pushMark(order, pushedTo)

    await repository.postponeMark({ ...order, outboxDueAt: pushedTo }, at(180_000), trouble)

    expect(await stored()).toEqual({
      ...order,
      outboxDueAt: at(180_000),
      outboxTrouble: trouble,
    })
  })

  test('of an item that makes no sense is postponed like any other', async () => {
    const order = owing(await given())
    await db.put('orders', { ...order, status: 'LOST', outboxTrouble: 'none', timeline: 7 })
    const found: unknown[] = []

    await repository.getAll([orderId], (item) => found.push(readableMark(item)))
    await repository.postponeMark(order, at(120_000), trouble)

    const { outboxDueAt, outboxEventId, outboxSends } = order
    expect(found).toEqual([{ orderId, outboxDueAt, outboxEventId, outboxSends }])
    expect(await db.read('orders', { orderId })).toMatchObject({
      outboxDueAt: at(120_000),
      outboxTrouble: trouble,
    })
  })

  test("that has become another event's by now is neither cleared nor pushed nor postponed nor revived", async () => {
    const order = owing(await given())
    const next = { ...order, outboxEventId: `${orderId}:${nonce}:AWB_GENERATED`, outboxDueAt: at(99_000) }
    for (const now of [next, without(order, 'outboxEventId', 'outboxDueAt', 'outboxSends')]) {
      await db.put('orders', now)

      await repository.clearMark(order)
      expect(await repository.pushMark(order, pushedTo)).toBe(false)
      await repository.postponeMark(order, at(120_000), trouble)

      expect(await stored()).toEqual(now)
    }
  })

  test('is found when it is due, the most overdue first, and counted in any case', async () => {
    for (const [index, dueMs] of [3000, 1000, 2000, 9000].entries())
      await given({ orderId: orderIdAt(index), outboxDueAt: at(dueMs) })

    const due = await repository.due('carrier#f', at(3000), 2)

    expect(due.map(({ outboxDueAt }) => outboxDueAt)).toEqual([at(1000), at(2000)])
    expect(await repository.due('carrier#f', at(3000), 9)).toHaveLength(3)
    expect(await repository.due('carrier#f', at(3000), 9, due[0])).toHaveLength(2)
    expect(await repository.count('carrier#f', 9)).toBe(4)
    expect(await repository.count('carrier#f', 3)).toBe(3)
    expect(await repository.count('carrier#0', 9)).toBe(0)
  })
})

describe('a dead-lettered order', () => {
  const refusal = { reason: 'NEVER_CONSUMED', failure: 'not-the-vendors', question: undefined } as const
  /** Dead-letters a new order, this many ms after t0. */
  async function deadLetter(number: number, afterMs: number): Promise<Order> {
    const order = await given({ orderId: orderIdAt(number) })
    const times = { now: t0 + afterMs, graceMs }
    const { order: stuck } = await repository.change(order, deadLettered(order, 'logistics', refusal, times))
    if (stuck === undefined) throw new Error('The order is gone')
    return stuck
  }
  const listed = (until: number, limit = 9, after?: { orderId: string; deadLetteredAt: string }) =>
    repository.deadLetters('carrier#f', at(until), limit, after)

  test('is found in its lane, the oldest first, page by page', async () => {
    for (const [number, afterMs] of [3000, 1000, 2000, 9000].entries()) await deadLetter(number, afterMs)

    const first = await listed(3000, 2)

    expect(first).toEqual([
      { orderId: orderIdAt(1), deadLetteredAt: at(1000) },
      { orderId: orderIdAt(2), deadLetteredAt: at(2000) },
    ])
    expect(await listed(3000, 2, first[1])).toEqual([{ orderId: orderIdAt(0), deadLetteredAt: at(3000) }])
    expect(await repository.deadLetters('warehouse#f', at(9000), 9)).toEqual([])
  })

  test('stays there once its event has gone out, until it is redriven', async () => {
    const stuck = await deadLetter(1, 1000)
    await repository.clearMark(stuck)
    expect(await listed(1000)).toHaveLength(1)

    const claim = { step: 'logistics' as const, id: 'c', until: at(30_000) }
    await repository.change(stuck, redriven(stuck, 'logistics', claim, { now: t0 + 2000, graceMs }))

    expect(await listed(9000)).toEqual([])
    expect(await repository.get(stuck.orderId)).not.toHaveProperty('deadLetterPartition')
  })
})
