import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals'
import { createOutboxRepository } from '../../lambdas/adapters/outbox-repository.ts'
import type { Order } from '../../lambdas/domain/order.ts'
import { deadLettered } from '../../lambdas/domain/step-changes.ts'
import { objections } from '../../scripts/removed-vendors.ts'
import { changed, graceMs, orderIdAt, storedOrder, t0 } from '../builders.ts'
import { createDynamoDb, type DynamoDb } from '../lambdas/dynamodb.ts'
import { createQueues } from '../ops/dead-letters/queues.ts'

let queues: Awaited<ReturnType<typeof createQueues>>
let dynamoDb: DynamoDb
beforeAll(async () => {
  queues = await createQueues()
})
beforeEach(async () => {
  dynamoDb = await createDynamoDb()
})
afterAll(() => queues.stop())

const put = (number: number, change: Partial<Order> = {}) =>
  dynamoDb.put('orders', storedOrder({ orderId: orderIdAt(number), ...change }))

/** The carrier is deployed and retired by default; `configured` are the vendors of the next release. */
const object = (configured: Parameters<typeof objections>[1], retired = true) =>
  objections(
    {
      repository: createOutboxRepository(dynamoDb.documents, 'orders'),
      vendors: {
        carrier: { name: 'carrier', step: 'logistics', limits: {}, ratePerSecond: 5, retired },
        warehouse: { name: 'warehouse', step: 'wms', limits: {}, ratePerSecond: 5 },
      },
      shards: 16,
      queues: queues.deadLetterQueues,
      sqs: queues.sqs,
      now: () => t0,
      signal: new AbortController().signal,
      tell: () => {},
    },
    configured,
  )
const withoutCarrier = { warehouse: { step: 'wms' } }

test('a retired vendor without orders may be deleted', async () => {
  await put(1, { vendors: { logistics: 'courier', wms: 'warehouse' } })

  expect(await object(withoutCarrier)).toEqual([])
})

test('a vendor that stays in the config may have orders', async () => {
  await put(1)

  expect(await object({ ...withoutCarrier, carrier: { step: 'logistics' } })).toEqual([])
})

test('a vendor that is not retired may not be deleted, because it still gets orders', async () => {
  expect(await object(withoutCarrier, false)).toEqual([expect.stringContaining('carrier is not retired')])
})

test('a lane with waiting orders may not be deleted', async () => {
  await put(1)
  await put(2)

  expect(await object(withoutCarrier)).toEqual(['carrier has 2 unfinished orders.'])
})

test('a vendor that moves to another step counts as deleted', async () => {
  await put(1)

  expect(await object({ ...withoutCarrier, carrier: { step: 'wms' } })).toEqual([
    'carrier has 1 unfinished order.',
  ])
})

test("an order that it may have to undo counts, even if it is another vendor's turn", async () => {
  await put(1, { status: 'AWB_GENERATED', awb: 'AWB-1', outboxPartition: 'warehouse#f' })

  expect(await object(withoutCarrier)).toEqual(['carrier has 1 unfinished order.'])
})

test('a dead-lettered order counts too', async () => {
  const cause = { reason: 'TIME_OUT', failure: 'transient', question: undefined } as const
  const order = storedOrder({ orderId: orderIdAt(1) })
  const dead = changed(order, deadLettered(order, 'logistics', cause, { now: t0, graceMs }))
  await dynamoDb.put('orders', dead)

  expect(await object(withoutCarrier)).toEqual(['carrier has 1 unfinished order.'])
})

test('its queues and DLQs must be empty', async () => {
  for (const name of ['carrier-queue', 'carrier-dlq', 'warehouse-dlq'])
    await queues.send(queues.urlOf(name), '{}')

  expect(await object(withoutCarrier)).toEqual(['carrier has 2 messages in its queues and DLQs.'])
})
