import { PutEventsCommand } from '@aws-sdk/client-eventbridge'
import { SendMessageBatchCommand, SendMessageCommand } from '@aws-sdk/client-sqs'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { attentionMark, statusMark } from '../../../lambdas/domain/outbox.ts'
import { AwsError } from '../../../local/services/aws-service.ts'
import { at, messageBody, nonce, orderId, orderIdAt, t0, unknownSince } from '../../builders.ts'
import { createRelayWorld, postponed, pushed, type RelayWorld } from './relay-world.ts'

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
    expect(world.record.dimensionsOf('EventsRepublished')).toEqual([{ step: 'logistics' }])
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

  test('stays in its own trace, though the relay works in another', async () => {
    process.env._X_AMZN_TRACE_ID =
      'Root=1-00000000-0000000000000000000000ff;Parent=00000000000000ff;Sampled=1'
    const traceparent = (digit: string) => `00-${digit.repeat(32)}-${digit.repeat(16)}-01`
    const header = (digit: string) =>
      `Root=1-${digit.repeat(8)}-${digit.repeat(24)};Parent=${digit.repeat(16)};Sampled=1`
    await world.due(1, { traceparent: traceparent('a') })
    await world.due(2, { ...claimed, traceparent: traceparent('b') })
    await world.due(3, { outboxSends: 10, traceparent: traceparent('c') })

    await world.run()

    const events = world.bridge.commandCalls(PutEventsCommand).flatMap(({ args }) => args[0].input.Entries)
    expect(events.map((entry) => entry?.TraceHeader).sort()).toEqual([header('a'), header('c')])
    const [deadLetter] = world.sqs.commandCalls(SendMessageCommand)
    const messages = [...world.sent().flat(), ...(deadLetter ? [deadLetter.args[0].input] : [])]
    expect(
      messages.map(({ MessageSystemAttributes }) => MessageSystemAttributes?.AWSTraceHeader?.StringValue),
    ).toEqual([header('b'), header('c')])
  })

  test('goes out in batches of ten', async () => {
    for (let number = 0; number < 23; number++) await world.due(number)
    for (let number = 30; number < 42; number++) await world.due(number, claimed)

    await world.run()

    const sizes = world.bridge.commandCalls(PutEventsCommand).map(({ args }) => args[0].input.Entries?.length)
    expect(sizes).toEqual([10, 10, 3])
    expect(world.sent().map((entries) => entries.length)).toEqual([10, 2])
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

  test('is left alone though the index says it is overdue, and takes no place of one that is', async () => {
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

describe('an order that was sent ten times and never taken up', () => {
  const hopeless = { outboxSends: 10 }

  test('is dead-lettered, into its DLQ and with its event', async () => {
    const order = await world.due(1, { ...hopeless, unknownOutcome: unknownSince(-5) })

    await world.run()

    expect(world.deadLetters()).toEqual([
      {
        queue: 'dlq',
        body: messageBody(order),
        orderId: orderIdAt(1),
        step: 'logistics',
        attempts: '0',
        kind: 'not-the-vendors',
        reason: 'NEVER_CONSUMED',
        deadLetterNumber: '1',
        trace: order.traceparent,
      },
    ])
    expect(world.published()).toEqual([`${orderIdAt(1)}:${nonce}:NEEDS_ATTENTION:logistics:1`])
    const stored = await world.stored(orderIdAt(1))
    expect(stored).toMatchObject({ deadLettered: 1, unknownOutcome: { at: at(-5) } })
    expect(stored).not.toHaveProperty('outboxEventId')
    expect(world.record.valuesOf('OrdersDeadLettered')).toEqual([1])
  })

  test('is given nine chances, and a tenth', async () => {
    await world.due(1, { outboxSends: 9 })

    await world.run()

    expect(world.deadLetters()).toEqual([])
    expect(world.published()).toEqual([created(1)])
  })

  test('is left to a worker that takes it up meanwhile', async () => {
    await world.due(1, hopeless)
    const { repository } = world
    const change: typeof repository.change = async (order, to) => {
      await world.db.put('orders', { ...order, version: order.version + 1 })
      return repository.change(order, to)
    }

    await world.run({ repository: { ...repository, change } })

    expect(await world.stored(orderIdAt(1))).not.toHaveProperty('deadLettered')
    expect(world.published()).toEqual([])
  })

  test('whose message the DLQ does not take is owed until it does', async () => {
    await world.due(1, hopeless)
    world.sqs.on(SendMessageCommand).rejects(new Error('Down'))

    await world.run()

    expect(world.published()).toEqual([])
    const owed = `${orderIdAt(1)}:${nonce}:NEEDS_ATTENTION:logistics:1`
    expect(await world.stored(orderIdAt(1))).toMatchObject({ deadLettered: 1, outboxEventId: owed })
  })
})

describe('one order that fails never blocks another', () => {
  test('whose event the bus does not take: it is tried again, the others are through', async () => {
    for (const number of [1, 2, 3]) await world.due(number, {}, number - 1000)
    const refused = { ErrorCode: 'InternalFailure' }
    world.bridge.on(PutEventsCommand).resolves({ Entries: [refused, { EventId: '2' }, { EventId: '3' }] })

    await world.run()

    expect(world.record.valuesOf('EventsRepublished')).toEqual([2])
    // Refused is not sent: an outage of the bus must not count towards "never consumed".
    expect(await world.marks(1, 2, 3)).toEqual([postponed, pushed(1), pushed(1)])
  })

  test('whose message the queue does not take: its mark stays, and it is sent by the next run', async () => {
    await world.due(1, claimed, -2000)
    await world.due(2, claimed)
    const failure = { Id: '0', SenderFault: false, Code: 'InternalError' }
    world.sqs.on(SendMessageBatchCommand).resolves({ Failed: [failure] })

    await world.run()

    expect(await world.marks(1, 2)).toEqual([[at(-2000), 0], pushed(1, 100)])
  })

  test('whose mark cannot be moved', async () => {
    for (const number of [1, 2]) await world.due(number)
    world.db.failWhen((action, { Key }) => {
      if (action === 'UpdateItem' && JSON.stringify(Key).includes(orderIdAt(1)))
        throw new AwsError('Down', 'Down')
    })

    await world.run()

    expect(await world.marks(1, 2)).toEqual([[at(-1000), 0], pushed(1)])
  })

  test('that cannot be dead-lettered', async () => {
    await world.due(1, { outboxSends: 10 })
    await world.due(2)
    world.db.failWhen((action, { Key }) => {
      if (action === 'UpdateItem' && JSON.stringify(Key).includes(orderIdAt(1)))
        throw new AwsError('Down', 'Down')
    })

    await world.run()

    expect(world.published()).toEqual([created(2)])
  })

  test.each([10, 1 / 60])('whose item makes no sense, at %d orders a second', async (rate) => {
    world.rates.logistics = rate
    const broken = await world.due(1, {}, -9000)
    await world.db.put('orders', { ...broken, status: 'LOST' })
    await world.due(2)

    await world.run()

    expect(world.published()).toEqual([created(2)])
    expect(world.record.lines).toContainEqual(
      expect.objectContaining({ level: 'error', facts: expect.objectContaining({ orderId: orderIdAt(1) }) }),
    )
  })
})

describe('an announcement', () => {
  const ready = { status: 'READY_FOR_FULFILLMENT' } as const
  const dead = {
    deadLettered: 1,
    deadLetterings: 1,
    ...attentionMark({ orderId, nonce }, 'wms', 1, t0 - 1000),
    orderId,
    attention: { state: 'dead-lettered', step: 'wms', reason: 'NOPE', attempts: 5, since: at() },
  } as const

  test('that the bus takes is owed no more', async () => {
    await world.due(1, ready)
    await world.due(2, { status: 'CANCELLED' })
    await world.given(dead)

    await world.run()

    expect(world.published().sort()).toEqual(
      [
        `${orderIdAt(1)}:${nonce}:READY_FOR_FULFILLMENT`,
        `${orderIdAt(2)}:${nonce}:CANCELLED`,
        `${orderId}:${nonce}:NEEDS_ATTENTION:wms:1`,
      ].sort(),
    )
    for (const id of [orderIdAt(1), orderIdAt(2), orderId])
      expect(await world.stored(id)).not.toHaveProperty('outboxEventId')
  })

  test('of a dead letter comes with its message: whoever dead-lettered it may have died before that', async () => {
    const order = await world.given(dead)

    await world.run()

    const { deadLettered: number, attention: stuck, ...alive } = order
    expect(world.deadLetters()).toEqual([
      expect.objectContaining({
        queue: 'wms-dlq',
        body: messageBody(alive),
        reason: 'NOPE',
        deadLetterNumber: '1',
      }),
    ])
  })

  test('that the bus does not take stays owed', async () => {
    await world.due(1, ready)
    world.bridge.on(PutEventsCommand).resolves({ Entries: [{ ErrorCode: 'InternalFailure' }] })

    await world.run()

    expect(await world.marks(1)).toEqual([postponed])
  })

  test("is nobody's vendor's business: an open circuit does not hold it back", async () => {
    await world.due(1, ready)
    const circuit = { state: 'open', since: t0, until: t0 + 9000, openMs: 9000, reason: 'DOWN' } as const
    Object.assign(world.circuits, { logistics: circuit, wms: circuit })

    await world.run()

    expect(world.published()).toEqual([`${orderIdAt(1)}:${nonce}:READY_FOR_FULFILLMENT`])
  })
})

test('an order that got on between the reading and the sending keeps its new mark', async () => {
  await world.due(1)
  const next = statusMark({ orderId: orderIdAt(1), nonce }, 'AWB_GENERATED', t0 + 60_000)
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
