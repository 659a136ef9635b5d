import { describe, expect, test } from '@jest/globals'
import { orderStatuses } from '../../../lambdas/domain/chain.ts'
import { eventOf, isOwedTo } from '../../../lambdas/domain/events.ts'
import { deadLettered, redriven } from '../../../lambdas/domain/step-changes.ts'
import {
  at,
  changed,
  graceMs,
  nonce,
  orderId,
  personalData,
  storedOrder,
  t0,
  vendorCode,
  vendors,
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
    ['CREATED', 'ORDER_CREATED', 'carrier'],
    ['AWB_GENERATED', 'AWB_GENERATED', 'warehouse'],
    ['READY_FOR_FULFILLMENT', 'READY_FOR_FULFILLMENT', undefined],
    ['CANCELLED', 'ORDER_CANCELLED', undefined],
  ] as const)(
    'that is %s is %s, its id made of the two, for the vendor whose turn it is',
    (status, detailType, lane) => {
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
            lane,
            reference: 'shop-1',
            total: 3130,
            currency: 'EUR',
            awb: 'AWB-1',
            wmsReference: 'W-1',
          },
        },
      })
    },
  )

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
    // No step's queue takes it up.
    expect(detail.data).toMatchObject({
      lane: undefined,
      status: 'CREATED',
      attention: { step: 'logistics', reason: 'ADDRESS_NOT_SERVED', number: 3 },
    })
  })

  test('that is to be undone is ORDER_CANCELLING, once for the vendor of each step', () => {
    const cancellation = { from: 'READY_FOR_FULFILLMENT' } as const
    const order = storedOrder({ status: 'CANCELLING', undo: 'wms', cancellation })

    for (const undo of ['wms', 'logistics'] as const) {
      const { detailType, detail } = eventOf({ ...order, undo })
      expect({ detailType, ...detail.metadata, ...detail.data }).toMatchObject({
        detailType: 'ORDER_CANCELLING',
        eventId: `${orderId}:${nonce}:CANCELLING:${undo}`,
        lane: vendors[undo],
      })
    }
  })

  test('whose cancellation was refused owes ORDER_CANCELLATION_REFUSED to the lane whose turn it is, until it moves on', () => {
    const cancellation = { from: 'AWB_GENERATED', refusedIn: 'AWB_GENERATED' } as const
    const order = storedOrder({ status: 'AWB_GENERATED', cancellation })

    const { detailType, detail } = eventOf(order)
    expect({ detailType, ...detail.metadata, ...detail.data }).toMatchObject({
      detailType: 'ORDER_CANCELLATION_REFUSED',
      eventId: `${orderId}:${nonce}:CANCELLATION_REFUSED`,
      status: 'AWB_GENERATED',
      lane: 'warehouse',
    })
    expect(eventOf({ ...order, status: 'READY_FOR_FULFILLMENT' }).detailType).toBe('READY_FOR_FULFILLMENT')
  })

  test("is its status's again once it was redriven", () => {
    const claim = { step: 'logistics' as const, id: 'c', until: at(9000), requestVersion: 1 }

    const order = changed(dead, redriven(dead, 'logistics', claim, times))

    expect(eventOf(order)).toEqual(eventOf(storedOrder()))
  })

  test('has the id that the mark says is owed, whichever event it is', () => {
    const orders = [...orderStatuses.map((status) => storedOrder({ status })), dead]

    for (const order of orders) expect(eventOf(order).detail.metadata.eventId).toBe(order.outboxEventId)
  })

  test('is owed to the lane whose turn it is, and to no other of the same step', () => {
    const order = storedOrder({ vendors: { logistics: 'courier', wms: 'carrier' } })
    const { eventId } = eventOf(order).detail.metadata

    expect(isOwedTo('courier', eventId, order)).toBe(true)
    expect(isOwedTo('carrier', eventId, order)).toBe(false)
    expect(isOwedTo('courier', `${eventId}:earlier`, order)).toBe(false)
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
      'lane',
      'orderId',
      'ownerId',
      'status',
      'total',
    ])
  })
})
