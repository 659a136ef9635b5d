import { beforeEach, describe, expect, jest, test } from '@jest/globals'
import type { EventPublisher } from '../../lambdas/adapters/event-publisher.ts'
import { createOutboxRepository } from '../../lambdas/adapters/outbox-repository.ts'
import { cancelOrder } from '../../lambdas/application/cancel-order.ts'
import { settleOrder } from '../../lambdas/application/operator-actions.ts'
import { type OrderStatus, readyStatus } from '../../lambdas/domain/chain.ts'
import { redacted } from '../../lambdas/domain/correction.ts'
import { eventOf } from '../../lambdas/domain/events.ts'
import { orderIdOf } from '../../lambdas/domain/identity.ts'
import { type Order, storedOrder as orderSchema, orderView } from '../../lambdas/domain/order.ts'
import { deadLettered } from '../../lambdas/domain/step-changes.ts'
import { telemetry } from '../../ops/cli/operator.ts'
import { redactOrder, showOrder } from '../../ops/order.ts'
import { reportLines } from '../../ops/orders/order-report.ts'
import { settlementOf } from '../../ops/orders/settlement.ts'
import {
  at,
  changed,
  graceMs,
  lanes,
  nonce,
  orderId,
  orderIdAt,
  personalData,
  storedOrder,
  t0,
  unknownSince,
  vendorCode,
  without,
} from '../builders.ts'
import { createDynamoDb, type DynamoDb } from '../lambdas/dynamodb.ts'

let dynamoDb: DynamoDb
let published: string[]
beforeEach(async () => {
  dynamoDb = await createDynamoDb()
  published = []
})

const deps = ({ isBusDown = false } = {}) => {
  const publisher: EventPublisher = {
    publish: async (orders) => {
      if (!isBusDown) published.push(...orders.map((order) => eventOf(order).detailType))
      return orders.map((order) => (isBusDown ? { order, error: 'InternalFailure' } : { order }))
    },
  }
  const repository = createOutboxRepository(dynamoDb.documents, 'orders')
  return {
    flags: ' --env prod',
    relayIntervalMs: 60_000,
    vendors: lanes,
    repository,
    publisher,
    now: () => t0 + 1000,
    graceMs,
    retentionMs: 86_400_000,
    telemetry,
  }
}
const put = (order: Order) => dynamoDb.put('orders', order)
const read = async () => orderSchema().parse(await dynamoDb.read('orders', { orderId }))

const stuck = (question?: Order['unknownOutcome']) => {
  const cause = {
    reason: vendorCode('ADDRESS_NOT_SERVED'),
    failure: 'permanent',
    question,
  } as const
  const order = storedOrder()
  return changed(order, deadLettered(order, 'logistics', cause, { now: t0, graceMs }))
}

const actor = {
  by: 'operator',
  who: 'arn:aws:sts::111122223333:assumed-role/operator/jo',
  note: 'Bea of the carrier, by phone',
} as const
const ref = { orderId, actor }

describe('order show', () => {
  test('shows the history of an order', async () => {
    await put(storedOrder())

    const { lines, json } = await showOrder(deps(), orderId)

    expect(lines.join('\n')).toContain('placed')
    expect(json).toMatchObject({ order: { orderId, status: 'CREATED' } })
  })

  test("finds an order by its AWB, and by its shop's reference", async () => {
    const shops = orderIdOf('shop-1', { of: 'reference', value: 'A-1' })
    await put(storedOrder({ orderId: shops, awb: 'AWB784512369087' }))

    for (const found of [showOrder(deps(), 'AWB784512369087'), showOrder(deps(), 'A-1', 'shop-1')])
      expect(await found).toMatchObject({ json: { order: { orderId: shops } } })
  })

  test('refuses an AWB that two orders have, and names both', async () => {
    for (const number of [1, 2]) await put(storedOrder({ orderId: orderIdAt(number), awb: '784512369087' }))

    await expect(showOrder(deps(), '784512369087')).rejects.toThrow(/^ord_.*and ord_.* have this AWB/)
  })

  test('says that there is no such order', async () => {
    await expect(showOrder(deps(), orderId)).rejects.toMatchObject({ kind: 'not-found' })
    await expect(showOrder(deps(), 'AWB1')).rejects.toMatchObject({
      exitCode: 3,
      message: "No order has the AWB AWB1. To find a shop's reference, add --shop.",
    })
    await expect(showOrder(deps(), 'A-1', 'shop-1')).rejects.toMatchObject({
      exitCode: 3,
      message: 'shop-1 has no order with the reference A-1.',
    })
  })

  test('refuses an incomplete order id as wrong usage', async () => {
    await expect(showOrder(deps(), 'ord_1')).rejects.toMatchObject({
      exitCode: 2,
      message: 'ord_1 is not an order id: ord_ and 32 hexadecimal digits.',
    })
  })
})

describe('order cancel', () => {
  test('cancels an order of any owner and publishes the event', async () => {
    await put(storedOrder({ ownerId: 'some-shop' }))

    await cancelOrder(deps(), ref)

    expect(await read()).toMatchObject({ status: 'CANCELLED', timeline: [{}, { type: 'CANCELLED' }] })
    expect(await read()).not.toHaveProperty('outboxEventId')
    expect((await read()).expiresAt).toBe((t0 + 1000 + 86_400_000) / 1000)
    expect(published).toEqual(['ORDER_CANCELLED'])
  })

  test('first publishes the event that a dead-lettered order still owes', async () => {
    await put(stuck())

    await cancelOrder(deps(), ref)

    expect(published).toEqual(['ORDER_NEEDS_ATTENTION', 'ORDER_CANCELLED'])
  })

  test('does not change a cancelled order', async () => {
    await put(storedOrder({ status: 'CANCELLED' }))

    expect(await cancelOrder(deps(), ref)).toMatchObject({ status: 'CANCELLED' })
    expect((await read()).version).toBe(1)
    expect(published).toEqual([])
  })

  test('leaves events that cannot be published to the relay', async () => {
    await put(storedOrder())
    const said = jest.spyOn(console, 'error').mockImplementation(() => {})

    await cancelOrder(deps({ isBusDown: true }), ref)

    expect(said).toHaveBeenCalledWith('Event not accepted, the relay will send it (InternalFailure)')
    said.mockRestore()
    expect(await read()).toMatchObject({
      status: 'CANCELLED',
      outboxEventId: `${orderId}:${nonce}:CANCELLED`,
    })
  })

  test('lets vendors undo their work first', async () => {
    await put(storedOrder({ status: 'AWB_GENERATED' }))

    expect(await cancelOrder(deps(), ref)).toMatchObject({ status: 'CANCELLING' })
    expect(published).toEqual(['AWB_GENERATED', 'ORDER_CANCELLING'])
  })

  test('refuses, as the API does, if a vendor has said that it is too late', async () => {
    const refused = { from: 'AWB_GENERATED', refusedIn: 'AWB_GENERATED' } as const
    await put(storedOrder({ status: 'AWB_GENERATED', cancellation: refused }))

    await expect(cancelOrder(deps(), ref)).rejects.toMatchObject({
      message: 'It is too late: the goods have left, or are about to.',
      kind: 'conflict',
    })
  })

  test('says that there is no such order', async () => {
    await expect(cancelOrder(deps(), ref)).rejects.toMatchObject({ kind: 'not-found' })
  })
})

describe('order settle', () => {
  const note = 'Bea of the carrier, by phone'
  const inDoubt = () => stuck(unknownSince(-9))

  test("advances an order by the vendor's answer, after publishing the event that it owed", async () => {
    await put(inDoubt())

    const order = await settleOrder(deps(), ref, settlementOf({ awb: ' AWB-5 ' }))

    expect(await read()).toMatchObject({
      status: 'AWB_GENERATED',
      awb: 'AWB-5',
      audit: [{ action: 'SETTLED', ...actor }],
    })
    expect(published).toEqual(['ORDER_NEEDS_ATTENTION', 'AWB_GENERATED'])
    expect(reportLines(order, deps(), t0).join('\n')).toContain(
      `settled: carrier has done its work, by ${actor.who}: ${note}`,
    )
  })

  test('shows the note only to operators, and removes it with the personal data', async () => {
    await put(inDoubt())

    await settleOrder(deps(), ref, settlementOf({ nothingMade: true }))

    expect(JSON.stringify(orderView(await read()))).not.toContain(note)
    expect(JSON.stringify(orderView(await read()))).not.toContain(actor.who)
    expect(JSON.stringify(changed(await read(), redacted(await read(), t0)))).not.toContain(note)
  })

  test('is refused while a worker calls the vendor, and loses to an earlier change', async () => {
    const claim = { step: 'logistics', id: 'c', until: at(9000), requestVersion: 1 } as const
    await put(storedOrder({ claim }))

    await expect(settleOrder(deps(), ref, settlementOf({ nothingMade: true }))).rejects.toMatchObject({
      kind: 'conflict',
      message: expect.stringContaining('A worker is calling the carrier'),
    })
    expect(await read()).toMatchObject({ claim, version: 1 })
  })

  test.each([
    ['nothing', {}],
    ['two things', { voided: true, shipped: true } as const],
    ['a blank number', { awb: ' ' }],
    ['an invalid link', { awb: 'AWB-5', trackingUrl: 'carrier' }],
    ['a link that is a script', { awb: 'AWB-5', trackingUrl: 'javascript:alert(1)' }],
  ])('is a usage error with %s', (_, said) => {
    expect(() => settlementOf(said)).toThrow(expect.objectContaining({ exitCode: 2 }))
  })
})

describe('order redact', () => {
  /** DynamoDB may delete what is finished, and nothing else. */
  const expiresAt = t0 / 1000 + 86_400
  const finished = (status: OrderStatus = readyStatus) =>
    without(storedOrder({ status, expiresAt }), 'outboxDueAt')

  test('leaves no personal data in the item, and a readable order', async () => {
    await put(finished())

    expect(await redactOrder(deps(), ref)).toMatchObject({ orderId, redactedAt: at(1000) })
    const order = await read()
    const stored = JSON.stringify(order)
    for (const secret of personalData) expect(stored).not.toContain(secret)
    expect(order).toMatchObject({ total: 3130, redactedAt: at(1000), customer: { name: 'REDACTED' } })
    expect(order.timeline.at(-1)).toEqual({ at: at(1000), type: 'PERSONAL_DATA_REDACTED', by: 'operator' })
  })

  test('changes nothing the second time', async () => {
    await put(finished())
    await redactOrder(deps(), ref)

    const again = await redactOrder({ ...deps(), now: () => t0 + 9000 }, ref)

    expect(again).toMatchObject({ redactedAt: at(1000) })
    expect((await read()).version).toBe(2)
  })

  test('redacts an order that was finished before the chain became longer', async () => {
    await put(finished('AWB_GENERATED'))

    expect(await redactOrder(deps(), ref)).toMatchObject({ redactedAt: at(1000) })
  })

  test.each(['CREATED', 'AWB_GENERATED'] as const)(
    'refuses an order that is %s, because it needs its address',
    async (status) => {
      await put(storedOrder({ status }))

      await expect(redactOrder(deps(), ref)).rejects.toMatchObject({ exitCode: 1 })
      expect((await read()).customer.name).toBe('Ada Buyer')
    },
  )

  test('says that there is no such order', async () => {
    await expect(redactOrder(deps(), ref)).rejects.toMatchObject({ kind: 'not-found' })
  })
})
