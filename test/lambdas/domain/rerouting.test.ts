import { describe, expect, test } from '@jest/globals'
import type { Order } from '../../../lambdas/domain/order.ts'
import { rerouted, type Target, untouched } from '../../../lambdas/domain/rerouting.ts'
import { deadLettered } from '../../../lambdas/domain/step-changes.ts'
import { at, changed, graceMs, nonce, orderId, storedOrder, t0, unknownSince } from '../../builders.ts'

const courier: Target = { name: 'courier', step: 'logistics', limits: {} }
const otherWarehouse: Target = { name: 'other-warehouse', step: 'wms', limits: {} }
const claimUntil = (ms: number) => ({ step: 'logistics', id: 'c', until: at(ms), requestVersion: 1 }) as const

function reroute(order: Order, to = courier): Order {
  const change = rerouted(order, to, t0 + 1000)
  if (typeof change === 'string') throw new Error(change)
  return changed(order, change)
}

describe('an order that its vendor has nothing of', () => {
  test('goes to another vendor of the step, in a round of its own that is due at once', () => {
    const waiting = storedOrder({
      attempts: 3,
      round: 2,
      waitingSince: at(-9),
      attention: { state: 'waiting', step: 'logistics', reason: 'TIME_OUT', attempts: 3, since: at(-9) },
      checkpoints: { logistics: { round: 2, value: 'shp_1' }, wms: { round: 1, value: 'kept' } },
    })
    const order = reroute(waiting)

    expect(order).toMatchObject({
      vendors: { logistics: 'courier', wms: 'warehouse' },
      round: 3,
      attempts: 0,
      outboxPartition: 'courier#f',
      outboxDueAt: at(1000),
      checkpoints: { wms: { round: 1, value: 'kept' } },
    })
    expect(order).not.toHaveProperty('attention')
    expect(order).not.toHaveProperty('waitingSince')
    expect(order.timeline.at(-1)).toEqual({
      at: at(1000),
      type: 'REROUTED',
      step: 'logistics',
      from: 'carrier',
    })
  })

  test('owes the event that it owed, which was published', () => {
    const order = reroute(storedOrder())

    expect(order.outboxEventId).toBe(`${orderId}:${nonce}:CREATED`)
    expect(order.outboxClaimed).toBe(true)
  })

  test('is no longer a dead letter', () => {
    const cause = { reason: 'TIME_OUT', failure: 'transient', question: undefined } as const
    const order = storedOrder()
    const dead = changed(order, deadLettered(order, 'logistics', cause, { now: t0, graceMs }))

    const after = reroute(dead)

    expect(after).toMatchObject({ deadLetterings: 1, outboxEventId: `${orderId}:${nonce}:CREATED` })
    for (const key of ['deadLettered', 'deadLetterPartition', 'deadLetteredAt'])
      expect(after).not.toHaveProperty(key)
  })

  test('is fitted to what the other vendor takes, as at the click', () => {
    const order = storedOrder()
    const { line2: _, ...address } = order.shippingAddress
    const long = { ...order, shippingAddress: { ...address, line1: 'Luisenstr. 48, second courtyard' } }

    expect(
      reroute(long, { ...courier, limits: { courier: { maxLengths: { line1: 20 } } } }).shippingAddress,
    ).toMatchObject({ line1: 'Luisenstr. 48,', line2: 'second courtyard' })
  })

  test('goes to another warehouse as long as no label names its sender', () => {
    const order = storedOrder({ status: 'AWB_GENERATED', awb: 'AWB-1' })

    expect(reroute(order, otherWarehouse).vendors).toEqual({ logistics: 'carrier', wms: 'other-warehouse' })
    expect(rerouted({ ...order, label: { url: 'https://label.example/1' } }, otherWarehouse, t0)).toContain(
      'names the sender',
    )
  })
})

describe('an order stays with its vendor', () => {
  test.each<[string, Partial<Order>, string]>([
    ['while that is being asked', { claim: claimUntil(9000) }, 'is being asked'],
    ['while a worker that died may have asked it', { claim: claimUntil(-9000) }, 'is being asked'],
    ['while it is in doubt', { unknownOutcome: unknownSince(-9) }, 'may have taken on'],
    ['that has made something', { made: { logistics: { round: 0, at: at() } } }, 'may have taken on'],
    ['once it is ready', { status: 'READY_FOR_FULFILLMENT', expiresAt: 9 }, 'too late'],
    ['while it is being cancelled', { status: 'CANCELLING', undo: 'logistics' }, 'too late'],
    ['once it is cancelled', { status: 'CANCELLED', expiresAt: 9 }, 'too late'],
    ["while it is another step's turn", { status: 'AWB_GENERATED' }, "It is the warehouse's turn"],
    ['that has it already', { vendors: { logistics: 'courier' } }, 'courier has it already'],
  ])('%s', (_, change, words) => {
    expect(rerouted(storedOrder(change), courier, t0)).toContain(words)
  })

  test('if the other one is retired', () => {
    expect(rerouted(storedOrder(), { ...courier, retired: true }, t0)).toContain('courier is retired')
  })

  test('if the other one does not take it, with each thing that is wrong', () => {
    const limits = { courier: { countries: ['FR'], services: ['standard'] } }

    expect(rerouted(storedOrder(), { ...courier, limits }, t0)).toBe(
      'It is not what courier takes: shippingAddress.country: Must be one of FR; shippingService: Must be one of standard.',
    )
  })
})

test('what has been settled as certain is untouched again', () => {
  expect(untouched(storedOrder({ unknownOutcome: unknownSince(-9) }))).toEqual(expect.any(String))
  expect(untouched(storedOrder())).toMatchObject({ name: 'logistics' })
})
