import { describe, expect, test } from '@jest/globals'
import {
  consumerOf,
  detailTypes,
  eventForStatus,
  isBefore,
  linkOf,
  links,
  type OrderStatus,
  orderStatuses,
  placed,
  readyStatus,
  stepNames,
} from '../../../lambdas/domain/chain.ts'
import { storedOrder } from '../../builders.ts'
import { nextStatuses } from '../../next-statuses.ts'

const { vendors } = storedOrder()

describe('the chain', () => {
  test('begins where an order is placed, and each step goes on where the one before it ended', () => {
    expect(links.map(({ from }) => from)).toEqual([placed.status, ...links.slice(0, -1).map(({ to }) => to)])
    expect(links.at(-1)?.to).toBe(readyStatus)
  })

  test('has each step take up the event of the status that it begins with', () => {
    for (const step of stepNames) {
      const { from, consumes } = linkOf(step)
      expect(eventForStatus(from)).toBe(consumes)
      expect(consumerOf(from, vendors)).toBe(step)
    }
  })

  test('names no step, status or event twice', () => {
    for (const names of [stepNames, orderStatuses, detailTypes])
      expect(new Set(names).size).toBe(names.length)
  })

  test('lets an order be cancelled at once if no step has done its work, and anywhere step by step', () => {
    const leadingTo = (next: OrderStatus) =>
      orderStatuses.filter((status) => nextStatuses(status).includes(next))

    expect(leadingTo('CANCELLED')).toEqual([placed.status, 'CANCELLING'])
    expect(leadingTo('CANCELLING')).toEqual([placed.status, ...links.map(({ to }) => to)])
  })

  test('lets an order that cannot be cancelled any more go on wherever it was', () => {
    expect(nextStatuses('CANCELLING')).toEqual([placed.status, ...links.map(({ to }) => to), 'CANCELLED'])
  })

  test('ends where every step has done its work, and where the order is cancelled', () => {
    const ends = orderStatuses.filter((status) => consumerOf(status, vendors) === undefined)
    expect(ends).toEqual([readyStatus, 'CANCELLING', 'CANCELLED'])
  })

  test('leads an order past steps that it has no vendor for, since they were added after the click', () => {
    expect(consumerOf('CREATED', { wms: 'warehouse' })).toBe('wms')
    expect(consumerOf('AWB_GENERATED', { logistics: 'carrier' })).toBeUndefined()
  })

  test('has an order come before those that it will reach, and before no cancelled one', () => {
    expect(orderStatuses.filter((status) => isBefore(placed.status, status))).toEqual(
      links.map(({ to }) => to),
    )
    expect(orderStatuses.filter((status) => isBefore(readyStatus, status))).toEqual([])
    expect(orderStatuses.filter((status) => isBefore('CANCELLING', status))).toEqual([])
  })

  test('is logistics, then wms', () => {
    expect(links).toEqual([
      {
        name: 'logistics',
        vendor: 'carrier',
        consumes: 'ORDER_CREATED',
        from: 'CREATED',
        to: 'AWB_GENERATED',
      },
      {
        name: 'wms',
        vendor: 'warehouse',
        consumes: 'AWB_GENERATED',
        from: 'AWB_GENERATED',
        to: 'READY_FOR_FULFILLMENT',
      },
    ])
  })
})
