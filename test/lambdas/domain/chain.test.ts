import { describe, expect, test } from '@jest/globals'
import {
  consumerOf,
  detailTypes,
  eventForStatus,
  linkOf,
  links,
  nextStatuses,
  orderStatuses,
  placed,
  readyStatus,
  stepNames,
} from '../../../lambdas/domain/chain.ts'

describe('the chain', () => {
  test('begins where an order is placed, and each step goes on where the one before it ended', () => {
    expect(links.map(({ from }) => from)).toEqual([placed.status, ...links.slice(0, -1).map(({ to }) => to)])
    expect(links.at(-1)?.to).toBe(readyStatus)
  })

  test('has each step take up the event of the status that it begins with', () => {
    for (const step of stepNames) {
      const { from, consumes } = linkOf(step)
      expect(eventForStatus(from)).toBe(consumes)
      expect(consumerOf(from)).toBe(step)
    }
  })

  test('names no step, status or event twice', () => {
    for (const names of [stepNames, orderStatuses, detailTypes])
      expect(new Set(names).size).toBe(names.length)
  })

  test('lets an order be cancelled before the first step has done its work, and no longer', () => {
    expect(orderStatuses.filter((status) => nextStatuses(status).includes('CANCELLED'))).toEqual([
      placed.status,
    ])
  })

  test('ends where every step has done its work, and where the order is cancelled', () => {
    const ends = orderStatuses.filter((status) => nextStatuses(status).length === 0)
    expect(ends).toEqual([readyStatus, 'CANCELLED'])
    for (const end of ends) expect(consumerOf(end)).toBeUndefined()
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
