import { afterEach, beforeEach, expect, jest, test } from '@jest/globals'
import * as z from 'zod'
import { startVendorSimulator, type VendorSimulator } from '../../local/vendor-simulator.ts'
import { easyPost } from '../../vendors/easypost/fake.ts'
import { until } from '../until.ts'

type Options = { body?: unknown; key?: string; headers?: Record<string, string>; signal?: AbortSignal }
type Answer = { status: number; body: unknown; retryAfter: string | null }

/** A reference like ours: the 32 hexadecimal digits of the order's id, a nonce and a round. */
const reference = `${'0123456789abcdef'.repeat(2)}-k3v9x2a01`
const orderId = `ord_${'0123456789abcdef'.repeat(2)}`
const testKey = 'EZTKtest'
const origin = { company: 'Shop', street1: '1 Dock Rd', city: 'Oakland', state: 'CA', zip: '94607' }
const home = { name: 'Ann', street1: 'Rua do Paço 67', city: 'Rio de Janeiro', zip: '20010-010' }
const customs = {
  customs_items: [{ description: 'Tea', quantity: 2, value: 25.8, weight: 17.6, origin_country: 'IN' }],
}
const shipment = {
  reference,
  from_address: { ...origin, country: 'US' },
  to_address: { ...home, country: 'BR' },
  parcel: { weight: 17.6 },
  customs_info: customs,
  options: { label_format: 'PDF' },
}
const created = z.object({ id: z.string(), rates: z.array(z.object({ id: z.string() })) })
const bought = z.object({ tracking_code: z.string() })

let vendor: VendorSimulator

beforeEach(async () => {
  vendor = await startVendorSimulator({ name: 'easypost', protocol: easyPost })
})
afterEach(async () => {
  jest.restoreAllMocks()
  await vendor.stop()
})

const basic = (key: string) => `Basic ${Buffer.from(`${key}:`).toString('base64')}`

async function call(
  method: 'GET' | 'POST',
  path: string,
  { body, key = testKey, headers, signal }: Options = {},
): Promise<Answer> {
  const response = await fetch(vendor.url + path, {
    method,
    signal: signal ?? null,
    headers: { authorization: basic(key), 'content-type': 'application/json', ...headers },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  })
  return {
    status: response.status,
    body: await response.json(),
    retryAfter: response.headers.get('retry-after'),
  }
}

const create = (change: object = {}, key = testKey) =>
  call('POST', '/shipments', { body: { shipment: { ...shipment, ...change } }, key })

/** Creates a shipment. Returns its id and the id of a rate to buy. */
async function quote(change: object = {}, key = testKey) {
  const { id, rates } = created.parse((await create(change, key)).body)
  return { id, rate: { id: rates[0]?.id } }
}

type Quote = Awaited<ReturnType<typeof quote>>
const buy = ({ id, rate }: Quote, options: { key?: string; signal?: AbortSignal } = {}) =>
  call('POST', `/shipments/${id}/buy`, { body: { rate }, ...options })
const lookUp = (target: string) => call('GET', `/shipments/${target}`)
const refund = (target: string) => call('POST', `/shipments/${target}/refund`)
const error = (status: number, code: string) =>
  expect.objectContaining({
    status,
    body: { error: { code, message: expect.any(String), errors: expect.any(Array) } },
  })

const connectionError = (attempt: Promise<unknown>) =>
  attempt.then(
    () => 'answered',
    (reason) => reason.cause?.code ?? reason.name,
  )
const arrival = (calls: number) =>
  until(vendor.ledger, ([first]) => (first?.createCalls ?? 0) >= calls, { everyMs: 0, withinMs: 20_000 })

test('a new shipment has rates to choose from, and no label yet', async () => {
  const answer = await create()

  expect(answer).toMatchObject({
    status: 201,
    body: {
      id: expect.stringMatching(/^shp_[0-9a-f]{32}$/),
      reference,
      tracking_code: null,
      postage_label: null,
      selected_rate: null,
      tracker: null,
      refund_status: null,
      messages: [],
      to_address: shipment.to_address,
    },
  })
  const rates = z.object({ rates: z.array(z.looseObject({})) }).parse(answer.body).rates
  expect(rates.length).toBeGreaterThan(1)
  for (const rate of rates)
    expect(rate).toMatchObject({
      id: expect.stringMatching(/^rate_/),
      carrier: expect.any(String),
      service: expect.any(String),
      rate: expect.stringMatching(/^\d+\.\d\d$/),
      currency: 'USD',
    })
  expect(vendor.ledger()).toEqual([])
})

test('a buy makes the label at the chosen rate, and the ledger shows it under our order id', async () => {
  const quoted = await quote()

  const answer = await buy(quoted)

  expect(answer).toMatchObject({
    status: 200,
    body: {
      id: quoted.id,
      reference,
      tracking_code: expect.stringMatching(/^\d{22}$/),
      selected_rate: { id: quoted.rate.id, currency: 'USD' },
      postage_label: {
        label_url: expect.stringMatching(/^https:.*\.pdf$/),
        label_file_type: 'application/pdf',
      },
      tracker: { public_url: expect.stringMatching(/^https:/) },
    },
  })
  expect(await lookUp(quoted.id)).toEqual(answer)
  const { tracking_code } = bought.parse(answer.body)
  expect(vendor.ledger()).toEqual([
    { reference: orderId, id: tracking_code, createCalls: 1, created: 1, voided: 0 },
  ])
})

test.each([
  ['PNG', undefined, 'image/png'],
  ['ZPL', { label_format: 'ZPL' }, 'application/zpl'],
])('a label is %s with the options %j', async (_, options, type) => {
  expect(await buy(await quote({ options }))).toMatchObject({
    body: { postage_label: { label_file_type: type } },
  })
})

test('a second buy of a shipment is refused, and makes nothing', async () => {
  const quoted = await quote()
  await buy(quoted)

  expect(await buy(quoted)).toEqual(error(422, 'SHIPMENT.POSTAGE.EXISTS'))
  expect(vendor.ledger()).toMatchObject([{ createCalls: 2, created: 1 }])
})

test('a reference is not unique: each of its shipments can be bought, and the ledger shows a duplicate', async () => {
  const first = await buy(await quote())
  await buy(await quote())

  const { tracking_code } = bought.parse(first.body)
  expect(vendor.ledger()).toEqual([
    { reference: orderId, id: tracking_code, createCalls: 2, created: 2, voided: 0 },
  ])
})

test('a reference in a path means its newest shipment', async () => {
  const older = await quote()
  const newer = await quote()

  expect(await lookUp(reference)).toMatchObject({ status: 200, body: { id: newer.id } })
  expect(await buy({ id: reference, rate: newer.rate })).toMatchObject({ body: { id: newer.id } })
  expect(await refund(reference)).toMatchObject({ body: { id: newer.id, refund_status: 'submitted' } })
  expect(await lookUp(older.id)).toMatchObject({ body: { tracking_code: null } })
})

test('a missing shipment cannot be looked up, bought or refunded', async () => {
  const nowhere = `shp_${'0'.repeat(32)}`

  expect(await lookUp(nowhere)).toEqual(error(404, 'NOT_FOUND'))
  expect(await lookUp(reference)).toEqual(error(404, 'NOT_FOUND'))
  expect(await buy({ id: nowhere, rate: { id: 'rate_1' } })).toEqual(error(404, 'NOT_FOUND'))
  expect(await refund(nowhere)).toEqual(error(404, 'NOT_FOUND'))
  expect(vendor.ledger()).toEqual([])
})

test.each([
  ['GET', '/shipments'],
  ['POST', '/v2/shipments'],
  ['GET', `/shipments/${reference}/label`],
  ['GET', `/shipments/${reference}/buy`],
  ['POST', `/shipments/${reference}`],
] as const)('%s %s is not part of it', async (method, path) => {
  await create()

  expect(await call(method, path)).toEqual(error(404, 'NOT_FOUND'))
})

test.each([
  ['no shipment', {}, 'shipment', 'PARAMETER.REQUIRED'],
  ['no weight', { shipment: { ...shipment, parcel: {} } }, 'shipment.parcel.weight', 'PARAMETER.REQUIRED'],
  [
    'no street',
    { shipment: { ...shipment, to_address: { ...shipment.to_address, street1: undefined } } },
    'shipment.to_address.street1',
    'PARAMETER.REQUIRED',
  ],
  [
    'a weight of nothing',
    { shipment: { ...shipment, parcel: { weight: 0 } } },
    'shipment.parcel.weight',
    'SHIPMENT.INVALID_PARAMS',
  ],
  [
    'a label of an unknown format',
    { shipment: { ...shipment, options: { label_format: 'GIF' } } },
    'shipment.options.label_format',
    'SHIPMENT.INVALID_PARAMS',
  ],
  [
    'customs items without an origin',
    { shipment: { ...shipment, customs_info: { customs_items: [{ description: 'Tea' }] } } },
    'shipment.customs_info.customs_items.0.origin_country',
    'PARAMETER.REQUIRED',
  ],
])('a shipment with %s is refused by the name of the field', async (_, body, field, code) => {
  const answer = await call('POST', '/shipments', { body })

  expect(answer).toEqual(error(422, code))
  expect(answer.body).toMatchObject({
    error: { errors: expect.arrayContaining([{ field, message: expect.any(String) }]) },
  })
})

test('a body that is not JSON counts as none', async () => {
  const response = await fetch(`${vendor.url}/shipments`, {
    method: 'POST',
    headers: { authorization: basic(testKey) },
    body: '{',
  })

  expect(response.status).toBe(422)
  expect(await response.json()).toMatchObject({ error: { errors: [{ field: 'shipment' }] } })
})

test("a buy must name one of the shipment's rates", async () => {
  const [one, other] = [await quote(), await quote()]

  expect(await call('POST', `/shipments/${one.id}/buy`, { body: {} })).toEqual(
    error(422, 'PARAMETER.REQUIRED'),
  )
  expect(await buy({ id: one.id, rate: other.rate })).toEqual(error(422, 'SHIPMENT.MISSING_RATE'))
  expect(vendor.ledger()).toMatchObject([{ createCalls: 2, created: 0, id: null }])
})

test('a key that begins with EZAK is for production, any other for test', async () => {
  expect(await create({}, 'EZAKlive')).toMatchObject({ body: { mode: 'production' } })
  expect(await create({}, 'EZTKtest')).toMatchObject({ body: { mode: 'test' } })
  expect(await create({}, 'local')).toMatchObject({ body: { mode: 'test' } })
})

test.each([
  ['none', {}],
  ['a bearer token', { authorization: 'Bearer EZTKtest' }],
  ['an empty user name', { authorization: basic('') }],
])('a call is refused if its credential is %s', async (_, headers) => {
  const response = await fetch(`${vendor.url}/shipments/${reference}`, { headers })

  expect({ status: response.status, body: await response.json() }).toEqual(error(401, 'APIKEY.INACTIVE'))
})

test('a buy with the key of an account without balance is refused, and can be repeated with another key', async () => {
  const quoted = await quote({}, 'EZTKEMPTY')

  expect(await buy(quoted, { key: 'EZTKEMPTY' })).toEqual(error(402, 'PAYMENT_REQUIRED'))
  expect(await buy(quoted)).toMatchObject({ status: 200 })
  expect(vendor.ledger()).toMatchObject([{ createCalls: 2, created: 1 }])
})

test('a refund is submitted, and granted a moment later, once', async () => {
  const clock = jest.spyOn(Date, 'now').mockReturnValue(0)
  const quoted = await quote()
  await buy(quoted)

  expect(await refund(quoted.id)).toMatchObject({ status: 200, body: { refund_status: 'submitted' } })
  expect(await refund(quoted.id)).toMatchObject({ status: 200, body: { refund_status: 'submitted' } })
  clock.mockReturnValue(999)
  expect(await lookUp(quoted.id)).toMatchObject({ body: { refund_status: 'submitted' } })
  expect(vendor.ledger()).toMatchObject([{ created: 1, voided: 0 }])

  clock.mockReturnValue(1_000)
  expect(await lookUp(quoted.id)).toMatchObject({ body: { refund_status: 'refunded' } })
  expect(await refund(quoted.id)).toMatchObject({ body: { refund_status: 'refunded' } })
  expect(vendor.ledger()).toMatchObject([{ created: 1, voided: 1 }])
})

test('a shipment that was not bought cannot be refunded', async () => {
  const { id } = await quote()

  expect(await refund(id)).toEqual(error(422, 'SHIPMENT.POSTAGE.REQUIRED'))
})

test('a refund of a shipped parcel is submitted, then rejected, and can be requested again', async () => {
  const clock = jest.spyOn(Date, 'now').mockReturnValue(0)
  const quoted = await quote()
  await buy(quoted)
  vendor.setFaults({ shipped: true })

  expect(await refund(quoted.id)).toMatchObject({ status: 200, body: { refund_status: 'submitted' } })
  clock.mockReturnValue(1_000)
  expect(await lookUp(quoted.id)).toMatchObject({ body: { refund_status: 'rejected' } })
  expect(vendor.ledger()).toMatchObject([{ created: 1, voided: 0 }])

  vendor.setFaults({ shipped: false })
  await refund(quoted.id)
  clock.mockReturnValue(2_000)
  expect(await lookUp(quoted.id)).toMatchObject({ body: { refund_status: 'refunded' } })
  expect(vendor.ledger()).toMatchObject([{ created: 1, voided: 1 }])
})

test('with voids: false a refund is not applicable', async () => {
  const quoted = await quote()
  await buy(quoted)
  vendor.setFaults({ voids: false })

  expect(await refund(quoted.id)).toMatchObject({ status: 200, body: { refund_status: 'not_applicable' } })
  expect(vendor.ledger()).toMatchObject([{ created: 1, voided: 0 }])
})

test('a shipment to a rejected country is created without rates, and its messages quote the address', async () => {
  vendor.setFaults({ rejectCountries: ['BR'] })

  expect(await create()).toMatchObject({
    status: 201,
    body: {
      rates: [],
      messages: [{ carrier: 'USPS', type: 'rate_error', message: expect.stringContaining('Rua do Paço 67') }],
    },
  })
  expect(await create({ to_address: { ...home, country: 'PT' } })).toMatchObject({ body: { messages: [] } })
})

test('with asyncMs a buy answers before there is a label, and a later call shows the label', async () => {
  const clock = jest.spyOn(Date, 'now').mockReturnValue(0)
  vendor.setFaults({ asyncMs: 90_000 })
  const quoted = await quote()

  const accepted = await buy(quoted)
  expect(accepted).toMatchObject({
    status: 200,
    body: {
      selected_rate: { id: quoted.rate.id },
      tracking_code: null,
      postage_label: null,
      tracker: null,
    },
  })
  expect(await buy(quoted)).toEqual(error(422, 'SHIPMENT.POSTAGE.EXISTS'))
  clock.mockReturnValue(89_999)
  expect(await lookUp(quoted.id)).toEqual(accepted)

  clock.mockReturnValue(90_000)
  const { tracking_code } = bought.parse((await lookUp(quoted.id)).body)
  expect(vendor.ledger()).toMatchObject([{ id: tracking_code, createCalls: 2, created: 1 }])
})

test('with timeoutAfterWork a buy makes the label, but neither it nor its repeat is answered; other calls are', async () => {
  vendor.setFaults({ timeoutAfterWork: true })
  const quoted = await quote()
  const left = new AbortController()
  const held = connectionError(buy(quoted, { signal: left.signal }))
  await arrival(1)
  const repeat = connectionError(buy(quoted, { signal: left.signal }))
  await arrival(2)

  expect(await lookUp(quoted.id)).toMatchObject({ body: { tracking_code: expect.any(String) } })
  left.abort()
  expect([await held, await repeat]).toEqual(['AbortError', 'AbortError'])
  vendor.setFaults({ timeoutAfterWork: false })
  expect(await buy(quoted)).toEqual(error(422, 'SHIPMENT.POSTAGE.EXISTS'))
  expect(vendor.ledger()).toMatchObject([{ createCalls: 3, created: 1 }])
})

test('with workAfterTimeoutMs a buy makes the label after the client has left, and its repeat is refused', async () => {
  vendor.setFaults({ workAfterTimeoutMs: 200 })
  const quoted = await quote()
  const left = new AbortController()
  const held = connectionError(buy(quoted, { signal: left.signal }))
  await arrival(1)
  left.abort()
  expect(await held).toBe('AbortError')

  const hasLabel = ({ body }: Answer) => bought.safeParse(body).success
  await until(() => lookUp(quoted.id), hasLabel, { everyMs: 0, withinMs: 20_000 })
  expect(await buy(quoted)).toEqual(error(422, 'SHIPMENT.POSTAGE.EXISTS'))
  expect(vendor.ledger()).toMatchObject([{ createCalls: 2, created: 1 }])
})

test('a second buy is refused while the first is in progress; if the host goes down, both are forgotten', async () => {
  const quoted = await quote()
  vendor.setFaults({ workAfterTimeoutMs: 60_000 })
  const held = connectionError(buy(quoted))
  await arrival(1)
  expect(await buy(quoted)).toEqual(error(422, 'SHIPMENT.PURCHASE.IN_PROGRESS'))

  vendor.setFaults({ down: true, workAfterTimeoutMs: null })
  expect(await held).toMatch(/ECONNRESET|UND_ERR_SOCKET/)
  expect(await connectionError(lookUp(quoted.id))).toBe('ECONNREFUSED')
  vendor.setFaults({ down: false })

  expect(await buy(quoted)).toMatchObject({ status: 200 })
  expect(vendor.ledger()).toMatchObject([{ createCalls: 3, created: 1 }])
})

test('everything is refused while unauthorized, and no buy counts', async () => {
  const quoted = await quote()
  vendor.setFaults({ unauthorized: true })

  expect(await create()).toEqual(error(401, 'APIKEY.INACTIVE'))
  expect(await buy(quoted)).toEqual(error(401, 'APIKEY.INACTIVE'))
  expect(vendor.ledger()).toEqual([])
})

test('calls fail before any work at the error rate', async () => {
  const quoted = await quote()
  vendor.setFaults({ errorRate: 1 })

  expect(await create()).toEqual(error(500, 'INTERNAL_SERVER_ERROR'))
  expect(await buy(quoted)).toEqual(error(500, 'INTERNAL_SERVER_ERROR'))
  expect(vendor.ledger()).toMatchObject([{ createCalls: 1, created: 0 }])
  vendor.setFaults({ errorRate: 0 })
  expect(await buy(quoted)).toMatchObject({ status: 200 })
})

test('creates and buys beyond the rate get 429 with Retry-After', async () => {
  jest.spyOn(Date, 'now').mockReturnValue(0)
  vendor.setFaults({ rateLimitPerSecond: 1 })
  const quoted = await quote()

  const refused = await buy(quoted)
  expect(refused).toEqual(error(429, 'RATE_LIMITED'))
  expect(refused.retryAfter).toBe('1')
  expect(await create()).toEqual(error(429, 'RATE_LIMITED'))
  expect(vendor.ledger()).toMatchObject([{ createCalls: 1, created: 0 }])
})

test('an idempotency key is ignored: each create makes a new shipment', async () => {
  const init = { body: { shipment }, headers: { 'idempotency-key': 'k1' } }
  const [one, other] = [await call('POST', '/shipments', init), await call('POST', '/shipments', init)]

  expect(created.parse(one.body).id).not.toBe(created.parse(other.body).id)
})

test("every call is reported with our order id, even if its path has only a shipment's id", async () => {
  const told: unknown[] = []
  vendor.activity.on('call', ({ vendor, method, reference, status }) =>
    told.push([vendor, method, reference, status]),
  )
  const quoted = await quote()
  await buy(quoted)
  await lookUp('shp_0')

  await until(
    () => told.length,
    (calls) => calls === 3,
    { everyMs: 0, withinMs: 20_000 },
  )
  expect(told).toEqual([
    ['easypost', 'POST', orderId, 201],
    ['easypost', 'POST', orderId, 200],
    ['easypost', 'GET', 'shp_0', 404],
  ])
})
