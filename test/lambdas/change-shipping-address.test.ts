import { beforeEach, describe, expect, test } from '@jest/globals'
import type { Order } from '../../lambdas/domain/order.ts'
import { httpRequest, lambdaContext, orderBody, orderId } from '../builders.ts'
import { type AmendWorld, createAmendWorld, deadLettered, inTheWay } from './amend-world.ts'
import { environment } from './environment.ts'

Object.assign(process.env, environment)
const { createHandler } = await import('../../lambdas/change-shipping-address.ts')

let world: AmendWorld
beforeEach(async () => {
  world = await createAmendWorld()
})

type Request = Parameters<typeof httpRequest>[0]
const shippingAddress = { ...orderBody.shippingAddress, city: 'Köln' }
async function change(request: Request = {}) {
  const event = httpRequest({ path: { orderId }, body: shippingAddress, ...request })
  const { statusCode, body = '' } = await createHandler(world.amendParts())(event, lambdaContext())
  return { statusCode, body: JSON.parse(body) }
}

describe('correcting the address', () => {
  test('of an order that nobody has taken on is what the next attempt uses', async () => {
    await world.given()

    expect(await change()).toMatchObject({ statusCode: 200, body: { shippingAddress } })
    expect(await world.stored()).toMatchObject({ status: 'CREATED', shippingAddress })
  })

  test('of a dead-lettered order is done, and leaves it where it is until it is redriven', async () => {
    await world.given(deadLettered)

    expect(await change()).toMatchObject({ statusCode: 200 })
    expect(await world.stored()).toMatchObject({ ...deadLettered, shippingAddress })
  })

  test.each([...inTheWay, ['is cancelled', { status: 'CANCELLED' } as Partial<Order>] as const])(
    'is a 409 where the order %s, and changes nothing',
    async (_, state) => {
      const order = await world.given(state)

      expect(await change()).toMatchObject({ statusCode: 409 })
      expect(await world.stored()).toEqual(order)
    },
  )

  test('to one that is none is a 400 with every wrong field', async () => {
    await world.given()

    const { statusCode, body } = await change({ body: { ...shippingAddress, country: 'XX', zip: 1 } })

    expect(statusCode).toBe(400)
    expect(body.errors.map(({ path }: { path: string }) => path).sort()).toEqual(['country', 'zip'])
  })

  test('logs nothing of the address', async () => {
    await world.given()

    await change()

    expect(world.record.text()).toContain('orderId')
    expect(world.record.text()).not.toContain('Köln')
  })

  test("is a 404 for another shop's order, and changes nothing", async () => {
    const order = await world.given({ ownerId: 'other' })

    expect(await change({ scope: 'orders/write orders/read:all' })).toMatchObject({ statusCode: 404 })
    expect(await world.stored()).toEqual(order)
  })

  test('decides anew where the order changed between the read and the write', async () => {
    await world.given()
    world.disturb(2)

    expect(await change()).toMatchObject({ statusCode: 200 })
  })

  test('is a 409 where the order keeps changing', async () => {
    await world.given()
    world.disturb(3)

    expect(await change()).toMatchObject({ statusCode: 409 })
  })
})
