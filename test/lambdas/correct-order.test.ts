import { beforeEach, describe, expect, test } from '@jest/globals'
import type { Limits } from '../../lambdas/domain/limits.ts'
import type { Order } from '../../lambdas/domain/order.ts'
import { at, httpRequest, lambdaContext, orderBody, orderId, orderItem } from '../builders.ts'
import { type AmendWorld, createAmendWorld, deadLettered, inTheWay } from './amend-world.ts'
import { environment } from './environment.ts'

Object.assign(process.env, environment)
const { createHandler } = await import('../../lambdas/correct-order.ts')

let world: AmendWorld
let limits: Record<string, Limits>
beforeEach(async () => {
  limits = {}
  world = await createAmendWorld()
})

type Request = Parameters<typeof httpRequest>[0]
const correction = { shippingAddress: { city: 'Köln', line2: null } }
const { line2: _, ...shippingAddress } = { ...orderBody.shippingAddress, city: 'Köln' }
async function correct(request: Request = {}) {
  const event = httpRequest({ path: { orderId }, body: correction, ...request })
  const { statusCode, body = '' } = await createHandler({ ...world.amendParts(), limits })(
    event,
    lambdaContext(),
  )
  return { statusCode, body: JSON.parse(body) }
}
const pathsIn = ({ errors }: { errors: { path: string }[] }) => errors.map(({ path }) => path).sort()
const [first, second] = orderBody.items
const withAwb = { status: 'AWB_GENERATED', awb: 'AWB-1' } as const

describe('correcting an order', () => {
  test('to what its carrier does not take is refused with the path', async () => {
    limits = { carrier: { maxLengths: { city: 3 } } }
    await world.given()

    const { statusCode, body } = await correct()

    expect(statusCode).toBe(400)
    expect(body.errors).toEqual([{ path: 'shippingAddress.city', message: 'Must have at most 3 characters' }])
  })

  test('is held to what the vendors take that were chosen for it on the click', async () => {
    limits = { carrier: { maxLengths: { city: 3 } } }
    await world.given({ vendors: { logistics: 'courier', wms: 'warehouse' } })

    expect((await correct()).statusCode).toBe(200)
  })

  test('by the long line that its carrier got divided changes nothing', async () => {
    limits = { carrier: { maxLengths: { line1: 10 } } }
    const divided = { ...orderBody.shippingAddress, line1: 'Main', line2: 'Street 1' }
    await world.given({ shippingAddress: divided })

    const { statusCode } = await correct({
      body: { shippingAddress: { line1: 'Main Street 1', line2: null } },
    })

    expect(statusCode).toBe(200)
    expect((await world.stored()).version).toBe(1)
  })

  test('that no vendor has worked on is used by the next attempt: null removes, the rest stays', async () => {
    await world.given()

    expect(await correct()).toMatchObject({ statusCode: 200, body: { shippingAddress } })
    const order = await world.stored()
    expect(order).toMatchObject({ status: 'CREATED', round: 1, customer: orderBody.customer })
    expect(order.shippingAddress).toEqual(shippingAddress)
  })

  test('by a token that may not read shows no personal data', async () => {
    await world.given()

    expect((await correct({ scope: 'orders/write' })).body).toEqual({ orderId, status: 'CREATED' })
  })

  test('is recorded: by the shop for everybody, and by which client for operators and the log', async () => {
    await world.given()

    const { body } = await correct({ clientId: 'back-office' })
    await correct({ clientId: 'back-office', body: { customer: { name: 'Bea' } } })

    const { timeline, audit } = await world.stored()
    expect(timeline.slice(1)).toEqual([{ at: at(), type: 'CORRECTED', by: 'shop' }])
    expect(audit).toEqual([{ at: at(), action: 'CORRECTED', by: 'shop', who: 'back-office' }])
    const facts = expect.objectContaining({ orderId, status: 'CREATED', by: 'shop', who: 'back-office' })
    // Corrections that follow each other share an entry, so that a shop cannot fill the item; each is in the log.
    const line = { level: 'info', message: 'Order corrected', facts }
    expect(world.record.lines).toEqual([line, line])
    expect(JSON.stringify(body)).not.toContain('back-office')
  })

  test('takes a merge patch by its own content type, too', async () => {
    await world.given()

    const headers = { 'content-type': 'application/merge-patch+json' }
    expect(await correct({ headers })).toMatchObject({ statusCode: 200 })
    expect(await correct({ headers: { 'content-type': 'text/plain' } })).toMatchObject({ statusCode: 415 })
  })

  test('of a dead-lettered order succeeds, and the order stays dead-lettered until it is redriven', async () => {
    await world.given(deadLettered)

    expect(await correct()).toMatchObject({ statusCode: 200 })
    expect(await world.stored()).toMatchObject({ ...deadLettered, shippingAddress })
  })

  test('may change all data that vendors get, and removes what is no longer there', async () => {
    await world.given()
    const items = [{ ...orderItem, sku: 'NEW', name: 'Soy', weightGrams: 5 }, second]
    const patch = { customer: { phone: null, name: 'Bea' }, items, shippingService: null }

    expect(await correct({ body: patch })).toMatchObject({ statusCode: 200, body: { items } })
    const order = await world.stored()
    expect(order).toMatchObject({ items, total: 3130, customer: { name: 'Bea', company: 'Ada & Co' } })
    expect(order.customer).not.toHaveProperty('phone')
    expect(order).not.toHaveProperty('shippingService')
  })

  test('with its AWB is about what the label does not rest on', async () => {
    const order = await world.given(withAwb)
    const items = [{ ...first, sku: 'NEW', name: 'Soy' }, second]

    expect(await correct({ body: { items } })).toMatchObject({ statusCode: 200 })
    const corrected = await world.stored()
    const late = await correct({ body: { items: [{ ...items[0], weightGrams: 1 }, second], ...correction } })
    expect(corrected).toMatchObject({ items, round: order.round + 1 })
    expect(late.statusCode).toBe(422)
    expect(pathsIn(late.body)).toEqual([
      'items.0.weightGrams',
      'shippingAddress.city',
      'shippingAddress.line2',
    ])
    expect(await world.stored()).toEqual(corrected)
  })

  test.each([
    ['a price', { items: [{ ...first, unitPrice: 1 }, second] }, ['items.0.unitPrice']],
    ['a quantity', { items: [{ ...first, quantity: 1 }, second] }, ['items.0.quantity']],
    ['the number of items', { items: [first] }, ['items']],
    ['a charge', { charges: null }, ['charges']],
    ['the currency and the reference', { currency: 'USD', reference: 'other' }, ['currency', 'reference']],
    ['the metadata', { metadata: { basket: 'b-2' } }, ['metadata.basket']],
  ])("that concerns %s is a 422 that names it, whatever the order's status", async (_, body, paths) => {
    for (const state of [{}, withAwb]) {
      const order = await world.given(state)

      const answered = await correct({ body })

      expect(answered.statusCode).toBe(422)
      expect(pathsIn(answered.body)).toEqual(paths)
      expect(await world.stored()).toEqual(order)
    }
  })

  test.each([
    ...inTheWay.filter(([, { status }]) => status !== 'AWB_GENERATED'),
    ['is cancelled', { status: 'CANCELLED' } as Partial<Order>] as const,
    ['is being cancelled', { status: 'CANCELLING', undo: 'logistics' } as Partial<Order>] as const,
    ['is finished', { ...withAwb, expiresAt: 1 } as Partial<Order>] as const,
  ])('that %s is a 409 and changes nothing, unless it is what was corrected already', async (_, state) => {
    const order = await world.given(state)

    expect(await correct()).toMatchObject({ statusCode: 409 })
    expect(await correct({ body: { shippingAddress: { city: 'Münster' } } })).toMatchObject({
      statusCode: 200,
    })
    expect(await world.stored()).toEqual(order)
  })

  test('with something other than an order is a 400 with every invalid field', async () => {
    const order = await world.given()

    const body = { shippingAddress: { country: 'XX', zip: 1, name: null }, customer: 'Ada', items: [] }
    const answered = await correct({ body })

    expect(answered.statusCode).toBe(400)
    expect(pathsIn(answered.body)).toEqual([
      ...['customer', 'items', 'shippingAddress.country', 'shippingAddress.name', 'shippingAddress.zip'],
    ])
    expect(await world.stored()).toEqual(order)
  })

  test.each([
    ['a list', '[]'],
    ["an order's prototype", '{"__proto__":{"customer":null},"customer":{"__proto__":{"name":"X"}}}'],
    ['deeper than any stack', `${'{"x":'.repeat(21_000)}1${'}'.repeat(21_000)}`],
  ])('with %s is a 400 or changes nothing', async (_, body) => {
    const order = await world.given()

    expect([200, 400]).toContain((await correct({ body })).statusCode)
    expect(await world.stored()).toEqual(order)
  })

  test('once more with the same patch answers the same, and writes nothing', async () => {
    await world.given()

    const answered = await correct()
    const order = await world.stored()

    expect(await correct()).toEqual(answered)
    expect(await world.stored()).toEqual(order)
  })

  test('any number of times leaves room in the timeline', async () => {
    await world.given()

    for (let number = 0; number < 5; number++)
      await correct({ body: { shippingAddress: { line1: `${number}` } } })

    expect((await world.stored()).timeline.map(({ type }) => type)).toEqual(['CREATED', 'CORRECTED'])
  })

  test('logs nothing of what was corrected', async () => {
    await world.given()

    await correct()

    expect(world.record.text()).toContain('orderId')
    expect(world.record.text()).not.toContain('Köln')
  })

  test("is a 404 for another shop's order, and changes nothing", async () => {
    const order = await world.given({ ownerId: 'other' })

    expect(await correct({ scope: 'orders/write orders/read:all' })).toMatchObject({ statusCode: 404 })
    expect(await world.stored()).toEqual(order)
  })

  test('decides again if the order changes between the read and the write', async () => {
    await world.given()
    world.disturb(2)

    expect(await correct()).toMatchObject({ statusCode: 200 })
  })

  test('is a 409 if the order keeps changing', async () => {
    await world.given()
    world.disturb(3)

    expect(await correct()).toMatchObject({ statusCode: 409 })
  })
})
