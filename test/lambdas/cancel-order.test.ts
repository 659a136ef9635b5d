import { PutEventsCommand } from '@aws-sdk/client-eventbridge'
import { beforeEach, describe, expect, test } from '@jest/globals'
import type { Order } from '../../lambdas/domain/order.ts'
import { AwsError } from '../../local/services/aws-service.ts'
import { at, httpRequest, lambdaContext, nonce, orderId, unknownSince } from '../builders.ts'
import { type AmendWorld, createAmendWorld, deadLettered } from './amend-world.ts'
import { environment } from './environment.ts'

Object.assign(process.env, environment)
const { createHandler } = await import('../../lambdas/cancel-order.ts')

let world: AmendWorld
beforeEach(async () => {
  world = await createAmendWorld()
})

type Request = Parameters<typeof httpRequest>[0]
async function cancel(request: Request = {}) {
  const event = httpRequest({ path: { orderId }, ...request })
  const { statusCode, body = '' } = await createHandler(world.amendParts())(event, lambdaContext())
  return { statusCode, body: JSON.parse(body) }
}
const claim = { step: 'logistics', id: 'c', until: at(9), requestVersion: 1 } as const

describe('cancelling', () => {
  test('an order that no vendor has worked on cancels it and publishes an event', async () => {
    await world.given()

    const { statusCode, body } = await cancel()

    expect({ statusCode, body }).toMatchObject({ statusCode: 200, body: { orderId, status: 'CANCELLED' } })
    expect(world.published()).toEqual([`${orderId}:${nonce}:CANCELLED`])
    expect(await world.stored()).not.toHaveProperty('outboxEventId')
  })

  test('is recorded: by the shop for everybody, and by which client for operators and the log', async () => {
    await world.given()

    const { body } = await cancel({ clientId: 'back-office' })

    const { timeline, audit } = await world.stored()
    expect(timeline.at(-1)).toEqual({ at: at(), type: 'CANCELLED', by: 'shop' })
    expect(audit).toEqual([{ at: at(), action: 'CANCELLED', by: 'shop', who: 'back-office' }])
    const facts = expect.objectContaining({ orderId, status: 'CANCELLED', by: 'shop', who: 'back-office' })
    expect(world.record.lines).toEqual([{ level: 'info', message: 'Order cancelled', facts }])
    expect(JSON.stringify(body)).not.toContain('back-office')
  })

  test('by a token that may not read shows no personal data', async () => {
    await world.given()

    expect((await cancel({ scope: 'orders/write' })).body).toEqual({ orderId, status: 'CANCELLED' })
  })

  test.each<[string, Partial<Order>, string]>([
    ['has its AWB', { status: 'AWB_GENERATED' }, 'logistics'],
    ['is ready', { status: 'READY_FOR_FULFILLMENT', expiresAt: 9 }, 'wms'],
    ['is claimed', { claim }, 'logistics'],
    ['was claimed, and nobody knows what came of it', { claim: { ...claim, until: at(-9) } }, 'logistics'],
    ['may have been taken on already', { unknownOutcome: unknownSince(-9) }, 'logistics'],
    ['may be with the warehouse', { status: 'AWB_GENERATED', unknownOutcome: unknownSince(-9) }, 'wms'],
  ])('one that %s is a 202: what vendors have or may have made is undone first', async (_, state, undo) => {
    const before = await world.given(state)

    expect(await cancel()).toMatchObject({ statusCode: 202, body: { status: 'CANCELLING' } })
    const order = await world.stored()
    expect(order).toMatchObject({ undo, cancellation: { from: before.status } })
    expect(order.outboxEventId).toBe(`${orderId}:${nonce}:CANCELLING:${undo}`)
    expect(world.published().at(-1)).toBe(order.outboxEventId)
    // What may have been made is still known, and nothing deletes an order that is not at its end.
    const { claim: left, unknownOutcome, made, expiresAt } = order
    expect({ claim: left, unknownOutcome, made }).toEqual({
      claim: before.claim,
      unknownOutcome: before.unknownOutcome,
      made: before.made,
    })
    expect(expiresAt).toBeUndefined()
  })

  test('one that is being cancelled changes nothing, and is answered the same', async () => {
    await world.given({ status: 'AWB_GENERATED' })

    const [first, second] = [await cancel(), await cancel()]

    expect(second).toEqual(first)
    expect(world.published()).toHaveLength(2)
  })

  test('one whose cancellation was refused is always a 409 and changes nothing', async () => {
    const cancellation = { from: 'AWB_GENERATED', refusedIn: 'AWB_GENERATED' } as const
    const order = await world.given({ status: 'READY_FOR_FULFILLMENT', cancellation })

    expect(await cancel()).toMatchObject({ statusCode: 409 })
    expect(await world.stored()).toEqual(order)
  })

  test('twice is answered the same, and published once', async () => {
    await world.given()

    const [first, second] = [await cancel(), await cancel()]

    expect(second).toEqual(first)
    expect(world.published()).toHaveLength(1)
  })

  test('a dead-lettered order pays first what it owes', async () => {
    await world.given(deadLettered)

    expect(await cancel()).toMatchObject({ statusCode: 200, body: { status: 'CANCELLED' } })
    expect(world.published()).toEqual([
      `${orderId}:${nonce}:NEEDS_ATTENTION:logistics:1`,
      `${orderId}:${nonce}:CANCELLED`,
    ])
    expect(await world.stored()).not.toHaveProperty('deadLettered')
  })

  test('a dead-lettered order is a 503 and changes nothing if the event it owes cannot be published', async () => {
    const order = await world.given(deadLettered)
    world.bridge.on(PutEventsCommand).rejects(new Error('Down'))

    expect(await cancel()).toMatchObject({ statusCode: 503 })
    expect(await world.stored()).toEqual(order)
  })

  test('succeeds even if the bus is down, since the mark is left for the relay', async () => {
    await world.given()
    world.bridge.on(PutEventsCommand).rejects(new Error('Down'))

    expect(await cancel()).toMatchObject({ statusCode: 200 })
    expect(await world.stored()).toMatchObject({ outboxEventId: `${orderId}:${nonce}:CANCELLED` })
  })

  test('succeeds even if the mark cannot be cleared', async () => {
    await world.given()
    world.db.failWhen((_action, { UpdateExpression }) => {
      if (String(UpdateExpression).startsWith('REMOVE outboxEventId')) throw new AwsError('Down', 'Down')
    })

    expect(await cancel()).toMatchObject({ statusCode: 200, body: { status: 'CANCELLED' } })
  })

  test("is a 404 for another shop's order, and changes nothing", async () => {
    const order = await world.given({ ownerId: 'other' })

    expect(await cancel({ scope: 'orders/write orders/read:all' })).toMatchObject({ statusCode: 404 })
    expect(await world.stored()).toEqual(order)
  })

  test('decides again if the order changes between the read and the write', async () => {
    await world.given()
    world.disturb(2)

    expect(await cancel()).toMatchObject({ statusCode: 200 })
  })

  test('is a 409 if the order keeps changing', async () => {
    await world.given()
    world.disturb(3)

    expect(await cancel()).toMatchObject({ statusCode: 409 })
  })
})
