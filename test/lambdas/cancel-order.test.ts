import { PutEventsCommand } from '@aws-sdk/client-eventbridge'
import { beforeEach, describe, expect, test } from '@jest/globals'
import { AwsError } from '../../local/services/aws-service.ts'
import { httpRequest, lambdaContext, nonce, orderId } from '../builders.ts'
import { type AmendWorld, createAmendWorld, deadLettered, inTheWay } from './amend-world.ts'
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
describe('cancelling', () => {
  test('an order that nobody has taken on calls it off, and the world hears of it', async () => {
    await world.given()

    const { statusCode, body } = await cancel()

    expect({ statusCode, body }).toMatchObject({ statusCode: 200, body: { orderId, status: 'CANCELLED' } })
    expect(world.published()).toEqual([`${orderId}:${nonce}:CANCELLED`])
    expect(await world.stored()).not.toHaveProperty('outboxEventId')
  })

  test.each(inTheWay)('is a 409 where the order %s, and changes nothing', async (_, state) => {
    const order = await world.given(state)

    expect(await cancel()).toMatchObject({ statusCode: 409 })
    expect(await world.stored()).toEqual(order)
    expect(world.published()).toEqual([])
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

  test('a dead-lettered order is a 503 where that cannot be paid, and changes nothing', async () => {
    const order = await world.given(deadLettered)
    world.bridge.on(PutEventsCommand).rejects(new Error('Down'))

    expect(await cancel()).toMatchObject({ statusCode: 503 })
    expect(await world.stored()).toEqual(order)
  })

  test('is done though the bus is down: the mark is there for the relay', async () => {
    await world.given()
    world.bridge.on(PutEventsCommand).rejects(new Error('Down'))

    expect(await cancel()).toMatchObject({ statusCode: 200 })
    expect(await world.stored()).toMatchObject({ outboxEventId: `${orderId}:${nonce}:CANCELLED` })
  })

  test('is done though the mark cannot be cleared', async () => {
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

  test('decides anew where the order changed between the read and the write', async () => {
    await world.given()
    world.disturb(2)

    expect(await cancel()).toMatchObject({ statusCode: 200 })
  })

  test('is a 409 where the order keeps changing', async () => {
    await world.given()
    world.disturb(3)

    expect(await cancel()).toMatchObject({ statusCode: 409 })
  })
})
