import { describe, expect, test } from '@jest/globals'
import { orderStatuses } from '../../../lambdas/domain/chain.ts'
import { eventOf } from '../../../lambdas/domain/events.ts'
import { changed } from '../../../lambdas/domain/order-changes.ts'
import { deadLettered, redriven } from '../../../lambdas/domain/step-changes.ts'
import {
  at,
  graceMs,
  nonce,
  orderId,
  personalData,
  storedOrder,
  t0,
  vendorCode,
  without,
} from '../../builders.ts'

const times = { now: t0 + 5000, graceMs }
const refused = {
  reason: vendorCode('ADDRESS_NOT_SERVED'),
  question: undefined,
  failure: 'permanent' as const,
}
const dead = (() => {
  const order = storedOrder({ deadLetterings: 2 })
  return changed(order, deadLettered(order, 'logistics', refused, times))
})()

describe('the event of an order', () => {
  test.each([
    ['CREATED', 'ORDER_CREATED'],
    ['AWB_GENERATED', 'AWB_GENERATED'],
    ['READY_FOR_FULFILLMENT', 'READY_FOR_FULFILLMENT'],
    ['CANCELLED', 'ORDER_CANCELLED'],
  ] as const)('that is %s is %s, with an id made of the two', (status, detailType) => {
    const order = storedOrder({ status, statusAt: at(7), awb: 'AWB-1', wmsReference: 'W-1' })

    expect(eventOf(order)).toEqual({
      detailType,
      detail: {
        metadata: {
          eventId: `${orderId}:${nonce}:${status}`,
          correlationId: 'correlation-1',
          traceparent: order.traceparent,
          occurredAt: at(7),
          schemaVersion: 1,
        },
        data: {
          orderId,
          ownerId: 'shop',
          status,
          reference: 'shop-1',
          total: 3130,
          currency: 'EUR',
          awb: 'AWB-1',
          wmsReference: 'W-1',
        },
      },
    })
  })

  test('is the same however often it is made and whatever happens between', () => {
    const order = storedOrder()
    const later = { ...order, updatedAt: at(99), attempts: 3, outboxSends: 4, timeline: [] }

    expect(eventOf(later)).toEqual(eventOf(order))
  })

  test('that is dead-lettered is ORDER_NEEDS_ATTENTION, its id with step and number', () => {
    const { detailType, detail } = eventOf(dead)

    expect(detailType).toBe('ORDER_NEEDS_ATTENTION')
    expect(detail.metadata).toMatchObject({
      eventId: `${orderId}:${nonce}:NEEDS_ATTENTION:logistics:3`,
      occurredAt: at(5000),
    })
    expect(detail.data).toMatchObject({
      status: 'CREATED',
      attention: { step: 'logistics', reason: 'ADDRESS_NOT_SERVED', number: 3 },
    })
  })

  test("is its status's again once it was redriven", () => {
    const claim = { step: 'logistics' as const, id: 'c', until: at(9000), requestVersion: 1 }

    const order = changed(dead, redriven(dead, 'logistics', claim, false, times))

    expect(eventOf(order)).toEqual(eventOf(storedOrder()))
  })

  test('has the id that the mark says is owed, whichever event it is', () => {
    const orders = [...orderStatuses.map((status) => storedOrder({ status })), dead]

    for (const order of orders) expect(eventOf(order).detail.metadata.eventId).toBe(order.outboxEventId)
  })

  test('carries no personal data', () => {
    const orders = [...orderStatuses.map((status) => storedOrder({ status })), dead]

    const events = JSON.stringify(orders.map(eventOf))

    expect(personalData.filter((text) => events.includes(text))).toEqual([])
  })

  test('has no empty fields for what the order does not have', () => {
    const { detail } = eventOf(without(storedOrder(), 'reference'))

    expect(Object.keys(JSON.parse(JSON.stringify(detail.data))).sort()).toEqual([
      'currency',
      'orderId',
      'ownerId',
      'status',
      'total',
    ])
  })
})
