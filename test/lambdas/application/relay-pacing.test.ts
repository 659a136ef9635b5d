import { GetQueueAttributesCommand } from '@aws-sdk/client-sqs'
import { beforeEach, describe, expect, test } from '@jest/globals'
import type { Circuit } from '../../../lambdas/adapters/circuit-breaker.ts'
import { nonce, orderIdAt, t0 } from '../../builders.ts'
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

  test.each([6, 7, 5000])('sends nothing under a backlog of %d', async (visible) => {
    world.holds(visible)

    await world.run()

    expect(world.published()).toEqual([])
  })

  test('sends one at least, however slow the vendor is', async () => {
    world.rates.logistics = 0.001

    await world.run()

    expect(world.published()).toEqual(created(1))
  })

  test('after another brings all the others on', async () => {
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
})

describe("while the vendor's circuit", () => {
  test.each<[string, Circuit, number[]]>([
    ['is closed, all go', { state: 'closed', failures: 2 }, [1, 2, 3, 4, 5, 6]],
    ['is open, nothing goes', { ...open, until: t0 + 1 }, []],
    ['is half-open, one probe goes', open, [1]],
    ['is being probed, nothing goes', { ...open, probeId: 'p', probeUntil: t0 }, []],
    ['had a probe that died, another goes', { ...open, probeId: 'p', probeUntil: t0 - 1 }, [1]],
    ['is held by an operator, nothing goes', { state: 'closed', failures: 0, heldSince: t0 }, []],
    ['is held and half-open, nothing goes', { ...open, heldSince: t0 }, []],
  ])('%s', async (_, circuit, numbers) => {
    world.circuits.logistics = circuit

    await world.run()

    expect(world.published()).toEqual(created(...numbers))
  })

  test('is half-open, no probe goes where the queue holds enough of them', async () => {
    world.circuits.logistics = open
    world.holds(6)

    await world.run()

    expect(world.published()).toEqual([])
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
      { vendor: 'vendor-of-logistics' },
      { vendor: 'vendor-of-wms' },
    ])
  })
})

describe("one step's failure", () => {
  test("never keeps another's orders or an announcement waiting, and is the run's failure at the end", async () => {
    await world.due(20, { status: 'AWB_GENERATED' })
    await world.due(21, { status: 'CANCELLED' })
    world.sqs.on(GetQueueAttributesCommand, { QueueUrl: 'queue' }).rejects(new Error('Down'))

    await expect(world.run()).rejects.toThrow('could not look after every step')

    const events = [`${orderIdAt(20)}:${nonce}:AWB_GENERATED`, `${orderIdAt(21)}:${nonce}:CANCELLED`]
    expect(world.published()).toEqual(events)
  })
})

test('a run that has no time left takes nothing up', async () => {
  await world.run({}, 9999)

  expect(world.published()).toEqual([])
  expect(world.db.calls).toEqual([])
})
