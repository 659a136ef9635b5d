import { PutEventsCommand } from '@aws-sdk/client-eventbridge'
import { SendMessageBatchCommand, SendMessageCommand } from '@aws-sdk/client-sqs'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { statusMark } from '../../../../lambdas/domain/outbox.ts'
import { at, graceMs, messageBody, nonce, orderIdAt, t0, vendors } from '../../../builders.ts'
import { createRelayWorld, pushed, type RelayWorld } from './relay-world.ts'

const claimed = { outboxClaimed: true }
const created = (number: number) => `${orderIdAt(number)}:${nonce}:CREATED`

let world: RelayWorld
beforeEach(async () => {
  world = await createRelayWorld()
})
afterEach(() => {
  delete process.env._X_AMZN_TRACE_ID
})

describe('an order that is overdue', () => {
  test('and was never claimed goes out on the bus again, and is left alone for a minute', async () => {
    await world.due(1)

    await world.run()

    expect(world.published()).toEqual([created(1)])
    expect(world.sent()).toEqual([])
    expect(await world.marks(1)).toEqual([pushed(1)])
    expect(world.record.dimensionsOf('EventsRepublished')).toEqual([{ lane: 'carrier' }])
  })

  test("and was claimed before goes to its step's queue alone, spread out at its vendor's rate", async () => {
    world.rates.logistics = 0.5
    const orders = [await world.due(1, claimed, -3000), await world.due(2, claimed, -2000)]

    await world.run()

    expect(world.published()).toEqual([])
    expect(world.sent()).toEqual([
      [
        expect.objectContaining({ MessageBody: messageBody(orders[0] ?? never()), DelaySeconds: 0 }),
        expect.objectContaining({ MessageBody: messageBody(orders[1] ?? never()), DelaySeconds: 2 }),
      ],
    ])
    expect(await world.marks(1, 2)).toEqual([pushed(1), pushed(1, 2000)])
  })

  test("goes to its own step's queue: an order with its AWB to the warehouse's", async () => {
    await world.due(1, { ...claimed, status: 'AWB_GENERATED' })

    await world.run()

    const urls = world.sqs.commandCalls(SendMessageBatchCommand).map((call) => call.args[0].input.QueueUrl)
    expect(urls).toEqual(['wms-queue'])
  })

  test('stays in its own trace, even though the relay runs in another', async () => {
    process.env._X_AMZN_TRACE_ID =
      'Root=1-00000000-0000000000000000000000ff;Parent=00000000000000ff;Sampled=1'
    const traceparent = (digit: string) => `00-${digit.repeat(32)}-${digit.repeat(16)}-01`
    const header = (digit: string) =>
      `Root=1-${digit.repeat(8)}-${digit.repeat(24)};Parent=${digit.repeat(16)};Sampled=1`
    await world.due(1, { traceparent: traceparent('a') })
    await world.due(2, { ...claimed, traceparent: traceparent('b') })
    await world.due(3, { outboxSends: 99, traceparent: traceparent('c') })

    await world.run()
    world.clock.pass(graceMs)
    await world.run()

    const events = world.bridge.commandCalls(PutEventsCommand).flatMap(({ args }) => args[0].input.Entries)
    expect(new Set(events.map((entry) => entry?.TraceHeader))).toEqual(new Set([header('a'), header('c')]))
    const [deadLetter] = world.sqs.commandCalls(SendMessageCommand)
    const messages = [...world.sent().flat(), ...(deadLetter ? [deadLetter.args[0].input] : [])]
    expect(
      messages.map(({ MessageSystemAttributes }) => MessageSystemAttributes?.AWSTraceHeader?.StringValue),
    ).toEqual(expect.arrayContaining([header('b'), header('c')]))
  })

  test('goes out in batches of ten', async () => {
    for (let number = 0; number < 23; number++) await world.due(number)
    for (let number = 30; number < 42; number++) await world.due(number, claimed)

    await world.run()

    const sizes = world.bridge.commandCalls(PutEventsCommand).map(({ args }) => args[0].input.Entries?.length)
    expect(sizes.toSorted()).toEqual([10, 10, 3])
    expect(
      world
        .sent()
        .map((entries) => entries.length)
        .toSorted(),
    ).toEqual([10, 2])
  })

  test.each([
    [1, 60_000],
    [2, 120_000],
    [3, 240_000],
    [4, 480_000],
    [5, 900_000],
    [9, 900_000],
  ])('is left alone for longer each time: after sending %d for %d ms', async (sends, ms) => {
    await world.due(1, { outboxSends: sends - 1 })

    await world.run()

    expect(await world.marks(1)).toEqual([[at(ms), sends]])
  })
})

describe('an order that is not overdue', () => {
  test('is left alone', async () => {
    const order = await world.due(1, {}, 1)

    await world.run()

    expect(world.published()).toEqual([])
    expect(await world.stored(orderIdAt(1))).toEqual(order)
  })

  test('is left alone even if the index says it is overdue, and does not displace one that is', async () => {
    world.rates.logistics = 1 / 60
    const order = await world.due(1, {}, 5000)
    await world.due(2)
    const { repository } = world
    const due: typeof repository.due = async (...query) => {
      const entries = await repository.due(...query)
      const stale = { orderId: order.orderId, outboxDueAt: at(-9000) }
      return query[0] === order.outboxPartition ? [stale, ...entries] : entries
    }

    await world.run({ repository: { ...repository, due } })

    expect(world.published()).toEqual([created(2)])
    expect(await world.stored(orderIdAt(1))).toEqual(order)
  })
})

test('the marks of a batch move in one write; if one of its orders has moved on, the others are moved one by one', async () => {
  for (const number of [1, 2, 3]) await world.due(number)
  await world.run()
  const writes = world.db.calls.filter(
    ({ table, action }) => table !== 'locks' && /Write|Update/.test(action),
  )
  expect(writes.map(({ action }) => action)).toEqual(['TransactWriteItems'])

  for (const number of [4, 5, 6]) await world.due(number)
  const next = statusMark({ orderId: orderIdAt(5), nonce, vendors, status: 'AWB_GENERATED' }, t0 + 61_000)
  const { repository } = world
  const getAll: typeof repository.getAll = async (...query) => {
    const orders = await repository.getAll(...query)
    const order = orders.find(({ orderId }) => orderId === orderIdAt(5))
    if (order) await world.db.put('orders', { ...order, status: 'AWB_GENERATED', ...next })
    return orders
  }
  await world.run({ repository: { ...repository, getAll } })

  expect(world.published().toSorted()).toEqual([1, 2, 3, 4, 6].map(created))
  expect(await world.marks(4, 6)).toEqual([pushed(1), pushed(1)])
  expect(await world.stored(orderIdAt(5))).toMatchObject(next)
})

test('an order that moves on between being read and being sent keeps its new mark', async () => {
  await world.due(1)
  const next = statusMark({ orderId: orderIdAt(1), nonce, vendors, status: 'AWB_GENERATED' }, t0 + 60_000)
  const { publisher } = world
  const publish: typeof publisher.publish = async (orders) => {
    const [order] = orders
    if (order) await world.db.put('orders', { ...order, status: 'AWB_GENERATED', ...next })
    return publisher.publish(orders)
  }

  await world.run({ publisher: { publish } })

  expect(await world.stored(orderIdAt(1))).toMatchObject(next)
})

function never(): never {
  throw new Error('The order was not made')
}
