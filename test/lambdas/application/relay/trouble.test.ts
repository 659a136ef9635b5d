import { PutEventsCommand } from '@aws-sdk/client-eventbridge'
import { SendMessageBatchCommand, SendMessageCommand } from '@aws-sdk/client-sqs'
import { beforeEach, describe, expect, test } from '@jest/globals'
import type { Order } from '../../../../lambdas/domain/order.ts'
import { AwsError, type Json } from '../../../../local/services/aws-service.ts'
import { at, nonce, orderIdAt, t0 } from '../../../builders.ts'
import { createRelayWorld, dayMs, postponed, pushed, type RelayWorld } from './relay-world.ts'

const claimed = { outboxClaimed: true }
const created = (...numbers: number[]) => numbers.map((number) => `${orderIdAt(number)}:${nonce}:CREATED`)
const trouble = (number: number, waitedMs = 60_000, inDeadLetterQueue = false) => ({
  eventId: `${orderIdAt(number)}:${nonce}:CREATED`,
  waitedMs,
  inDeadLetterQueue,
})

let world: RelayWorld
beforeEach(async () => {
  world = await createRelayWorld()
})

/** The bus accepts every event but those of some orders. */
const busRefuses = (isRefused: (orderId: string) => boolean) =>
  world.bridge.on(PutEventsCommand).callsFake(({ Entries = [] }) => ({
    Entries: Entries.map(({ Detail = '{}' }: { Detail?: string }) =>
      isRefused(JSON.parse(Detail).data.orderId) ? { ErrorCode: 'InvalidArgument' } : { EventId: '1' },
    ),
  }))

/** The queue accepts every batch but those that hold the message of some order. */
const queueRefuses = (isRefused: (orderId: string) => boolean) =>
  world.sqs.on(SendMessageBatchCommand).callsFake(({ Entries = [] }) => {
    const ids: string[] = Entries.map(
      ({ MessageBody = '{}' }: { MessageBody?: string }) =>
        JSON.parse(MessageBody).data?.orderId ?? JSON.parse(MessageBody).detail.data.orderId,
    )
    if (ids.some(isRefused)) throw new Error('InvalidMessageContents')
    return {}
  })

/** The updates in a call, alone or in a transaction. */
const updatesIn = (action: string, input: Json) => {
  if (action === 'UpdateItem') return [input]
  return action === 'TransactWriteItems'
    ? (input.TransactItems as { Update: Json }[]).map(({ Update }) => Update)
    : []
}

/** DynamoDB refuses some writes of orders. */
const tableRefuses = (isRefused: (orderId: string, update: string) => boolean) =>
  world.db.failWhen((action, input) => {
    for (const { Key, UpdateExpression } of updatesIn(action, input)) {
      const { orderId } = Key as { orderId?: { S: string } }
      if (isRefused(orderId?.S ?? '', String(UpdateExpression)))
        throw new AwsError('ValidationException', 'No')
    }
  })

describe('how long an order has gone unclaimed is told', () => {
  const unclaimedSeconds = () => world.record.valuesOf('UnclaimedSeconds')
  /** Runs the relay every minute. */
  const runFor = async (minutes: number): Promise<void> => {
    for (let minute = 0; minute < minutes; minute++) {
      await world.run()
      world.clock.pass(60_000)
    }
  }

  test.each<[string, Partial<Order>, () => unknown]>([
    ['of an order that is sent, and that no worker takes up', {}, () => {}],
    ['of an order that the bus refuses', {}, () => busRefuses(() => true)],
    ['of an order that its queue refuses', claimed, () => queueRefuses(() => true)],
    ['of an order that cannot be read', { currency: 5 as never }, () => {}],
    ['of an announcement that the bus refuses', { status: 'CANCELLED' }, () => busRefuses(() => true)],
  ])('%s', async (_, change, fail) => {
    await world.due(1, change)
    fail()

    await runFor(14)
    expect(Math.max(...unclaimedSeconds())).toBeLessThan(600)
    await runFor(3)
    expect(Math.max(...unclaimedSeconds())).toBeGreaterThan(600)
  })
})

describe('an order that cannot be brought on leaves its neighbours alone', () => {
  test('whose event the bus rejects', async () => {
    for (const number of [1, 2, 3]) await world.due(number, {}, number - 1000)
    busRefuses((orderId) => orderId === orderIdAt(1))

    await world.run()

    expect(world.record.valuesOf('EventsRepublished')).toEqual([2])
    // Refused is not sent: an outage of the bus must not count towards "never consumed".
    expect(await world.marks(1, 2, 3)).toEqual([postponed, pushed(1), pushed(1)])
    expect(await world.troubleOf(1)).toEqual(trouble(1))
    expect(await world.troubleOf(2)).toBeUndefined()
  })

  test('whose message the queue rejects', async () => {
    await world.due(1, claimed, -2000)
    await world.due(2, claimed)
    world.sqs.on(SendMessageBatchCommand).resolves({ Failed: [{ Id: '0', SenderFault: false, Code: 'No' }] })

    await world.run()

    expect(await world.marks(1, 2)).toEqual([postponed, pushed(1, 100)])
  })

  test('with which the queue refuses a whole batch: from then on it goes alone', async () => {
    for (const number of [1, 2, 3]) await world.due(number, claimed, number - 1000)
    queueRefuses((orderId) => orderId === orderIdAt(1))
    await world.run()
    expect(await world.marks(1, 2, 3)).toEqual([postponed, postponed, postponed])

    world.clock.pass(60_000)
    await world.run()

    expect(await world.troubleOf(1)).toEqual(trouble(1, 120_000))
    expect(await world.troubleOf(2)).toBeUndefined()
    expect(await world.troubleOf(3)).toBeUndefined()
  })

  test('whose mark cannot be moved is not sent either', async () => {
    for (const number of [1, 2]) await world.due(number)
    tableRefuses((orderId, update) => orderId === orderIdAt(1) && update.includes('REMOVE outboxTrouble'))

    await world.run()

    expect(world.published()).toEqual(created(2))
    expect(await world.marks(1, 2)).toEqual([postponed, pushed(1)])
  })

  test('whose mark cannot be written at all', async () => {
    for (const number of [1, 2]) await world.due(number)
    tableRefuses((orderId, update) => orderId === orderIdAt(1) && update.includes('outbox'))

    await world.run()

    expect(world.published()).toEqual(created(2))
    expect(await world.marks(1, 2)).toEqual([[at(-1000), 0], pushed(1)])
  })

  test('that cannot be dead-lettered', async () => {
    await world.due(1, { outboxSends: 99 })
    await world.due(2)
    tableRefuses((orderId, update) => orderId === orderIdAt(1) && update.includes('deadLettered'))

    await world.run()

    expect(world.published()).toEqual(created(2))
    expect(await world.marks(1)).toEqual([[at(60_000), 99]])
  })

  test.each([10, 1 / 60])('whose item makes no sense, at %d orders a second', async (rate) => {
    world.rates.logistics = rate
    const broken = await world.due(1, {}, -9000)
    await world.db.put('orders', { ...broken, status: 'LOST' })
    await world.due(2)

    await world.run()

    expect(world.published()).toEqual(created(2))
    expect(world.record.lines).toContainEqual(
      expect.objectContaining({ level: 'warn', facts: expect.objectContaining({ orderId: orderIdAt(1) }) }),
    )
    expect(await world.db.read('orders', { orderId: orderIdAt(1) })).toMatchObject({
      outboxDueAt: at(60_000),
      outboxTrouble: trouble(1),
    })
  })
})

describe('what fails again', () => {
  test('waits as long as it has failed, and at most the longest backoff', async () => {
    await world.due(1)
    busRefuses(() => true)
    const dueAt: number[] = []
    for (let run = 0; run < 8; run++) {
      await world.run()
      const next = Date.parse((await world.stored(orderIdAt(1))).outboxDueAt ?? '')
      dueAt.push((next - t0) / 60_000)
      world.clock.pass(next - world.clock.now())
    }

    expect(dueAt).toEqual([1, 2, 4, 8, 16, 31, 46, 61])
  })

  test('is counted', async () => {
    for (const number of [1, 2, 3]) await world.due(number)
    busRefuses((orderId) => orderId !== orderIdAt(2))

    await world.run()

    expect(world.record.valuesOf('OrdersPostponed')).toEqual([2])
    expect(world.record.dimensionsOf('OrdersPostponed')).toEqual([{ lane: 'carrier' }])
  })

  test('begins anew with the next event', async () => {
    await world.due(1, { status: 'AWB_GENERATED', outboxTrouble: trouble(1, dayMs) })
    busRefuses(() => true)

    await world.run()

    const eventId = `${orderIdAt(1)}:${nonce}:AWB_GENERATED`
    expect(await world.troubleOf(1)).toEqual({ ...trouble(1), eventId })
    expect(world.deadLetters()).toEqual([])
  })
})

describe('what failed for as long as an order may wait', () => {
  test('and fails again is dead-lettered', async () => {
    await world.due(1, { ...claimed, outboxTrouble: trouble(1, dayMs) })
    queueRefuses(() => true)

    await world.run()

    expect(await world.stored(orderIdAt(1))).toMatchObject({
      deadLettered: 1,
      attention: { state: 'dead-lettered', step: 'logistics', reason: 'CANNOT_BE_SENT' },
    })
    expect(world.deadLetters()).toMatchObject([{ reason: 'CANNOT_BE_SENT', deadLetterNumber: '1' }])
  })

  test('and is sent after all has a mark like any other', async () => {
    await world.due(1, { ...claimed, outboxTrouble: trouble(1, dayMs) })

    await world.run()

    expect(world.deadLetters()).toEqual([])
    expect(await world.troubleOf(1)).toBeUndefined()
  })

  test('is not dead-lettered a moment earlier', async () => {
    await world.due(1, { ...claimed, outboxTrouble: trouble(1, dayMs - 1) })
    queueRefuses(() => true)

    await world.run()

    expect(world.deadLetters()).toEqual([])
  })

  const leastMessage = (detailType: string, status: string, lane: string) => {
    const [orderId, eventId] = [orderIdAt(1), `${orderIdAt(1)}:${nonce}:${status}`]
    const detail = { metadata: { eventId }, data: { orderId, lane } }
    return JSON.stringify({ source: 'orders', 'detail-type': detailType, detail })
  }

  test('and cannot be read is shown in the DLQ, once, and looked at for ever', async () => {
    const order = await world.due(1, { outboxTrouble: trouble(1, dayMs) })
    await world.db.put('orders', { ...order, timeline: 'none' })

    for (let run = 0; run < 4; run++) {
      await world.run()
      world.clock.pass(15 * 60_000)
    }

    expect(world.deadLetters()).toEqual([
      expect.objectContaining({
        queue: 'dlq',
        orderId: orderIdAt(1),
        reason: 'CANNOT_BE_SENT',
        body: leastMessage('ORDER_CREATED', 'CREATED', 'carrier'),
      }),
    ])
    expect(world.record.valuesOf('OrdersDeadLettered')).toEqual([1])
    expect(await world.db.read('orders', { orderId: orderIdAt(1) })).toMatchObject({
      outboxDueAt: at(60 * 60_000),
    })
  })

  test('and cannot be announced is shown in the DLQ of the last lane, and announced once it can be', async () => {
    const eventId = `${orderIdAt(1)}:${nonce}:READY_FOR_FULFILLMENT`
    await world.due(1, { status: 'READY_FOR_FULFILLMENT', outboxTrouble: { ...trouble(1, dayMs), eventId } })
    busRefuses(() => true)
    await world.run()

    expect(world.deadLetters()).toMatchObject([
      { queue: 'wms-dlq', body: leastMessage('AWB_GENERATED', 'READY_FOR_FULFILLMENT', 'warehouse') },
    ])

    busRefuses(() => false)
    world.clock.pass(15 * 60_000)
    await world.run()

    expect(await world.stored(orderIdAt(1))).not.toHaveProperty('outboxEventId')
    expect(world.deadLetters()).toHaveLength(1)
  })

  test('and has no place in the DLQ either is tried there again', async () => {
    const order = await world.due(1, { outboxTrouble: trouble(1, dayMs) })
    await world.db.put('orders', { ...order, timeline: 'none' })
    world.sqs.on(SendMessageCommand).rejects(new Error('Down'))

    await world.run()
    expect(world.record.lines).toContainEqual(expect.objectContaining({ level: 'error' }))

    world.sqs.on(SendMessageCommand).resolves({})
    await world.run()
    expect(await world.db.read('orders', { orderId: orderIdAt(1) })).toMatchObject({
      outboxTrouble: trouble(1, dayMs + 900_000, true),
    })
  })
})

test('a message holds no character that a queue refuses', async () => {
  await world.due(1, { ...claimed, reference: 'a\uffffb\ufffec' })

  await world.run()

  const [[message] = []] = world.sent()
  expect(message?.MessageBody).toContain('a\\uffffb\\ufffec')
  expect(JSON.parse(message?.MessageBody ?? '').detail.data.reference).toBe('a\uffffb\ufffec')
})

/** The engine takes its time for a thousand orders where many processes share few cores. */
const thousandOrdersMs = 300_000

describe('a thousand poisoned orders do not keep a good one behind them waiting', () => {
  const good = 5000
  /** What is wrong with the order of a number. */
  const kinds = [
    'unreadable',
    'refused',
    'cannot be moved',
    'cannot be written',
    'cannot be given up',
  ] as const
  const kindOf = (orderId: string) => kinds[Number(`0x${orderId.slice(4, 35)}`) % 5]
  const isOfKind = (kind: (typeof kinds)[number]) => (orderId: string) =>
    orderId !== orderIdAt(good) && kindOf(orderId) === kind
  const refusedWrites = {
    'cannot be moved': /REMOVE outbox/,
    'cannot be written': /outbox/,
    'cannot be given up': /deadLettered/,
  }

  beforeEach(() => {
    busRefuses(isOfKind('refused'))
    queueRefuses(isOfKind('refused'))
    tableRefuses((orderId, update) =>
      Object.entries(refusedWrites).some(
        ([kind, written]) => isOfKind(kind as keyof typeof refusedWrites)(orderId) && written.test(update),
      ),
    )
  })

  async function givenPoison(change: Partial<Order>) {
    for (let number = 0; number < 1000; number++) {
      const kind = kindOf(orderIdAt(number))
      await world.due(
        number,
        {
          outboxClaimed: number % 2 === 0,
          ...(kind === 'unreadable' && { timeline: 'none' as never }),
          ...(kind === 'cannot be given up' && { outboxSends: 99 }),
          ...change,
        },
        number - 10_000,
      )
    }
  }
  const postponedOrders = () =>
    world.record.valuesOf('OrdersPostponed').reduce((sum, value) => sum + value, 0)

  test(
    'for what its vendor takes, which is ten a minute',
    async () => {
      world.rates.logistics = 10 / 60
      await givenPoison({})
      await world.due(good)

      await world.run()

      expect(await world.marks(good)).toEqual([pushed(1)])
      expect(world.published()).toEqual(expect.arrayContaining(created(good)))
      expect(postponedOrders()).toBe(1000)
    },
    thousandOrdersMs,
  )

  test(
    'for its announcement',
    async () => {
      await givenPoison({ status: 'CANCELLED' })
      await world.due(good, { status: 'CANCELLED' })

      await world.run()

      expect(world.published()).toContain(`${orderIdAt(good)}:${nonce}:CANCELLED`)
      expect(await world.stored(orderIdAt(good))).not.toHaveProperty('outboxEventId')
      // What cannot be given up can be announced.
      expect(postponedOrders()).toBe(800)
    },
    thousandOrdersMs,
  )
})
