import { afterEach, beforeEach, expect, jest, test } from '@jest/globals'
import * as z from 'zod'
import { startVendorSimulator, type VendorSimulator } from '../../local/vendor-simulator.ts'
import { amazonMcf } from '../../vendors/amazon-mcf/fake.ts'
import { until } from '../until.ts'

type Answer = { status: number; body: unknown }

const orders = '/fba/outbound/2020-07-01/fulfillmentOrders'
/** A reference like ours: the 32 hexadecimal digits of the order's id, a nonce and a round. */
const reference = `${'0123456789abcdef'.repeat(2)}-k3v9x01`
const orderId = `ord_${'0123456789abcdef'.repeat(2)}`
const item = { sellerSku: 'TEA-1', sellerFulfillmentOrderItemId: '1', quantity: 2 }
const destinationAddress = {
  name: 'Ann',
  addressLine1: 'Rua do Paço 67',
  city: 'Rio de Janeiro',
  postalCode: '20010-010',
  countryCode: 'BR',
}
const order = {
  marketplaceId: 'ATVPDKIKX0DER',
  sellerFulfillmentOrderId: reference,
  displayableOrderId: 'shop-1',
  displayableOrderDate: '2026-11-22T12:00:00.000Z',
  displayableOrderComment: 'Thank you!',
  shippingSpeedCategory: 'Standard',
  fulfillmentAction: 'Ship',
  destinationAddress,
  items: [item],
}
const client = { grant_type: 'refresh_token', client_id: 'c', client_secret: 's', refresh_token: 'r' }

let vendor: VendorSimulator
let token: string
beforeEach(async () => {
  vendor = await startVendorSimulator({ name: 'amazon', protocol: amazonMcf })
  token = z.object({ access_token: z.string() }).parse((await ask(client)).body).access_token
})
afterEach(async () => {
  jest.restoreAllMocks()
  await vendor.stop()
})

async function read(response: Response): Promise<Answer> {
  return { status: response.status, body: await response.json() }
}
/** Requests a token. */
const ask = async (form: Record<string, string>) =>
  read(await fetch(`${vendor.url}/auth/o2/token`, { method: 'POST', body: new URLSearchParams(form) }))

async function call(
  method: 'GET' | 'POST' | 'PUT',
  path: string,
  { body, signal, as = token }: { body?: unknown; signal?: AbortSignal; as?: string } = {},
): Promise<Answer> {
  return read(
    await fetch(vendor.url + path, {
      method,
      signal: signal ?? null,
      headers: { 'x-amz-access-token': as },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    }),
  )
}
const create = (change: object = {}, options: { signal?: AbortSignal } = {}) =>
  call('POST', orders, { body: { ...order, ...change }, ...options })
const lookUp = (id = reference) => call('GET', `${orders}/${id}`)
const cancel = (id = reference) => call('PUT', `${orders}/${id}/cancel`)

const error = (status: number, code: string) => ({
  status,
  body: { errors: [{ code, message: expect.any(String), details: '' }] },
})
const inStatus = (fulfillmentOrderStatus: string) =>
  expect.objectContaining({
    status: 200,
    body: {
      payload: expect.objectContaining({
        fulfillmentOrder: expect.objectContaining({ fulfillmentOrderStatus }),
      }),
    },
  })
const connectionError = (attempt: Promise<unknown>) =>
  attempt.then(
    () => 'answered',
    (reason) => reason.cause?.code ?? reason.name,
  )
const arrival = (calls: number) =>
  until(vendor.ledger, ([first]) => (first?.createCalls ?? 0) >= calls, { everyMs: 0, withinMs: 20_000 })

test('an order is received, can be read, and is in the ledger under our order id', async () => {
  expect(await create()).toEqual({ status: 200, body: {} })

  const answer = await lookUp()
  expect(answer).toEqual(inStatus('Received'))
  expect(answer.body).toMatchObject({
    payload: {
      fulfillmentOrder: {
        sellerFulfillmentOrderId: reference,
        displayableOrderId: 'shop-1',
        destinationAddress,
        receivedDate: expect.any(String),
        statusUpdatedDate: expect.any(String),
      },
      fulfillmentOrderItems: [{ ...item, cancelledQuantity: 0, unfulfillableQuantity: 0 }],
      returnItems: [],
      returnAuthorizations: [],
    },
  })
  expect(vendor.ledger()).toEqual([
    { reference: orderId, id: reference, createCalls: 1, created: 1, voided: 0 },
  ])
})

test('a reference can be used once: a second order is refused like any invalid one, and makes nothing', async () => {
  await create()

  expect(await create()).toEqual(error(400, 'InvalidInput'))
  expect(vendor.ledger()).toMatchObject([{ createCalls: 2, created: 1 }])
})

test.each([
  ['no items', { items: [] }],
  ['an item without a quantity', { items: [{ ...item, quantity: 0 }] }],
  ['a reference that is too long', { sellerFulfillmentOrderId: 'x'.repeat(41) }],
  ['no postal code', { destinationAddress: { ...destinationAddress, postalCode: undefined } }],
  ['an unknown speed', { shippingSpeedCategory: 'Overnight' }],
  ['an invalid date', { displayableOrderDate: 'yesterday' }],
])('an order with %s is refused', async (_, change) => {
  expect(await create(change)).toEqual(error(400, 'InvalidInput'))
})

test('a missing order cannot be looked up or cancelled', async () => {
  expect(await lookUp()).toEqual(error(404, 'NotFound'))
  expect(await cancel()).toEqual(error(404, 'NotFound'))
  expect(vendor.ledger()).toEqual([])
})

test.each([
  ['DELETE', `${orders}/${reference}`],
  ['PUT', `${orders}/${reference}`],
  ['GET', `${orders}/${reference}/cancel`],
  ['GET', '/auth/o2/token'],
])('%s %s is not part of the API', async (method, path) => {
  await create()
  const response = await fetch(vendor.url + path, { method, headers: { 'x-amz-access-token': token } })

  expect(await read(response)).toEqual(error(404, 'NotFound'))
})

test('the token endpoint gives a token to a client with a refresh token, or with its own credentials', async () => {
  const granted = {
    status: 200,
    body: { access_token: expect.stringMatching(/^Atza\|/), token_type: 'bearer', expires_in: 3600 },
  }

  expect(await ask(client)).toEqual(granted)
  expect(await ask({ grant_type: 'client_credentials', client_id: 'c', client_secret: 's' })).toEqual(granted)
})

test.each([
  ['no refresh token', { ...client, refresh_token: '' }],
  ['no secret', { ...client, client_secret: '' }],
  ['another grant', { ...client, grant_type: 'password' }],
])('the token endpoint refuses a client with %s', async (_, form) => {
  expect(await ask(form)).toEqual({
    status: 400,
    body: expect.objectContaining({ error: 'invalid_request' }),
  })
})

test.each(['', 'Atza|of-another'])('a call with the token %j is forbidden', async (as) => {
  expect(await call('GET', `${orders}/${reference}`, { as })).toEqual(error(403, 'Unauthorized'))
})

test('a token expires after an hour', async () => {
  const now = Date.now()
  jest.spyOn(Date, 'now').mockReturnValue(now + 3_600_001)

  expect(await lookUp()).toEqual(error(403, 'Unauthorized'))
})

test('a cancellation takes a moment, and happens once', async () => {
  const clock = jest.spyOn(Date, 'now').mockReturnValue(0)
  token = z.object({ access_token: z.string() }).parse((await ask(client)).body).access_token
  await create()

  expect([await cancel(), await cancel()]).toEqual(Array(2).fill({ status: 200, body: {} }))
  clock.mockReturnValue(999)
  expect(await lookUp()).toEqual(inStatus('Received'))
  expect(vendor.ledger()).toMatchObject([{ voided: 0 }])
  clock.mockReturnValue(1000)
  expect(await lookUp()).toEqual(inStatus('Cancelled'))
  expect(vendor.ledger()).toMatchObject([{ created: 1, voided: 1 }])
})

test.each([{ shipped: true }, { voids: false }])(
  'with %j an order is being picked, and cannot be cancelled',
  async (faults) => {
    await create()
    vendor.setFaults(faults)

    expect(await lookUp()).toEqual(inStatus('Processing'))
    expect(await cancel()).toEqual(error(400, 'InvalidInput'))
    expect(vendor.ledger()).toMatchObject([{ voided: 0 }])
  },
)

test('with asyncMs an order stays new for that long', async () => {
  vendor.setFaults({ asyncMs: 60_000 })
  await create()

  expect(await lookUp()).toEqual(inStatus('New'))
  expect(await cancel()).toEqual(error(400, 'InvalidInput'))
})

test('an order to a rejected country becomes invalid', async () => {
  vendor.setFaults({ rejectCountries: ['BR'] })
  await create()

  expect(await lookUp()).toEqual(inStatus('Invalid'))
})

test('an order with an item out of stock becomes invalid', async () => {
  await create({ items: [{ ...item, sellerSku: 'EMPTY-TEA' }] })

  expect(await lookUp()).toEqual(inStatus('Invalid'))
})

test('with timeoutAfterWork a create makes the order, but neither it nor its repeat gets an answer', async () => {
  vendor.setFaults({ timeoutAfterWork: true })
  const left = new AbortController()
  const held = connectionError(create({}, { signal: left.signal }))
  await arrival(1)
  const repeat = connectionError(create({}, { signal: left.signal }))
  await arrival(2)

  expect(await lookUp()).toEqual(inStatus('Received'))
  left.abort()
  expect([await held, await repeat]).toEqual(['AbortError', 'AbortError'])
})

test('an unfinished order holds its reference; if the host goes down, it is forgotten', async () => {
  vendor.setFaults({ workAfterTimeoutMs: 60_000 })
  const held = connectionError(create())
  await arrival(1)
  vendor.setFaults({ workAfterTimeoutMs: null })
  expect(await create()).toEqual(error(400, 'InvalidInput'))

  vendor.setFaults({ down: true })
  expect(await held).toMatch(/ECONNRESET|UND_ERR_SOCKET/)
  vendor.setFaults({ down: false })
  await until(
    () => connectionError(lookUp()),
    (outcome) => outcome === 'answered',
    { everyMs: 20, withinMs: 20_000 },
  )
  expect(await create()).toEqual({ status: 200, body: {} })
  expect(vendor.ledger()).toMatchObject([{ created: 1 }])
})

test("failed, throttled and forbidden calls get the API's own errors", async () => {
  vendor.setFaults({ errorRate: 1 })
  expect(await create()).toEqual(error(500, 'InternalFailure'))
  vendor.setFaults({ errorRate: 0, rateLimitPerSecond: 0 })
  expect(await create()).toEqual(error(429, 'QuotaExceeded'))
  vendor.setFaults({ rateLimitPerSecond: null, unauthorized: true })
  expect(await create()).toEqual(error(403, 'Unauthorized'))
  expect(await ask(client)).toEqual(error(403, 'Unauthorized'))
})
