import { beforeEach, describe, expect, test } from '@jest/globals'
import type { Circuit } from '../../../../lambdas/adapters/circuit.ts'
import { at, nonce, orderIdAt, t0, vendors } from '../../../builders.ts'
import { createRelayWorld, type RelayWorld } from './relay-world.ts'

const open: Circuit = { state: 'open', since: t0 - 90_000, until: t0, openMs: 10_000, reason: 'DOWN' }
const created = (...numbers: number[]) => numbers.map((number) => `${orderIdAt(number)}:${nonce}:CREATED`)

let world: RelayWorld
beforeEach(async () => {
  world = await createRelayWorld()
  // Six orders a run.
  world.rates.logistics = 0.1
  for (let number = 9; number > 0; number--) await world.due(number, {}, number - 1000)
})

describe('a run', () => {
  test('sends what the vendor takes until the next run, the most overdue first', async () => {
    await world.run()

    expect(world.published()).toEqual(created(1, 2, 3, 4, 5, 6))
  })

  test.each<[string, [number, number, number]]>([
    ['visible', [4, 0, 0]],
    ['in flight', [0, 4, 0]],
    ['delayed', [0, 0, 4]],
    ['all of these', [2, 1, 1]],
  ])('sends less by what the queue holds already: %s', async (_, depth) => {
    world.holds(...depth)

    await world.run()

    expect(world.published()).toEqual(created(1, 2))
  })

  test.each([6, 7, 5000])('sends nothing under a backlog of %d, where silence is normal', async (visible) => {
    await world.due(10, { outboxClaimed: true }, -3_600_000)
    world.holds(visible)

    await world.run()

    expect(world.published()).toEqual([])
    expect(world.sent()).toEqual([])
    expect(await world.marks(9, 10)).toEqual([
      [at(-991), 0],
      [at(-3_600_000), 0],
    ])
  })

  test.each<[string, { outboxSends: number }, number]>([
    ['was placed fifteen minutes ago', { outboxSends: 0 }, -840_000],
    ['was sent fifteen minutes ago', { outboxSends: 3 }, -660_000],
  ])(
    'sends one that was never claimed, and %s, under a backlog as well: its message may be lost',
    async (_, change, dueMs) => {
      await world.due(11, change, dueMs)
      await world.due(12, change, dueMs + 1)
      world.holds(5000)

      await world.run()

      expect(world.published()).toEqual(created(11))
    },
  )

  test('shares what the vendor takes with the runs of other groups', async () => {
    for (let number = 0; number < 40; number++)
      await world.due(number, {}, number - 2000, number % 2 ? '3' : '2')
    world.rates.logistics = 7 / 60
    const sent: number[] = []
    for (let minute = 0; minute < 2; minute++) {
      for (const group of [0, 1]) {
        await world.run({}, { group, groups: 2 })
        sent.push(world.published().length)
      }
      world.clock.pass(60_000)
    }

    expect(sent).toEqual([3, 7, 11, 14])
  })

  test('sends one at least, however slow the vendor is', async () => {
    world.rates.logistics = 0.001

    await world.run()

    expect(world.published()).toEqual(created(1))
  })

  test('after another sends all the others', async () => {
    await world.run()
    world.clock.pass(1000)

    await world.run()

    expect(world.published().sort()).toEqual(created(1, 2, 3, 4, 5, 6, 7, 8, 9))
  })

  test('tells how many orders wait and how long the oldest has been overdue', async () => {
    await world.run()

    expect(world.record.valuesOf('OrdersWaiting')).toEqual([9, 0])
    expect(world.record.valuesOf('OldestOverdueSeconds')).toEqual([0.999, 0])
  })

  test('tells the same while nothing may be sent, and of all groups only the first one counts', async () => {
    world.circuits.logistics = { ...open, until: t0 + 1 }

    await world.run({}, { group: 0, groups: 2 })
    await world.run({}, { group: 1, groups: 2 })

    expect(world.record.valuesOf('OrdersWaiting')).toEqual([9, 0])
    // The orders are in the last shard, which is the second group's.
    expect(world.record.valuesOf('OldestOverdueSeconds')).toEqual([0, 0, 0.999, 0])
  })

  test('tells how many orders in each lane wait for an operator, and how long the first has', async () => {
    const stuck = { deadLettered: 1, deadLetterPartition: 'warehouse#f' }
    await world.due(21, { ...stuck, deadLetteredAt: at(-90_000) }, 60_000)
    await world.due(22, { ...stuck, deadLetteredAt: at(-30_000) }, 60_000)

    await world.run()

    expect(world.record.valuesOf('UnresolvedDeadLetters')).toEqual([0, 2])
    expect(world.record.valuesOf('OldestDeadLetterSeconds')).toEqual([0, 90])
  })

  test('counts no more than a page of each shard', async () => {
    const limits: number[] = []
    const { repository } = world
    const count: typeof repository.count = async (_partition, limit) => {
      limits.push(limit)
      return limit
    }

    await world.run({ repository: { ...repository, count } })

    expect(new Set(limits)).toEqual(new Set([1000]))
    expect(world.record.valuesOf('OrdersWaiting')).toEqual([16_000, 16_000])
  })
})

describe("while the vendor's circuit", () => {
  test.each<[string, Circuit, number[]]>([
    ['is closed, all go', { state: 'closed', failures: 2 }, [1, 2, 3, 4, 5, 6]],
    ['is open, nothing goes', { ...open, until: t0 + 1 }, []],
    ['is half-open, one probe goes', open, [1]],
    ['is being probed, nothing goes', { ...open, probeId: 'p', probeUntil: t0 }, []],
    ['had a probe that died, another goes', { ...open, probeId: 'p', probeUntil: t0 - 1 }, [1]],
    ['is held by an operator, nothing goes', { state: 'closed', failures: 0, heldSince: t0 }, []],
    [
      'is closed and its pace slowed, as many go as that allows',
      { state: 'closed', failures: 0, slowedTo: 0.05, slowedAt: t0 },
      [1, 2, 3],
    ],
    [
      'is closed and the vendor wants a pause, nothing goes',
      { state: 'closed', failures: 0, pausedUntil: t0 + 1 },
      [],
    ],
    ['is held and half-open, nothing goes', { ...open, heldSince: t0 }, []],
  ])('%s', async (_, circuit, numbers) => {
    world.circuits.logistics = circuit

    await world.run()

    expect(world.published()).toEqual(created(...numbers))
  })

  test('is half-open, no probe is sent if the queue holds enough messages', async () => {
    world.circuits.logistics = open
    world.holds(6)

    await world.run()

    expect(world.published()).toEqual([])
  })

  test('is half-open, one probe goes, however many groups have a run', async () => {
    world.circuits.logistics = open
    await world.due(20, {}, -1000, '0')

    for (const group of [0, 1]) await world.run({}, { group, groups: 2 })

    expect(world.published()).toHaveLength(1)
  })

  test('cannot be read, it counts as closed', async () => {
    world.circuits.logistics = new Error('Throttled')

    await world.run()

    expect(world.published()).toEqual(created(1, 2, 3, 4, 5, 6))
    expect(world.record.lines).toContainEqual(expect.objectContaining({ level: 'warn' }))
  })

  test.each<[string, Circuit | undefined, number]>([
    ['is open, it is told since when', open, 90],
    ['is held, it is told since when', { ...open, heldSince: t0 - 5000 }, 5],
    ['is closed, it is told as well', undefined, 0],
  ])('%s', async (_, circuit, seconds) => {
    if (circuit) world.circuits.logistics = circuit

    await world.run()

    expect(world.record.valuesOf('VendorDownSeconds')).toEqual([seconds, 0])
    expect(world.record.dimensionsOf('VendorDownSeconds')).toEqual([
      { lane: vendors.logistics },
      { lane: vendors.wms },
    ])
  })
})
