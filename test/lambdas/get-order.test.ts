import { beforeEach, describe, expect, test } from '@jest/globals'
import { at, httpRequest, lambdaContext, orderId, orderIdAt } from '../builders.ts'
import { environment } from './environment.ts'
import { createWorld, type World } from './step-world.ts'

Object.assign(process.env, environment)
const { createHandler } = await import('../../lambdas/get-order.ts')

let world: World
beforeEach(async () => {
  world = await createWorld()
})

const deps = () => ({ repository: world.repository, telemetry: world.record.telemetry, ownerClaim: 'sub' })
type Request = Parameters<typeof httpRequest>[0]
async function get(request: Request = {}) {
  const event = httpRequest({ path: { orderId }, ...request })
  const { statusCode, body = '' } = await createHandler(deps())(event, lambdaContext())
  return { statusCode, body: JSON.parse(body) }
}
describe('one order', () => {
  test('is shown to its owner as it is, without bookkeeping', async () => {
    const attention = {
      state: 'retrying',
      step: 'wms',
      reason: 'HTTP_500',
      attempts: 2,
      since: at(),
    } as const
    const { timeline, customer } = await world.given({ status: 'AWB_GENERATED', awb: 'AWB-1', attention })

    const { statusCode, body } = await get()

    expect(statusCode).toBe(200)
    expect(body).toMatchObject({
      orderId,
      status: 'AWB_GENERATED',
      awb: 'AWB-1',
      attention,
      timeline,
      customer,
    })
    expect(body).not.toHaveProperty('outboxEventId')
  })

  test('of another shop gets the same 404 as one that does not exist, except for the id', async () => {
    await world.given({ ownerId: 'other' })

    const others = await get()
    const none = await get({ path: { orderId: orderIdAt(1) } })

    expect(others.statusCode).toBe(404)
    expect(JSON.stringify(others.body).replace(orderId, orderIdAt(1))).toBe(JSON.stringify(none.body))
  })

  test('is shown to support, whichever shop owns it', async () => {
    await world.given({ ownerId: 'other' })

    expect(await get({ scope: 'orders/read orders/read:all' })).toMatchObject({ statusCode: 200 })
  })

  test.each([
    ['its client', { sub: 'support', clientId: 'support-desk' }, 'support-desk'],
    ['its subject, where it names no client', { sub: 'support' }, 'support'],
  ])(
    "of another owner is read on record: with the order's id, and of the token %s",
    async (_, who, client) => {
      await world.given({ ownerId: 'other' })

      await get({ ...who, scope: 'orders/read:all' })

      expect(world.record.lines).toEqual([
        { level: 'info', message: 'Order read by support', facts: { orderId, client } },
      ])
    },
  )

  test("of the token's own owner is read without a line in the log", async () => {
    await world.given()

    await get({ scope: 'orders/read' })

    expect(world.record.lines).toEqual([])
  })

  test('that cannot exist is a 404 without a read', async () => {
    expect(await get({ path: { orderId: 'ord_1' } })).toMatchObject({ statusCode: 404 })
    expect(world.db.calls).toEqual([])
  })
})
