import { SendMessageCommand } from '@aws-sdk/client-sqs'
import { beforeEach, describe, expect, test } from '@jest/globals'
import type { Order } from '../../../../lambdas/domain/order.ts'
import { at, graceMs, messageBody, nonce, orderIdAt, unknownSince } from '../../../builders.ts'
import { createRelayWorld, dayMs, type RelayWorld } from './relay-world.ts'

let world: RelayWorld
beforeEach(async () => {
  world = await createRelayWorld()
})

describe('an order that was sent, but not claimed for as long as an order may wait', () => {
  // 1 + 2 + 4 + 8 minutes, and 15 after each of 95 more.
  const hopeless = { outboxSends: 99 }

  test('is dead-lettered, into its DLQ and with its event', async () => {
    const order = await world.due(1, hopeless)

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
    expect(await world.stored(orderIdAt(1))).toMatchObject({ deadLettered: 1 })
    world.clock.pass(graceMs)
    await world.run()

    expect(world.published()).toEqual([`${orderIdAt(1)}:${nonce}:NEEDS_ATTENTION:logistics:1`])
    expect(await world.stored(orderIdAt(1))).not.toHaveProperty('outboxEventId')
    expect(world.deadLetters()).toHaveLength(1)
    expect(world.record.valuesOf('OrdersDeadLettered')).toEqual([1])
  })

  test.each<[string, Partial<Order>]>([
    ['has one more chance', { outboxSends: 98 }],
    ['was placed long ago and could not be sent since', { outboxSends: 1, statusAt: at(-2 * dayMs) }],
  ])('is not given up while it %s', async (_, change) => {
    await world.due(1, change)

    await world.run()

    expect(world.deadLetters()).toEqual([])
    expect(world.published()).toEqual([`${orderIdAt(1)}:${nonce}:CREATED`])
  })

  test('keeps the question of what its vendor made', async () => {
    await world.due(1, { ...hopeless, unknownOutcome: unknownSince(-5) })
    const claim = { step: 'logistics', id: 'ended', until: at(-7000), requestVersion: 1 } as const
    await world.due(2, { ...hopeless, claim, round: 3 })

    await world.run()

    expect(await world.stored(orderIdAt(1))).toMatchObject({ unknownOutcome: { at: at(-5), round: 0 } })
    const second = await world.stored(orderIdAt(2))
    expect(second).toMatchObject({ deadLettered: 1, unknownOutcome: { at: at(-7000), round: 3 } })
    expect(second).not.toHaveProperty('claim')
  })

  test('does not displace one that is sent', async () => {
    world.rates.logistics = 1 / 60
    for (let number = 1; number <= 250; number++) await world.due(number, hopeless, number - 9000)
    await world.due(999)

    await world.run()

    expect(world.deadLetters()).toHaveLength(250)
    expect(world.published()).toContain(`${orderIdAt(999)}:${nonce}:CREATED`)
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

  test('whose message the DLQ rejects is in the dead-letter index, and its event is published anyway', async () => {
    await world.due(1, hopeless)
    world.sqs.on(SendMessageCommand).rejects(new Error('Down'))

    await world.run()
    const owed = `${orderIdAt(1)}:${nonce}:NEEDS_ATTENTION:logistics:1`
    expect(await world.stored(orderIdAt(1))).toMatchObject({
      deadLettered: 1,
      deadLetterPartition: 'carrier#f',
      outboxEventId: owed,
    })
    world.clock.pass(graceMs)
    await world.run()

    expect(world.published()).toEqual([owed])
  })
})
