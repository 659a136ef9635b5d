import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals'
import * as z from 'zod'
import { startVendorSimulator, type VendorSimulator } from '../../local/vendor-simulator.ts'
import { contract } from '../../vendors/contract/fake.ts'
import { until } from '../until.ts'

type Json = Record<string, unknown>
type Call = { status: number; body: Json; retryAfter: string | null }

const documents = {
  logistics: documentOf('logistics-api.openapi.json', '/awbs'),
  wms: documentOf('wms-api.openapi.json', '/shipments'),
}

/** A vendor's published API: an example order, and the schema of each response by method and status. */
function documentOf(file: string, collection: string) {
  const text = readFileSync(new URL(`../../docs/${file}`, import.meta.url), 'utf8')
  const document = JSON.parse(text.replaceAll('#/components/schemas/', '#/$defs/'))
  const { post } = document.paths[collection]
  const one = document.paths[`${collection}/{reference}`]
  const operations: Record<string, typeof post> = { POST: post, GET: one.get, DELETE: one.delete }
  const answerSchema = (method: string, status: number) => {
    const published = operations[method].responses[status]
    const answer = published?.$ref
      ? document.components.responses[published.$ref.split('/').at(-1)]
      : published
    if (!answer) throw new Error(`${file} publishes no ${status} for ${method}`)
    const $defs = document.components.schemas
    return {
      schema: answer.content
        ? z.fromJSONSchema({ ...answer.content['application/json'].schema, $defs })
        : z.unknown(),
      needsRetryAfter: Boolean(answer.headers?.['Retry-After']),
    }
  }
  const content = post.requestBody.content['application/json']
  return { collection, order: content.examples.order.value as Json & { reference: string }, answerSchema }
}

/** The order id from which the examples' reference is derived. */
const orderId = 'ord_2977811f842cb860bf6f64cb7b1dbdf4'

describe.each(['logistics', 'wms'] as const)('the %s simulator', (name) => {
  const { collection, order, answerSchema } = documents[name]
  const idField = name === 'logistics' ? 'awb' : 'wmsReference'
  let vendor: VendorSimulator

  beforeEach(async () => {
    vendor = await startVendorSimulator({ name, protocol: contract[name] })
  })
  afterEach(async () => {
    jest.restoreAllMocks()
    await vendor.stop()
  })

  /** Calls the vendor, and validates its response against the published schema. */
  async function call(
    method: 'GET' | 'POST' | 'DELETE',
    path: string,
    init: RequestInit = {},
  ): Promise<Call> {
    const headers = { authorization: 'Bearer secret', ...init.headers }
    const response = await fetch(vendor.url + path, { ...init, method, headers })
    const body: unknown = await response.json()
    const retryAfter = response.headers.get('retry-after')
    const { schema, needsRetryAfter } = answerSchema(method, response.status)
    expect(schema.safeParse(body).error).toBeUndefined()
    expect(retryAfter !== null).toBe(needsRetryAfter)
    return { status: response.status, body: body as Json, retryAfter }
  }
  const create = (key: string, body: unknown = order, init: RequestInit = {}) =>
    call('POST', collection, { ...init, body: JSON.stringify(body), headers: { 'idempotency-key': key } })
  const lookUp = (reference = order.reference) => call('GET', `${collection}/${reference}`)
  const undo = (reference = order.reference) => call('DELETE', `${collection}/${reference}`)
  const soon = { everyMs: 0, withinMs: 20_000 }
  const lookUpUntil = (wanted: number) => until(lookUp, ({ status }) => status === wanted, soon)
  const arrival = (calls: number) =>
    until(vendor.ledger, ([first]) => (first?.createCalls ?? 0) >= calls, soon)
  const connectionError = (attempt: Promise<unknown>) =>
    attempt.then(
      () => 'answered',
      (error) => error.cause?.code ?? error.name,
    )
  const withDestination = (change: Json) =>
    name === 'logistics'
      ? {
          ...order,
          recipient: {
            name: 'Ann',
            address: { line1: 'Rua do Paço 67', city: 'Rio', country: 'BR', ...change },
          },
        }
      : {
          ...order,
          shippingAddress: { name: 'Ann', line1: 'Rua do Paço 67', city: 'Rio', country: 'BR', ...change },
        }

  test('makes one and finds it again by our reference', async () => {
    expect(await lookUp()).toMatchObject({ status: 404, body: { code: 'NOT_FOUND' } })

    const made = await create('k1')

    expect(made.status).toBe(201)
    expect(made.body).toMatchObject({
      reference: order.reference,
      [idField]: expect.stringMatching(/^(AWB|WMS-)\d{12}$/),
    })
    expect(await lookUp()).toEqual({ ...made, status: 200 })
    expect(vendor.ledger()).toEqual([
      { reference: orderId, id: made.body[idField], createCalls: 1, created: 1, voided: 0 },
    ])
  })

  test('answers the same key and body with the same response, and makes no duplicate', async () => {
    const first = await create('k1')

    expect(await create('k1')).toEqual(first)
    expect(vendor.ledger()).toMatchObject([{ createCalls: 2, created: 1 }])
  })

  test('undoes its work once, gives a repeat the same response, and shows it in look-ups', async () => {
    const made = await create('k1')

    const undone = await undo()

    expect(undone).toMatchObject({ status: 200, body: { reference: order.reference, status: 'voided' } })
    expect(await undo()).toEqual(undone)
    expect(await lookUp()).toMatchObject({ status: 200, body: { ...made.body, status: 'voided' } })
    expect(vendor.ledger()).toMatchObject([{ id: made.body[idField], created: 1, voided: 1 }])
  })

  test('has nothing to undo for an order that it never got', async () => {
    expect(await undo()).toMatchObject({ status: 404, body: { code: 'NOT_FOUND' } })
    expect(vendor.ledger()).toEqual([])
  })

  test('undoes nothing that has shipped, but still reports what was voided before', async () => {
    await create('k1')
    vendor.setFaults({ shipped: true })

    expect(await undo()).toMatchObject({ status: 409, body: { code: 'TOO_LATE' } })
    expect(vendor.ledger()).toMatchObject([{ created: 1, voided: 0 }])

    vendor.setFaults({ shipped: false })
    await undo()
    vendor.setFaults({ shipped: true })
    expect((await undo()).status).toBe(200)
  })

  test('cannot undo anything while voids is false', async () => {
    await create('k1')
    vendor.setFaults({ voids: false })

    expect((await undo()).status).toBe(405)
    expect((await lookUp()).body).not.toHaveProperty('status')
    expect(vendor.ledger()).toMatchObject([{ created: 1, voided: 0 }])
  })

  test('refuses a key that comes with another body', async () => {
    await create('k1')

    const reused = await create('k1', { ...order, shippingService: 'slow' })

    expect(reused).toMatchObject({ status: 422, body: { code: 'KEY_REUSED' } })
    expect(vendor.ledger()).toMatchObject([{ created: 1 }])
  })

  test('shows a duplicate in its ledger if the same order arrives with another key', async () => {
    const first = await create('k1')
    const second = await create('k2')

    expect(second.body[idField]).not.toBe(first.body[idField])
    expect(vendor.ledger()).toMatchObject([{ id: first.body[idField], createCalls: 2, created: 2 }])
    expect((await lookUp()).body).toEqual(first.body)
  })

  test('makes a duplicate on every create while it ignores keys', async () => {
    const first = await create('k1')

    vendor.setFaults({ idempotency: false })
    await create('k1')
    await create('k1')

    expect(vendor.ledger()).toMatchObject([{ createCalls: 3, created: 3 }])
    expect((await lookUp()).body).toEqual(first.body)
  })

  test('answers 409 while the first call with the key is being worked on', async () => {
    vendor.setFaults({ workAfterTimeoutMs: 60_000 })
    const held = connectionError(create('k1'))
    await arrival(1)

    expect(await create('k1')).toMatchObject({ status: 409, body: { code: 'IN_PROGRESS' } })
    expect(vendor.ledger()).toMatchObject([{ createCalls: 2, created: 0, id: null }])

    vendor.setFaults({ down: true })
    expect(await held).not.toBe('answered')
  })

  test.each([
    ['a missing field', { reference: 'ord_1' }],
    ['an unknown field', { ...order, colour: 'red' }],
    ['a country that is no code', withDestination({ country: 'Brazil' })],
    ['no reference', { ...order, reference: undefined }],
  ])('refuses %s as invalid and makes nothing', async (_, body) => {
    expect(await create('k1', body)).toMatchObject({ status: 400, body: { code: 'INVALID_REQUEST' } })
    expect(vendor.ledger().every(({ id, created }) => id === null && created === 0)).toBe(true)
  })

  test('refuses a create without a key, and a body that is not JSON', async () => {
    const withoutKey = await call('POST', collection, { body: JSON.stringify(order) })
    const noJson = await call('POST', collection, { body: '{', headers: { 'idempotency-key': 'k1' } })

    expect([withoutKey.status, noJson.status]).toEqual([400, 400])
  })

  test('stores no refusal under the key: when the country is served again, the same call succeeds', async () => {
    const order = withDestination({ country: 'BR' })
    vendor.setFaults({ rejectCountries: ['BR'] })

    const refused = await create('k1', order)
    vendor.setFaults({ rejectCountries: [] })

    expect(refused).toMatchObject({ status: 422, body: { code: 'ADDRESS_NOT_SERVED' } })
    expect(refused.body.message).toContain('Rua do Paço 67')
    expect((await create('k1', order)).status).toBe(201)
  })

  test('answers 401 without a credential, and to everybody while unauthorized, and counts neither', async () => {
    const anonymous = await call('GET', `${collection}/ord_1`, { headers: { authorization: 'Bearer ' } })
    vendor.setFaults({ unauthorized: true })

    expect(anonymous).toMatchObject({ status: 401, body: { code: 'UNAUTHORIZED' } })
    expect((await create('k1')).status).toBe(401)
    expect((await lookUp()).status).toBe(401)
    expect(vendor.ledger()).toEqual([])
  })

  test('answers a wrong URL with a 404 that differs from "not found"', async () => {
    const response = await fetch(`${vendor.url}/v2${collection}/ord_1`, {
      headers: { authorization: 'Bearer x' },
    })

    expect(response.status).toBe(404)
    expect(await response.json()).toMatchObject({ code: 'NO_SUCH_ROUTE' })
  })

  test('fails at its error rate before any work, also on look-ups, and stores nothing under the key', async () => {
    vendor.setFaults({ errorRate: 1 })
    expect((await create('k1')).status).toBe(500)
    expect((await lookUp()).status).toBe(500)
    expect(vendor.ledger()).toEqual([{ reference: orderId, id: null, createCalls: 1, created: 0, voided: 0 }])

    vendor.setFaults({ errorRate: 0 })
    expect((await create('k1')).status).toBe(201)
  })

  test("enforces its rate limit, with a burst of one second's calls, by 429", async () => {
    const clock = jest.spyOn(Date, 'now').mockReturnValue(0)
    expect((await lookUp()).status).toBe(404)
    vendor.setFaults({ rateLimitPerSecond: 2 })

    const calls = await Promise.all(['k1', 'k2', 'k3', 'k4'].map((key) => create(key)))

    expect(calls.map(({ status }) => status).sort()).toEqual([201, 201, 429, 429])
    expect(calls.find(({ status }) => status === 429)).toMatchObject({ retryAfter: '1' })
    expect(vendor.ledger()).toMatchObject([{ createCalls: 4, created: 2 }])
    clock.mockReturnValue(499)
    expect((await lookUp()).status).toBe(429)
    clock.mockReturnValue(500)
    expect((await lookUp()).status).toBe(200)
    clock.mockReturnValue(9_999)
    expect([(await lookUp()).status, (await lookUp()).status, (await lookUp()).status]).toEqual([
      200, 200, 429,
    ])
  })

  test('does the work at the end of its latency, even if the client has disconnected by then', async () => {
    vendor.setFaults({ latencyMs: 100 })
    const left = new AbortController()
    const gone = connectionError(create('k1', order, { signal: left.signal }))
    await arrival(1)
    left.abort()
    expect(await gone).toBe('AbortError')
    expect(vendor.ledger()).toMatchObject([{ created: 0 }])

    vendor.setFaults({ latencyMs: 0 })
    await lookUpUntil(200)
    expect(vendor.ledger()).toMatchObject([{ created: 1 }])
  })

  test('does the work and never answers under timeoutAfterWork, while look-ups answer', async () => {
    vendor.setFaults({ timeoutAfterWork: true })
    const left = new AbortController()
    const held = connectionError(create('k1', order, { signal: left.signal }))
    await arrival(1)

    const repeat = connectionError(create('k1', order, { signal: left.signal }))
    await arrival(2)
    expect((await lookUp()).status).toBe(200)
    const over = once(vendor.activity, 'call')
    left.abort()
    expect([await held, await repeat]).toEqual(['AbortError', 'AbortError'])
    expect(await over).toMatchObject([{ method: 'POST', reference: orderId, status: null }])

    vendor.setFaults({ timeoutAfterWork: false })
    expect((await create('k1')).status).toBe(201)
    expect(vendor.ledger()).toMatchObject([{ createCalls: 3, created: 1 }])
  })

  test('does the work after the client has given up under workAfterTimeoutMs', async () => {
    vendor.setFaults({ workAfterTimeoutMs: 200 })
    const left = new AbortController()
    const held = connectionError(create('k1', order, { signal: left.signal }))
    await arrival(1)
    left.abort()
    expect(await held).toBe('AbortError')

    expect((await lookUp()).status).toBe(404)
    const found = await lookUpUntil(200)
    expect(await create('k1')).toEqual({ ...found, status: 201 })
    expect(vendor.ledger()).toMatchObject([{ createCalls: 2, created: 1 }])
  })

  test('accepts first and is ready later under asyncMs, and counts the order when it is accepted', async () => {
    const clock = jest.spyOn(Date, 'now').mockReturnValue(0)
    vendor.setFaults({ asyncMs: 90_000 })
    const accepted = { status: 202, body: { reference: order.reference, status: 'accepted' } }

    expect(await create('k1')).toEqual({ ...accepted, retryAfter: '90' })
    clock.mockReturnValue(88_999)
    expect(await create('k1')).toEqual({ ...accepted, retryAfter: '2' })
    expect(await lookUp()).toEqual({ ...accepted, retryAfter: '2' })

    clock.mockReturnValue(90_000)
    const found = await lookUp()
    expect(found.status).toBe(200)
    expect(await create('k1')).toEqual({ ...found, status: 201 })
    expect(vendor.ledger()).toMatchObject([{ id: found.body[idField], createCalls: 3, created: 1 }])
  })

  test('refuses connections while down, and returns on the same port with everything that it had made', async () => {
    const first = await create('k1')
    vendor.setFaults({ workAfterTimeoutMs: 60_000 })
    const held = connectionError(create('k2'))
    await arrival(2)

    vendor.setFaults({ down: true, workAfterTimeoutMs: null })
    expect(await held).toMatch(/ECONNRESET|UND_ERR_SOCKET/)
    expect(await connectionError(lookUp())).toBe('ECONNREFUSED')

    vendor.setFaults({ down: false })
    expect((await lookUp()).body).toEqual(first.body)
    expect((await create('k2')).status).toBe(201)
    expect(vendor.ledger()).toMatchObject([{ createCalls: 3, created: 2 }])
  })

  test('loses work in progress when it goes down', async () => {
    vendor.setFaults({ latencyMs: 50 })
    const cut = connectionError(create('k1'))
    await arrival(1)

    vendor.setFaults({ down: true })
    expect(await cut).not.toBe('answered')
    vendor.setFaults({ down: false })

    // By the time of this response the first call's work would have been done.
    expect((await create('k1')).status).toBe(201)
    expect(vendor.ledger()).toMatchObject([{ createCalls: 2, created: 1 }])
  })

  test('survives being switched down and up immediately', async () => {
    for (const down of [true, false, true, false, true, true, false]) vendor.setFaults({ down })
    expect((await lookUp()).status).toBe(404)

    for (const down of [true, false, true]) vendor.setFaults({ down })
    expect(await connectionError(lookUp())).toBe('ECONNREFUSED')
  })

  test('waits for its port when another process has taken it meanwhile', async () => {
    vendor.setFaults({ down: true })
    const port = Number(new URL(vendor.url).port)
    const squatter = await startVendorSimulator({ name, protocol: contract[name], port })
    vendor.setFaults({ down: false })
    await lookUp()
    await squatter.stop()

    const outcome = () =>
      lookUp().then(
        ({ status }) => status,
        (error) => error.cause?.code,
      )
    expect(await until(outcome, (each) => each !== 'ECONNREFUSED', soon)).toBe(404)
  })

  test('still knows what it made after its ledger is cleared', async () => {
    const first = await create('k1')

    vendor.clearLedger()

    expect(vendor.ledger()).toEqual([])
    expect(await create('k1')).toEqual(first)
    expect(vendor.ledger()).toEqual([{ reference: orderId, id: null, createCalls: 1, created: 0, voided: 0 }])
  })

  test('emits every completed call', async () => {
    const over = once(vendor.activity, 'call')

    await create('k1')

    expect(await over).toEqual([
      {
        at: expect.stringMatching(/^\d{4}-.*Z$/),
        vendor: name,
        method: 'POST',
        reference: orderId,
        status: 201,
        latencyMs: expect.any(Number),
        sent: order,
        answered: expect.objectContaining({ reference: order.reference }),
      },
    ])
  })

  test('needs its usual time for its work', async () => {
    const slow = await startVendorSimulator({ name, protocol: contract[name], usualMs: [300, 300] })
    const over = once(slow.activity, 'call')
    const headers = { authorization: 'Bearer t', 'idempotency-key': 'k1' }
    await fetch(slow.url + collection, { method: 'POST', headers, body: JSON.stringify(order) })
    const [{ status, latencyMs }] = await over
    await slow.stop()

    expect(slow.usualMs()).toBe(300)
    expect({ status, isSlow: latencyMs >= 299 }).toEqual({ status: 201, isSlow: true })
  })

  test('can be stopped while a call is held, and twice', async () => {
    vendor.setFaults({ timeoutAfterWork: true })
    const held = connectionError(create('k1'))
    await arrival(1)

    await vendor.stop()
    await vendor.stop()

    expect(await held).toMatch(/ECONNRESET|UND_ERR_SOCKET/)
    expect(await connectionError(lookUp())).toBe('ECONNREFUSED')
  })
})

describe("a vendor's faults", () => {
  const defaults = {
    down: false,
    latencyMs: 0,
    errorRate: 0,
    rateLimitPerSecond: null,
    timeoutAfterWork: false,
    workAfterTimeoutMs: null,
    idempotency: true,
    unauthorized: false,
    asyncMs: null,
    rejectCountries: [],
    voids: true,
    shipped: false,
  }
  let vendor: VendorSimulator

  beforeEach(async () => {
    vendor = await startVendorSimulator({ name: 'warehouse', protocol: contract.wms })
  })
  afterEach(() => vendor.stop())

  test('are none at the start, and merge', () => {
    expect(vendor.faults()).toEqual(defaults)
    vendor.setFaults({ errorRate: 0.5 })

    expect(vendor.setFaults({ latencyMs: 20 })).toEqual({ ...defaults, errorRate: 0.5, latencyMs: 20 })
    vendor.faults().rejectCountries.push('BR')
    expect(vendor.faults()).toEqual({ ...defaults, errorRate: 0.5, latencyMs: 20 })
  })

  test.each([
    [{ latency: 5 }, /"latency"/],
    [{ down: 'yes' }, /down: .*boolean/],
    [{ latencyMs: -1 }, /latencyMs/],
    [{ asyncMs: 1e10 }, /asyncMs/],
    [{ errorRate: 2 }, /errorRate/],
    [{ rejectCountries: ['Brazil'] }, /rejectCountries\.0/],
    [['down'], /object/],
    [null, /object/],
  ])('refuse %j with a sentence that names it, and stay as they were', (partial, sentence) => {
    expect(() => vendor.setFaults(partial)).toThrow(sentence)
    expect(() => vendor.setFaults({ down: true, wrong: 1 })).toThrow('wrong')
    expect(vendor.faults()).toEqual(defaults)
  })
})
