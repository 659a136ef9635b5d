import { GetQueueAttributesCommand } from '@aws-sdk/client-sqs'
import { beforeEach, describe, expect, test } from '@jest/globals'
import { shardOf } from '../../../lambdas/domain/outbox.ts'
import { AwsError } from '../../../local/services/aws-service.ts'
import { nonce, orderIdAt, t0 } from '../../builders.ts'
import { createRelayWorld, type RelayWorld } from './relay/relay-world.ts'

const created = (...numbers: number[]) => numbers.map((number) => `${orderIdAt(number)}:${nonce}:CREATED`)

let world: RelayWorld
beforeEach(async () => {
  world = await createRelayWorld()
})

describe('steps and announcements take turns', () => {
  test('slice by slice, so that none waits for what another has to do', async () => {
    world.rates.logistics = 1000
    for (let number = 0; number < 250; number++) await world.due(number)
    await world.due(300, { status: 'AWB_GENERATED' })
    await world.due(400, { status: 'CANCELLED' })

    await world.run()

    const events = world.published()
    expect(events).toHaveLength(252)
    expect(events.indexOf(`${orderIdAt(300)}:${nonce}:AWB_GENERATED`)).toBe(100)
    expect(events.indexOf(`${orderIdAt(400)}:${nonce}:CANCELLED`)).toBe(101)
  })

  test('even if no order of a slice is sent again because each is given up', async () => {
    for (let number = 0; number < 350; number++) await world.due(number, { outboxSends: 999 })
    await world.due(400, { status: 'AWB_GENERATED' })
    let slices = 3

    await world.run({}, { remainingMs: () => (slices-- > 0 ? 50_000 : 0) })

    expect(world.published()).toEqual([`${orderIdAt(400)}:${nonce}:AWB_GENERATED`])
    expect(world.deadLetters().length).toBeLessThan(350)
  })

  test('and the failure of one does not delay the others, but fails the run at the end', async () => {
    await world.due(1)
    await world.due(20, { status: 'AWB_GENERATED' })
    await world.due(21, { status: 'CANCELLED' })
    world.sqs.on(GetQueueAttributesCommand, { QueueUrl: 'queue' }).rejects(new Error('Down'))

    await expect(world.run()).rejects.toThrow('could not process every lane')

    const events = [`${orderIdAt(20)}:${nonce}:AWB_GENERATED`, `${orderIdAt(21)}:${nonce}:CANCELLED`]
    expect(world.published()).toEqual(events)
  })
})

describe('shops take turns', () => {
  const placedBy = (ownerId: string, number: number, dueMs: number) => {
    const shard = (number % 16).toString(16)
    const outboxShard = shardOf({ ownerId, orderId: orderIdAt(number, shard) }, 16)
    return world.due(number, { ownerId, outboxShard }, dueMs, shard)
  }

  test('so that the one order of a quiet shop does not wait for the many that another was owed before', async () => {
    world.rates.logistics = 1000
    for (let number = 0; number < 500; number++) await placedBy('flood', number, number - 5000)
    const { orderId, outboxShard, outboxEventId } = await placedBy('quiet', 500, -1)
    const floods = [0, 1, 2, 3].map((end) => shardOf({ ownerId: 'flood', orderId: `${orderId}${end}` }, 16))
    expect(floods).not.toContain(outboxShard)
    let slices = 4

    await world.run({}, { remainingMs: () => (slices-- > 0 ? 50_000 : 0) })

    expect(world.published()).toContain(outboxEventId)
    expect(world.published().length).toBeLessThan(250)
  })
})

describe('the time of a run', () => {
  test('is looked at before each slice: the rest is left to the next run', async () => {
    world.rates.logistics = 1000
    for (let number = 0; number < 250; number++) await world.due(number, {}, number - 1000)
    // One look for the lease, then one a slice: of the first step, the second, the announcements, the first again.
    const remaining = [50_000, 50_000, 50_000, 50_000, 15_000, 14_999]

    await world.run({}, { remainingMs: () => remaining.shift() ?? 0 })

    expect(world.published()).toHaveLength(200)

    await world.run()

    expect(new Set(world.published()).size).toBe(250)
    expect(world.published()).toHaveLength(250)
  })

  test('if none is left, nothing is started', async () => {
    await world.due(1)

    await world.run({}, { remainingMs: () => 9999 })

    expect(world.published()).toEqual([])
  })
})

describe('a group of shards', () => {
  const hold = async (untilMs: number, group = 0) => {
    const id = `outbox-relay#${group}/1`
    await world.db.put('locks', { id, leaseOwner: 'other', leaseUntil: t0 + untilMs, expiration: 0 })
  }

  test('has one run at a time', async () => {
    await world.due(1)
    await hold(0)

    await world.run()

    expect(world.published()).toEqual([])
  })

  test('is given back by a run that died when its lease is over', async () => {
    await world.due(1)
    await hold(-1)

    await world.run()

    expect(world.published()).toEqual(created(1))
  })

  test('is released at the end of a run, even one that failed', async () => {
    const lease = () => world.db.read('locks', { id: 'outbox-relay#0/1' })
    await world.run()
    expect(await lease()).not.toHaveProperty('leaseOwner')

    world.sqs.on(GetQueueAttributesCommand).rejects(new Error('Down'))
    await expect(world.run()).rejects.toThrow()

    expect(await lease()).not.toHaveProperty('leaseOwner')
  })

  test('is held for as long as its run can last', async () => {
    let until: unknown
    const { repository } = world
    const count: typeof repository.count = async () => {
      until = (await world.db.read('locks', { id: 'outbox-relay#0/1' }))?.leaseUntil
      return 0
    }

    await world.run({ repository: { ...repository, count } }, { remainingMs: () => 50_000 })

    expect(until).toBeGreaterThanOrEqual(t0 + 50_000)
  })

  test('is relayed even if leases are unavailable', async () => {
    await world.due(1)
    world.db.failWhen((action, { TableName }) => {
      if (action === 'UpdateItem' && TableName === 'locks') throw new AwsError('ThrottlingException', 'No')
    })

    await world.run()

    expect(world.published()).toEqual(created(1))
    expect(world.record.lines).toContainEqual(expect.objectContaining({ level: 'warn' }))
  })

  test('is not relayed by another run', async () => {
    await world.due(1, {}, -1000, '4')
    await world.due(1, {}, -1000, '7')

    await world.run({}, { group: 1, groups: 2 })

    expect(world.published()).toEqual([`${orderIdAt(1, '7')}:${nonce}:CREATED`])
  })
})

test('two runs over the same orders at once send each of them once', async () => {
  for (let number = 0; number < 30; number++) await world.due(number, { outboxClaimed: number % 2 === 0 })
  const isFree = { take: async () => true, release: async () => {} }

  const runAt = (ms: number) => world.run({ leaseOf: () => isFree, now: () => t0 + ms })
  await Promise.all([runAt(0), runAt(1)])

  expect(world.published()).toHaveLength(15)
  expect(world.sent().flat()).toHaveLength(15)
})

test('a run with 400 orders to read holds a slice of them', async () => {
  world.rates.logistics = 1000
  for (let number = 0; number < 400; number++) await world.due(number)
  const sizes: number[] = []
  const { repository } = world
  const getAll: typeof repository.getAll = async (ids, onUnreadable) => {
    sizes.push(ids.length)
    return repository.getAll(ids, onUnreadable)
  }

  await world.run({ repository: { ...repository, getAll } })

  expect(sizes).toEqual([100, 100, 100, 100])
})
