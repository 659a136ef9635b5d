import { beforeEach, describe, expect, test } from '@jest/globals'
import { claimOrder } from '../../../lambdas/adapters/claim.ts'
import { createOrderRepository, type OrderRepository } from '../../../lambdas/adapters/order-repository.ts'
import { cancelling } from '../../../lambdas/domain/cancellation.ts'
import { linkOf } from '../../../lambdas/domain/chain.ts'
import { corrected } from '../../../lambdas/domain/correction.ts'
import type { Decision } from '../../../lambdas/domain/decision.ts'
import type { Order } from '../../../lambdas/domain/order.ts'
import { done } from '../../../lambdas/domain/step-changes.ts'
import { AwsError } from '../../../local/services/aws-service.ts'
import {
  at,
  graceMs,
  nonce,
  orderBody,
  orderId,
  storedOrder,
  t0,
  transition,
  vendorCode,
} from '../../builders.ts'
import { createDynamoDb, type DynamoDb } from '../dynamodb.ts'

const times = { now: t0 + 1000, graceMs, retentionMs: 86_400_000 }
const mine = { step: 'logistics' as const, id: 'mine', until: at(22_000), requestVersion: 1 }
const others = { ...mine, id: 'others' }
const claimOf = {
  from: 'CREATED' as const,
  lane: 'carrier',
  eventId: `${orderId}:${nonce}:CREATED`,
  claim: mine,
  now: at(1000),
  dueAt: at(82_000),
}

let db: DynamoDb
let repository: OrderRepository

beforeEach(async () => {
  db = await createDynamoDb()
  repository = createOrderRepository(db.documents, 'orders')
})

const stored = () => repository.get(orderId)
/** Puts an order into the table and returns it. */
const given = async (change: Partial<Order> = {}): Promise<Order> => {
  const order = storedOrder(change)
  await db.put('orders', order)
  return order
}

describe('creating', () => {
  test('writes the order by one call', async () => {
    const order = storedOrder()

    const written = await repository.create(order)

    expect(written).toEqual({ written: true, order })
    expect(db.takeCalls()).toEqual(['PutItem'])
    expect(await stored()).toEqual(order)
  })

  test('answers the order that has the id already, by the same one call, and leaves it as it is', async () => {
    const first = await given({ requestId: 'first' })

    const written = await repository.create(storedOrder({ requestId: 'second' }))

    expect(written).toEqual({ written: false, order: first })
    expect(db.takeCalls()).toEqual(['PutItem'])
    expect(await stored()).toEqual(first)
  })

  test('throws what is not a failed condition', async () => {
    db.failWhen(() => {
      throw new AwsError('ThrottlingException', 'Slow down')
    })

    await expect(repository.create(storedOrder())).rejects.toThrow('Slow down')
  })
})

describe('claiming', () => {
  test('takes the lease and answers the order, by one call, and leaves a mark that is due after it', async () => {
    await given({ outboxSends: 3, outboxDueAt: at(22_000) })

    const { written, order } = await claimOrder(repository, orderId, claimOf)

    expect(written).toBe(true)
    expect(order).toMatchObject({ claim: mine, outboxDueAt: at(22_000), outboxSends: 0, outboxClaimed: true })
    expect(db.takeCalls()).toEqual(['UpdateItem'])
    expect(await stored()).toEqual(order)
  })

  test('moves a mark that would come due under the claim, by a second call', async () => {
    await given({ outboxSends: 3, outboxDueAt: at(21_999) })

    const { written, order } = await claimOrder(repository, orderId, claimOf)

    expect(written).toBe(true)
    expect(order).toMatchObject({ claim: mine, outboxDueAt: at(82_000), outboxSends: 0, outboxClaimed: true })
    expect(db.takeCalls()).toEqual(['UpdateItem', 'UpdateItem'])
    expect(await stored()).toEqual(order)
  })

  test('recognizes its own claim if the response was lost and the SDK retries the write', async () => {
    await given()
    const { order } = await claimOrder(repository, orderId, claimOf)

    expect(await claimOrder(repository, orderId, claimOf)).toEqual({ written: true, order })
  })

  test('is granted for an order that has no vendor of the steps before it: they were added after the click', async () => {
    await given({ vendors: { wms: 'warehouse' } })

    const claim = { ...mine, step: 'wms' as const }
    const request = { ...claimOf, from: 'AWB_GENERATED', lane: 'warehouse', claim } as const
    const { written, order } = await claimOrder(repository, orderId, request)

    expect(written).toBe(true)
    expect(order).toMatchObject({ status: 'CREATED', claim })
  })

  test.each<[string, Partial<Order>]>([
    ['in another status', { status: 'AWB_GENERATED' }],
    ['in the lane of another vendor of its step', { vendors: { logistics: 'courier', wms: 'carrier' } }],
    ['in no lane of its step', { vendors: { wms: 'warehouse' } }],
    ['cancelled', { status: 'CANCELLED' }],
    ['dead-lettered', { deadLettered: 1 }],
    ["under another's live claim", { claim: others }],
    ['before its next attempt', { nextAttemptAt: at(1001) }],
  ])('is refused for an order %s, and answers that order', async (_, change) => {
    const order = await given(change)

    const claimed = await claimOrder(repository, orderId, claimOf)

    expect(claimed).toEqual({ written: false, order })
    expect(await stored()).toEqual(order)
  })

  test('reports that the order does not exist', async () => {
    expect(await claimOrder(repository, orderId, claimOf)).toEqual({ written: false, order: undefined })
  })

  test('is granted at the very moment of the next attempt', async () => {
    await given({ nextAttemptAt: at(1000) })

    expect(await claimOrder(repository, orderId, claimOf)).toMatchObject({ written: true })
  })

  test('after an abandoned claim records that its outcome is unknown since the claim ended', async () => {
    await given({ claim: { ...others, until: at(999) }, round: 2 })

    const { order } = await claimOrder(repository, orderId, claimOf)

    expect(order).toMatchObject({ claim: mine, unknownOutcome: { since: at(999), at: at(999), round: 2 } })
    expect(await stored()).toEqual(order)
  })

  test('after an abandoned claim keeps the round, so the key, of an outcome that was unknown before', async () => {
    const unknownOutcome = { since: at(-5000), at: at(-5000), round: 0, requestVersion: 1 }
    await given({ claim: { ...others, until: at(999) }, round: 1, unknownOutcome })

    const { order } = await claimOrder(repository, orderId, claimOf)

    expect(order?.unknownOutcome).toEqual({ ...unknownOutcome, at: at(999) })
  })
})

describe('concluding', () => {
  test('writes what came of our own claim, in the table as in the answer', async () => {
    const order = await given({
      claim: mine,
      unknownOutcome: { since: at(), at: at(), round: 0, requestVersion: 1 },
    })

    const change = transition(order, 'AWB_GENERATED', { awb: 'AWB-1' }, times)
    const written = await repository.conclude(order, change)

    expect(written).toMatchObject({ written: true, order: { status: 'AWB_GENERATED', awb: 'AWB-1' } })
    expect(await stored()).toEqual(written.order)
    expect(written.order).not.toHaveProperty('claim')
    expect(written.order?.timeline.map(({ type }) => type)).toEqual(['CREATED', 'AWB_GENERATED'])
  })

  test.each<[string, Partial<Order>]>([
    ['is claimed by another by now', { claim: others }],
    ['has no claim any more', {}],
  ])('is refused if the order %s', async (_, change) => {
    const order = await given(change)

    const own = { ...order, claim: mine }
    const written = await repository.conclude(own, transition(own, 'AWB_GENERATED', {}, times))

    expect(written).toEqual({ written: false, order })
  })

  test('writes the same as it answers, for every sort of change', async () => {
    const question = { since: at(), at: at(), round: 0, requestVersion: 1 }
    const decisions: Decision[] = [
      { kind: 'advance', facts: { awb: 'AWB-1', trackingUrl: undefined }, round: 0 },
      { kind: 'retry', reason: 'HTTP_500', at: t0 + 6000, question },
      {
        kind: 'wait',
        reason: 'RATE_LIMITED',
        until: t0 + 6000,
        keepsMessage: true,
        isFailure: true,
        question: undefined,
      },
      { kind: 'dead-letter', reason: vendorCode('NOPE'), failure: 'permanent', question: undefined },
    ]
    for (const decision of decisions) {
      const order = await given({ claim: mine, waitingSince: at() })

      const written = await repository.conclude(order, done(order, linkOf('logistics'), decision, times))

      expect(await stored()).toEqual(written.order)
    }
  })
})

describe('a write whose response was lost, and which the SDK retries,', () => {
  /** The table applies a write but loses the response; the SDK's retry meets what was written. */
  const loseOneAnswer = () => db.loseAnswer('UpdateItem')

  test.each<[string, (order: Order) => Promise<unknown>]>([
    ['concluding', (order) => repository.conclude(order, transition(order, 'AWB_GENERATED', {}, times))],
    ['changing', (order) => repository.change(order, cancelling(order, times))],
  ])('is known again: %s', async (_, write) => {
    const order = await given({ claim: mine })
    loseOneAnswer()

    expect(await write(order)).toMatchObject({ written: true })
    expect(db.takeCalls()).toEqual(['UpdateItem', 'UpdateItem'])
  })
})

describe('changing what was read', () => {
  test('counts a version, so that the same reading cannot be written twice', async () => {
    const order = await given()

    const first = await repository.change(order, cancelling(order, times))
    const second = await repository.change(order, corrected(order, orderBody, t0))

    expect(first).toMatchObject({ written: true, order: { status: 'CANCELLED', version: 2 } })
    expect(second).toEqual({ written: false, order: first.order })
  })

  test('is refused once a worker has claimed the order', async () => {
    const order = await given()
    await claimOrder(repository, orderId, claimOf)

    const { written } = await repository.change(order, cancelling(order, times))

    expect(written).toBe(false)
    expect(await stored()).toMatchObject({ status: 'CREATED', claim: mine })
  })
})
