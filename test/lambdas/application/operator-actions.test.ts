import { beforeEach, expect, test } from '@jest/globals'
import { createStepQueue } from '../../../lambdas/adapters/step-queue.ts'
import { rerouteOrder } from '../../../lambdas/application/operator-actions.ts'
import type { RelayDeps } from '../../../lambdas/application/relay/relay-deps.ts'
import type { Order } from '../../../lambdas/domain/order.ts'
import type { Target } from '../../../lambdas/domain/rerouting.ts'
import { deadLettered } from '../../../lambdas/domain/step-changes.ts'
import { at, changed, graceMs, nonce, orderIdAt, storedOrder, t0 } from '../../builders.ts'
import { createRelayWorld, dayMs, type RelayWorld } from './relay/relay-world.ts'

let world: RelayWorld
beforeEach(async () => {
  world = await createRelayWorld()
})

const orderId = orderIdAt(1)
const courier: Target = { name: 'courier', step: 'logistics', limits: {} }
const actor = { by: 'operator', who: 'jo', note: 'The carrier is down' } as const
const reroute = (to = courier) => {
  const { repository, publisher, clock, record } = world
  const times = { graceMs, retentionMs: dayMs, now: clock.now }
  return rerouteOrder(
    { repository, publisher, telemetry: record.telemetry, ...times },
    { orderId, actor },
    to,
  )
}
/** The relay's lanes: of two carriers. */
const lanes = (): Pick<RelayDeps, 'lanes'> => ({
  lanes: ['carrier', 'courier'].map((vendor) => ({
    step: 'logistics',
    vendor,
    ratePerSecond: 10,
    queue: createStepQueue(world.sqsClient, {
      queueUrl: `${vendor}-queue`,
      deadLetterQueueUrl: `${vendor}-dlq`,
      waitUnitMs: 1000,
    }),
    readCircuit: async () => ({ state: 'closed', failures: 0 }),
  })),
})
const sentLanes = () =>
  world
    .sent()
    .flatMap((entries) => entries.map(({ MessageBody = '{}' }) => JSON.parse(MessageBody).detail.data.lane))
const dead = (order: Order) => {
  const cause = { reason: 'TIME_OUT', failure: 'transient', question: undefined } as const
  return changed(order, deadLettered(order, 'logistics', cause, { now: t0 - 1000, graceMs }))
}

test('an order that waits goes to the queue of its new lane alone, with the next run of the relay', async () => {
  await world.due(1, { outboxClaimed: true })

  await reroute()
  await world.run(lanes())

  expect(sentLanes()).toEqual(['courier'])
  expect(world.published()).toEqual([])
})

test('an event that may not have been published is published first', async () => {
  await world.due(1)

  await reroute()
  await world.run(lanes())

  expect(world.published()).toEqual([`${orderId}:${nonce}:CREATED`])
  expect(sentLanes()).toEqual(['courier'])
})

test('a dead letter is announced before, and goes on in its new lane', async () => {
  await world.given(dead(storedOrder({ orderId })))

  await reroute()
  await world.run(lanes())

  expect(world.published()).toEqual([`${orderId}:${nonce}:NEEDS_ATTENTION:logistics:1`])
  expect(sentLanes()).toEqual(['courier'])
})

test('who did it and why is on the order', async () => {
  await world.due(1, { outboxClaimed: true })

  expect((await reroute()).audit).toEqual([{ at: at(), action: 'REROUTED', ...actor }])
})

test.each(['carrier', 'announcement'])(
  'an index that still shows it in the partition of %s does not bring it there',
  async (lane) => {
    await world.due(1, { outboxClaimed: true })
    await reroute()
    const late = async (partition: string) =>
      partition.startsWith(`${lane}#`) && partition.endsWith('f') ? [{ orderId, outboxDueAt: at(-1000) }] : []

    await world.run({ ...lanes(), repository: { ...world.repository, due: late } })

    expect(world.sent()).toEqual([])
    expect(world.published()).toEqual([])
    expect(await world.stored(orderId)).toMatchObject({ outboxPartition: 'courier#f', outboxDueAt: at() })
  },
)

test('a refusal says why, and changes nothing', async () => {
  const order = await world.due(1, { claim: { step: 'logistics', id: 'c', until: at(9), requestVersion: 1 } })

  await expect(reroute()).rejects.toMatchObject({
    kind: 'conflict',
    message: expect.stringContaining('asked'),
  })

  expect(await world.stored(orderId)).toEqual(order)
})
