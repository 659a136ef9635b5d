import { PutEventsCommand } from '@aws-sdk/client-eventbridge'
import { beforeEach, describe, expect, test } from '@jest/globals'
import type { createHandler as CreateHandler } from '../../lambdas/create-order.ts'
import type { Limits } from '../../lambdas/domain/limits.ts'
import { orderView } from '../../lambdas/domain/order.ts'
import { shardOf } from '../../lambdas/domain/outbox.ts'
import { AwsError } from '../../local/services/aws-service.ts'
import {
  at,
  graceMs,
  httpRequest,
  lambdaContext,
  orderBody,
  personalData,
  routes,
  storedOrder,
} from '../builders.ts'
import { environment } from './environment.ts'
import { createWorld, type World } from './step-world.ts'

let world: World
let createHandler: typeof CreateHandler
beforeEach(async () => {
  world = await createWorld()
  limits = {}
  Object.assign(process.env, environment)
  ;({ createHandler } = await import('../../lambdas/create-order.ts'))
})

let limits: Record<string, Limits> = {}
/** Places an order; each request has an id of its own, as at API Gateway. */
let requests = 0
async function place(request: Parameters<typeof httpRequest>[0] = {}) {
  const { repository, publisher, clock, record } = world
  const deps = {
    repository,
    publisher,
    telemetry: record.telemetry,
    ownerClaim: 'sub',
    graceMs,
    outboxShards: 64,
    routes,
    limits,
    now: clock.now,
    random: () => 0.5,
  }
  const event = httpRequest({ body: orderBody, requestId: `request-${++requests}`, ...request })
  const { statusCode, headers, body = '' } = await createHandler(deps)(event, lambdaContext())
  return { statusCode, headers, body: JSON.parse(body) }
}
const writes = () => world.db.calls.filter(({ action }) => action === 'PutItem').length
/** The order without a reference of its own. */
const { reference: _reference, ...anonymous } = orderBody
const key = (value: string) => ({ headers: { 'idempotency-key': value } })

describe('a click', () => {
  test('for what its carrier does not take is refused with every path, and writes nothing', async () => {
    limits = { carrier: { countries: ['AT'], maxLengths: { city: 3 } }, warehouse: {} }

    const { statusCode, body } = await place()

    expect(statusCode).toBe(400)
    expect(body.errors.map(({ path }: { path: string }) => path)).toEqual([
      'shippingAddress.city',
      'shippingAddress.country',
    ])
    const listed = await world.repository.list('shop', { limit: 1, from: undefined }, () => {})
    expect(listed.orders).toEqual([])
    expect(world.bridge.calls()).toHaveLength(0)
  })

  test('again for an order that its carrier does not take any more gets that order', async () => {
    const first = await place()
    limits = { carrier: { countries: ['AT'] } }

    const second = await place()

    expect(second).toMatchObject({ statusCode: 201, body: first.body })
    expect(second.headers).toMatchObject({ 'idempotency-replayed': 'true' })
  })

  test('must meet the limits of its own vendors, and of no others', async () => {
    limits = { courier: { countries: ['AT'] } }

    expect((await place()).statusCode).toBe(201)
  })

  test('has the vendors that the routes choose for it, from then on', async () => {
    const { body } = await place()

    const { vendors } = await world.stored(body.orderId)
    expect(vendors).toEqual({ logistics: 'carrier', wms: 'warehouse' })
  })

  test('with a line that its carrier gets divided is a repeat when it comes again', async () => {
    limits = { carrier: { maxLengths: { line1: 10 } } }
    const { line2: _line2, ...address } = orderBody.shippingAddress
    const request = { body: { ...orderBody, shippingAddress: { ...address, line1: 'Main Street 1' } } }

    const first = await place(request)
    const second = await place(request)

    const { shippingAddress } = await world.stored(first.body.orderId)
    expect(shippingAddress).toMatchObject({ line1: 'Main', line2: 'Street 1' })
    expect(second.headers).toMatchObject({ 'idempotency-replayed': 'true' })
  })

  test('is one write and one event, and is answered by 201 with the order and its place', async () => {
    const answer = await place()

    expect(answer).toEqual({
      statusCode: 201,
      headers: { 'content-type': 'application/json', location: `/orders/${answer.body.orderId}` },
      body: {
        orderId: expect.stringMatching(/^ord_[0-9a-f]{32}$/),
        status: 'CREATED',
        message: 'Order successfully created.',
        total: 3130,
        currency: 'EUR',
        createdAt: at(),
      },
    })
    expect(world.db.calls.map(({ action }) => action)).toEqual(['PutItem'])
    expect(world.bridge.calls()).toHaveLength(1)
    expect(world.published()).toEqual([`${answer.body.orderId}:i0000:CREATED`])
    expect(world.record.valuesOf('OrdersCreated')).toEqual([1])
  })

  test('writes the order with its mark, which stays until the order moves on', async () => {
    const { body } = await place()

    expect(await world.stored(body.orderId)).toMatchObject({
      ...orderBody,
      ownerId: 'shop',
      status: 'CREATED',
      statusAt: at(),
      timeline: [{ at: at(), type: 'CREATED', by: 'shop' }],
      audit: [{ at: at(), action: 'CREATED', by: 'shop', who: 'shop' }],
      outboxEventId: `${body.orderId}:i0000:CREATED`,
      outboxDueAt: at(graceMs),
      outboxSends: 0,
      outboxShard: shardOf({ ownerId: 'shop', orderId: body.orderId }, 64),
      outboxPartition: `carrier#${shardOf({ ownerId: 'shop', orderId: body.orderId }, 64).toString(16)}`,
    })
  })

  test('is on record by the client that sent it, which the log names, and no answer', async () => {
    const { body } = await place({ clientId: 'web-shop-7' })

    expect((await world.stored(body.orderId)).audit).toEqual([
      { at: at(), action: 'CREATED', by: 'shop', who: 'web-shop-7' },
    ])
    expect(world.record.lines).toMatchObject([{ facts: { orderId: body.orderId, client: 'web-shop-7' } }])
    expect(JSON.stringify([body, orderView(await world.stored(body.orderId))])).not.toContain('web-shop-7')
  })

  test('is answered with 201 even if the bus is down, since the relay will send the event', async () => {
    world.bridge.on(PutEventsCommand).rejects(new Error('Down'))

    const { statusCode, body } = await place()

    expect(statusCode).toBe(201)
    expect(await world.stored(body.orderId)).toMatchObject({ outboxDueAt: at(graceMs) })
    expect(world.record.lines).toContainEqual(expect.objectContaining({ level: 'warn' }))
  })

  test('is answered with 500, and nothing is published, if the order cannot be written', async () => {
    world.db.failWhen(() => {
      throw new AwsError('AccessDeniedException', 'No')
    })

    expect(await place()).toMatchObject({ statusCode: 500, body: { title: 'Internal Server Error' } })
    expect(world.published()).toEqual([])
  })

  test('logs no personal data, repeated or failing', async () => {
    await place()
    world.bridge.on(PutEventsCommand).rejects(new Error(personalData.join()))
    world.clock.pass(graceMs)
    await place()
    world.db.failWhen(() => {
      throw new AwsError('ValidationException', 'The item is wrong')
    })
    await place()

    const logged = world.record.text()
    expect(logged).toContain('The item is wrong')
    expect(personalData.filter((text) => logged.includes(text))).toEqual([])
  })
})

describe('a correlation id', () => {
  test.each([
    ["is the caller's", 'my-id', 'my-id'],
    ['is the request where the caller has none', undefined, 'request-x'],
    ["is the request where the caller's is too long", 'x'.repeat(129), 'request-x'],
    ["is the request where the caller's has blanks", 'a b', 'request-x'],
  ])('%s', async (_, header, expected) => {
    const headers = header === undefined ? {} : { 'x-correlation-id': header }

    const { body } = await place({ headers, requestId: 'request-x' })

    expect(await world.stored(body.orderId)).toMatchObject({ correlationId: expected })
  })
})

describe('a repeat', () => {
  test.each([
    ['of its key', key('k-1')],
    ['of its reference, without a key', {}],
  ])('%s answers the same order, writes nothing and publishes nothing', async (_, request) => {
    const first = await place(request)
    const second = await place(request)

    expect(second.body).toEqual(first.body)
    expect(second).toMatchObject({ statusCode: 201, headers: { 'idempotency-replayed': 'true' } })
    expect(first.headers).not.toHaveProperty('idempotency-replayed')
    expect(world.published()).toHaveLength(1)
    expect(world.db.calls.map(({ action }) => action)).toEqual(['PutItem', 'PutItem'])
    expect(world.record.valuesOf('OrdersCreated')).toEqual([1])
  })

  test('answers CREATED however far the order has got', async () => {
    const first = await place()
    await world.db.put('orders', { ...(await world.stored(first.body.orderId)), status: 'AWB_GENERATED' })

    expect((await place()).body).toEqual(first.body)
  })

  test.each([
    [graceMs - 1, 1],
    [graceMs, 2],
  ])('after %d ms, the mark being due by then or not, has published %d times in all', async (ms, times) => {
    await place()
    world.clock.pass(ms)

    await place()

    expect(world.published()).toHaveLength(times)
  })

  test('of the same request by the SDK, its first answer lost, publishes as if it were the first', async () => {
    await place({ requestId: 'lost' })
    world.bridge.resetHistory()

    const again = await place({ requestId: 'lost' })

    expect(again.statusCode).toBe(201)
    expect(again.headers).not.toHaveProperty('idempotency-replayed')
    expect(world.published()).toHaveLength(1)
  })

  test.each(['CANCELLED', 'CANCELLING'] as const)(
    'of an order that is %s is a 409 that names it: nothing would ship',
    async (status) => {
      const { body } = await place()
      await world.db.put('orders', { ...(await world.stored(body.orderId)), status })

      expect(await place()).toMatchObject({
        statusCode: 409,
        body: { detail: expect.stringContaining(body.orderId) },
      })
    },
  )

  test('with the fields in another order is the same request', async () => {
    const turned = Object.fromEntries(Object.entries(orderBody).reverse())

    await place()

    expect(await place({ body: turned })).toMatchObject({ statusCode: 201 })
  })

  test.each([
    ['key', key('k-1'), key('k-1'), anonymous],
    ['reference', {}, {}, orderBody],
    ['reference under another key', key('k-1'), key('k-2'), orderBody],
  ])(
    'of a %s with another order is a 422 that names the first, which stays as it is',
    async (_, earlier, request, body) => {
      const first = await place({ ...earlier, body })
      const other = await place({ ...request, body: { ...body, currency: 'USD' } })

      expect(other).toMatchObject({
        statusCode: 422,
        body: { detail: expect.stringContaining(first.body.orderId) },
      })
      expect(await world.stored(first.body.orderId)).toMatchObject({ currency: 'EUR' })
      expect(world.published()).toHaveLength(1)
    },
  )
})

describe('two orders', () => {
  test.each([
    ['of two owners with one key', { ...key('k'), sub: 'a' }, { ...key('k'), sub: 'b' }],
    [
      'of which one has as its key what the other has as its reference',
      {},
      { ...key('shop-1'), body: anonymous },
    ],
    ['with two keys and no reference', { ...key('a'), body: anonymous }, { ...key('b'), body: anonymous }],
  ])('%s are two', async (_, one, other) => {
    const [first, second] = [await place(one), await place(other)]

    expect([first.statusCode, second.statusCode]).toEqual([201, 201])
    expect(first.body.orderId).not.toBe(second.body.orderId)
  })

  test.each([
    ['with one reference and two keys', key('a'), key('b')],
    ['with one reference, one of them without a key', key('a'), {}],
    [
      'of which one has blank fields that the other lacks',
      {},
      { body: { ...orderBody, shippingAddress: { ...orderBody.shippingAddress, phone: '', company: null } } },
    ],
  ])('%s are one', async (_, one, other) => {
    const [first, second] = [await place(one), await place(other)]

    expect([first.statusCode, second.statusCode]).toEqual([201, 201])
    expect(second.body).toEqual(first.body)
  })

  test('with one key, bare and quoted, are one', async () => {
    const body = anonymous
    const [first, second] = [await place({ ...key('k-1'), body }), await place({ ...key('"k-1"'), body })]

    expect(second.body).toEqual(first.body)
  })
})

describe('a request that is wrong', () => {
  const { reference, ...anonymous } = storedOrder()
  const { items, currency, customer, shippingAddress } = anonymous
  /** An order with a field that is nested deeper than any stack. */
  const bottomless = JSON.stringify(orderBody).replace(
    '{',
    `{"x":${'{"x":'.repeat(20_000)}1${'}'.repeat(20_000)},`,
  )
  const withoutReference = { items, currency, customer, shippingAddress }

  test('with thousands of mistakes is a 400 that lists a hundred', async () => {
    const unknown = Object.fromEntries(Array.from({ length: 5000 }, (_, index) => [`field-${index}`, 1]))

    const { statusCode, body } = await place({ body: { ...orderBody, ...unknown } })

    expect(statusCode).toBe(400)
    expect(body.errors).toHaveLength(100)
  })

  test.each<[number, string, Parameters<typeof httpRequest>[0], string[]]>([
    [400, 'neither key nor reference', { body: withoutReference }, ['Idempotency-Key', 'reference']],
    [400, 'a key that is none', key('a b'), ['Idempotency-Key']],
    [400, 'an empty key', key(''), ['Idempotency-Key']],
    [400, 'no items', { body: { ...orderBody, items: [] } }, ['items']],
    [400, 'a body deeper than any stack', { body: bottomless }, ['x']],
    [403, 'a token of nobody', { sub: '' }, []],
    [413, 'a body that is too large', { body: 'x'.repeat(200_000) }, []],
    [415, 'another content type', { headers: { 'content-type': 'text/plain' } }, []],
  ])('is a %d: %s, and writes nothing', async (status, _, request, paths) => {
    const { statusCode, body } = await place(request)

    expect(statusCode).toBe(status)
    expect((body.errors ?? []).map(({ path }: { path: string }) => path)).toEqual(paths)
    expect(writes()).toBe(0)
    expect(world.published()).toEqual([])
  })
})
