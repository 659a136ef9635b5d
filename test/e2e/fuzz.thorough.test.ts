import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { DynamoDBClient, ListTablesCommand, paginateScan } from '@aws-sdk/client-dynamodb'
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals'
import { Ajv2020 } from 'ajv/dist/2020.js'
import formats from 'ajv-formats'
import fc from 'fast-check'
import * as z from 'zod'
import { until } from '../until.ts'
import { arbitraryOf, isText, mutated, trimmed } from './arbitraries.ts'
import { type Answer, type Cloud, startCloud } from './cloud.ts'
import { sampleOrder } from './orders.ts'

/** FUZZ_RUNS=N runs each property N times, by default for a few seconds. FUZZ_SEED repeats a run. */
const runs = process.env.FUZZ_RUNS === undefined ? undefined : Number(process.env.FUZZ_RUNS)
const seed = Number(process.env.FUZZ_SEED ?? Date.now() % 2 ** 31)
const timeLimitMs = 2_000
const testTimeoutMs = runs === undefined ? 60_000 : 6 * 3_600_000

const openApi = JSON.parse(readFileSync(join(import.meta.dirname, '..', '..', 'openapi.json'), 'utf8'))
const { schemas } = openApi.components
const ajv = new Ajv2020({ strict: false, schemas: { openApi } })
formats.default(ajv)
const isOrderRequest = ajv.compile({ $ref: 'openApi#/components/schemas/OrderRequest' })
const isAddress = ajv.compile({ $ref: 'openApi#/components/schemas/ShippingAddress' })

/** Numbers that are mostly small, so that sums of many stay valid. */
const upTo = (small: number, min: number, max: number) =>
  fc.oneof(
    { weight: 50, arbitrary: fc.nat(small).map((value) => value + 1) },
    { weight: 1, arbitrary: fc.integer({ min, max }) },
  )

const known = {
  quantity: upTo(1000, 1, 1_000_000),
  unitPrice: upTo(1_000_000, 0, 1_000_000_000_000),
  amount: upTo(1000, -1_000_000_000_000, 1_000_000_000_000),
  country: fc.constantFrom('DE', 'FR', 'US', 'JP', 'AX'),
  currency: fc.constantFrom('EUR', 'USD', 'JPY', 'KWD'),
  email: fc.constantFrom('a@b.example', "o'neil+shop@mail.example.org"),
}
const orderRequest = arbitraryOf(schemas.OrderRequest, schemas, known)
const shippingAddress = arbitraryOf(schemas.ShippingAddress, schemas, known)

const charge = z.looseObject({ type: z.string(), amount: z.number() })
const orderSent = z.looseObject({
  items: z.array(z.looseObject({ quantity: z.number(), unitPrice: z.number() })),
  charges: z.array(charge).optional(),
})
type OrderSent = z.output<typeof orderSent>
interface OrderRead {
  orderId: string
  shippingAddress: object
}
interface Page {
  orderId?: never
  orders: { orderId: string }[]
}

/** Header values that a client can send: bytes without control characters. */
const headerValue = fc.oneof(
  fc.string({ maxLength: 300 }),
  fc.stringMatching(/^[\x20-\x7e\x80-\xff]{0,300}$/),
  fc.stringMatching(/^"[\x20-\x7e]{0,300}"?$/),
)
const headers = fc.dictionary(
  fc.constantFrom(
    ...['idempotency-key', 'x-correlation-id', 'traceparent', 'content-type', 'content-encoding', 'accept'],
    ...['x-amzn-trace-id', 'x-amz-target', 'x-forwarded-for', 'cookie', 'x-http-method-override'],
  ),
  headerValue,
)
const bytes = fc.oneof(
  fc.uint8Array({ maxLength: 2000 }),
  fc.json().map((text) => Buffer.from(text)),
  fc.constantFrom(
    '',
    '{',
    '[]',
    'null',
    '"',
    '\ufeff{}',
    `${'['.repeat(60_000)}`,
    '{"__proto__":{}}',
    'x'.repeat(140_000),
  ),
)
const jsonTypes = fc.constantFrom('application/json', 'application/json; charset=utf-8', 'Application/JSON')
const anyText = fc.oneof(
  fc.string({ minLength: 1 }),
  fc.string({ unit: 'binary', minLength: 1, maxLength: 600 }),
  fc.string({ unit: 'binary', minLength: 250, maxLength: 600 }),
)

/** Path segments that URL parsing does not change. */
const segment = fc
  .string({ unit: 'binary', minLength: 1, maxLength: 30 })
  .filter((text) => !['.', '..'].includes(text))
  .map(encodeURIComponent)
const anyId = fc.oneof(
  segment,
  fc.stringMatching(/^ord_[0-9a-f]{32}$/),
  fc.constantFrom(
    'foreign',
    'ord_',
    '%00',
    '%2F',
    '..%2F..',
    '%27%20OR%201=1',
    'undefined',
    '[object%20Object]',
  ),
)
const anyPath = fc.oneof(
  fc.tuple(anyId, fc.constantFrom('', '/cancellation')).map(([id, rest]) => `/orders/${id}${rest}`),
  fc.array(segment, { minLength: 1, maxLength: 5 }).map((segments) => `/${segments.join('/')}`),
)
const anyMethod = fc.constantFrom('GET', 'POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS')
const operation = fc.constantFrom(
  ['POST', '/orders'],
  ['GET', '/orders'],
  ['GET', `/orders/ord_${'0'.repeat(32)}`],
  ['POST', `/orders/ord_${'0'.repeat(32)}/cancellation`],
  ['PATCH', `/orders/ord_${'0'.repeat(32)}`],
)

const base64url = (text: string) => Buffer.from(text).toString('base64url')
const position = fc.record(
  {
    createdAt: fc.oneof(
      fc.date({ noInvalidDate: true }).map((date) => date.toISOString()),
      anyText,
    ),
    orderId: fc.oneof(fc.stringMatching(/^ord_[0-9a-f]{32}$/), fc.constant(''), anyText),
  },
  { requiredKeys: [] },
)
const cursor = fc.oneof(
  anyText,
  fc.json().map(base64url),
  position.map(({ createdAt = '', orderId = '' }) => base64url(`${createdAt} ${orderId}`)),
)
const limit = fc.oneof(fc.integer().map(String), fc.double().map(String), anyText)
const query = fc.array(
  fc.oneof(
    fc.tuple(fc.constant('limit'), limit),
    fc.tuple(fc.constant('cursor'), cursor),
    fc.tuple(fc.string(), fc.string()),
  ),
  { maxLength: 4 },
)

/** Ways to make a token invalid. */
const bend = fc.oneof(
  fc.tuple(fc.nat(2), fc.nat()).map(([part, at]) => (token: string) => {
    const parts = token.split('.').map((text, index) => {
      // Not the last character, some of whose bits are padding.
      const place = at % (text.length - 1)
      const other = text[place] === 'A' ? 'B' : 'A'
      return index === part ? `${text.slice(0, place)}${other}${text.slice(place + 1)}` : text
    })
    return `Bearer ${parts.join('.')}`
  }),
  fc.constantFrom(
    ({ length }: string) => `Bearer ${'x'.repeat(length)}`,
    (token: string) => `Basic ${token}`,
    (token: string) => `Bearer ${token.slice(0, -20)}`,
    (token: string) => `Bearer ${token.split('.').slice(0, 2).join('.')}.`,
    (token: string) => `Bearer ${base64url('{"alg":"none"}')}.${token.split('.')[1]}.`,
    (token: string) =>
      `Bearer ${base64url('{"alg":"HS256","kid":"local"}')}.${token.split('.').slice(1).join('.')}`,
    () => '',
  ),
  headerValue.map((text) => () => text),
)
const scopes = fc
  .array(fc.constantFrom('orders/write', 'orders/read', 'orders/read:all', 'orders', 'ORDERS/WRITE', '*', ''))
  .map((granted) => granted.join(' '))

let cloud: Cloud
let dynamoDb: DynamoDBClient
let token: string
/** A dead-lettered order, which no worker changes. */
let stuckId: string
let foreignId: string
/** The ids of the orders that got a 201. */
const accepted = new Set<string>()
let requests = 0

beforeAll(async () => {
  process.stderr.write(`Fuzzing with FUZZ_SEED=${seed}\n`)
  cloud = await startCloud()
  dynamoDb = new DynamoDBClient({
    endpoint: cloud.url,
    region: 'us-east-1',
    credentials: { accessKeyId: 'operator', secretAccessKey: 'local' },
  })
  token = await cloud.token('fuzz')
  await cloud.faults('logistics', { rejectCountries: ['AQ'] })
  const base = sampleOrder('stuck')
  const stuck = await cloud.place(token, {
    ...base,
    shippingAddress: { ...base.shippingAddress, country: 'AQ' },
  })
  const foreign = await cloud.place(await cloud.token('another-shop'), sampleOrder('foreign'))
  stuckId = stuck.body.orderId
  foreignId = foreign.body.orderId
  accepted.add(stuckId).add(foreignId)
  await cloud.follow(token, stuckId, ({ attention }) => attention?.state === 'dead-lettered')
  // Cold starts would otherwise use up the properties' time.
  await send('GET', '/orders', { headers: authorized() })
  await send('PATCH', `/orders/${foreignId}`, { headers: authorized() })
  await send('POST', `/orders/${foreignId}/cancellation`, { headers: authorized() })
})

/** The ids of all stored orders. */
async function storedOrders(): Promise<Set<string>> {
  const { TableNames = [] } = await dynamoDb.send(new ListTablesCommand({}))
  const TableName = TableNames.find((name) => name.includes('OrderTable'))
  const stored = new Set<string>()
  for await (const { Items = [] } of paginateScan({ client: dynamoDb }, { TableName }))
    for (const { orderId } of Items) stored.add(`${orderId?.S}`)
  return stored
}

afterEach(async () => {
  await until(
    () => Promise.allSettled(underWay),
    () => underWay.size === 0,
    { everyMs: 0 },
  )
  const stored = await storedOrders()
  expect([...stored].filter((orderId) => !accepted.has(orderId))).toEqual([])
  expect([...accepted].filter((orderId) => !stored.has(orderId))).toEqual([])
  const announced = (await cloud.events()).map(({ detail }) => detail.data.orderId)
  expect(announced.filter((orderId) => !accepted.has(orderId))).toEqual([])
})

afterAll(async () => {
  process.stderr.write(`Fuzzed with ${requests} requests\n`)
  dynamoDb?.destroy()
  await cloud?.stop()
})

/** Texts that reveal where in the code something failed. */
const stackTrace = /\\n\s+at |node:internal|node_modules|\.[cm]?[jt]s:\d|ZodError|Exception"/

/** Pending requests, because fast-check does not wait for the last ones when its time is up. */
const underWay = new Set<Promise<unknown>>()

/** Sends a request, and checks that the response is no 5xx and conforms to openapi.json (or `cloud` throws). */
async function send<Body extends { orderId?: string }>(
  method: string,
  path: string,
  init: RequestInit,
): Promise<Answer<Body>> {
  requests++
  // Retry, because requests come faster than the API's throttle allows.
  const sending = until(
    () => cloud.request<Body>(method, path, init),
    ({ status }) => status !== 429,
    { everyMs: 100 },
  )
  underWay.add(sending)
  const answer = await sending.finally(() => underWay.delete(sending))
  const body = JSON.stringify(answer.body) ?? ''
  if (answer.status >= 500) throw new Error(`${method} ${path} failed with ${answer.status}: ${body}`)
  if (answer.status >= 400 && stackTrace.test(body)) throw new Error(`A stack trace is told: ${body}`)
  if (answer.status === 201) accepted.add(`${answer.body.orderId}`)
  return answer
}

const authorized = (headers: Record<string, string> = {}) => ({
  authorization: `Bearer ${token}`,
  ...headers,
})
const asJson = (headers: Record<string, string> = {}) =>
  authorized({ 'content-type': 'application/json', ...headers })
const get = (orderId: string) => send<OrderRead>('GET', `/orders/${orderId}`, { headers: authorized() })

/** Checks a property for the configured number of runs or time. */
const hold = <Values>(property: fc.IAsyncProperty<Values>, examples: Values[] = []) =>
  fc.assert(property, {
    seed,
    examples,
    numRuns: runs ?? 100_000,
    ...(runs === undefined && { interruptAfterTimeLimit: timeLimitMs }),
  })

/** The expected total, computed without floating point; undefined if the order must be refused. */
function expectedTotal({ items, charges = [] }: OrderSent): bigint | undefined {
  if (charges.some(({ type, amount }) => type !== 'discount' && amount < 0)) return undefined
  const goods = items.reduce((sum, { quantity, unitPrice }) => sum + BigInt(quantity) * BigInt(unitPrice), 0n)
  const total = charges.reduce(
    (sum, { type, amount }) => sum + BigInt(type === 'discount' ? -Math.abs(amount) : amount),
    goods,
  )
  return total < 0n || total > BigInt(Number.MAX_SAFE_INTEGER) ? undefined : total
}

describe('whatever is sent to POST /orders', () => {
  test(
    'an order that openapi.json allows is placed and reads as it was sent, if its text and total are valid',
    () =>
      hold(
        fc.asyncProperty(orderRequest, async (order) => {
          const answer = await send('POST', '/orders', {
            headers: asJson({ 'idempotency-key': randomUUID() }),
            body: JSON.stringify(order),
          })

          const sent = orderSent.parse(trimmed(order))
          const total = isText(sent) ? expectedTotal(sent) : undefined
          expect(answer.status).toBe(total === undefined ? 400 : 201)
          if (total === undefined) return
          const read = await get(`${answer.body.orderId}`)
          expect(read.body).toMatchObject({ ...sent, total: Number(total) })
        }),
        // A regression: metadata keys that are also properties of every object.
        [[{ ...sampleOrder('by nature'), metadata: { constructor: 'a', toString: 'b', length: 'c' } }]],
      ),
    testTimeoutMs,
  )

  test(
    'an order that openapi.json does not allow is refused',
    () =>
      hold(
        fc.asyncProperty(mutated(orderRequest), async (order) => {
          const { status } = await send('POST', '/orders', { headers: asJson(), body: JSON.stringify(order) })

          if (!isOrderRequest(trimmed(order))) expect([400, 413]).toContain(status)
          else expect([201, 400, 422]).toContain(status)
        }),
      ),
    testTimeoutMs,
  )

  test(
    'arbitrary bytes with arbitrary headers are refused',
    () =>
      hold(
        fc.asyncProperty(bytes, headers, fc.option(jsonTypes), async (body, sent, jsonType) => {
          const { status } = await send('POST', '/orders', {
            headers: authorized({ ...sent, ...(jsonType && { 'content-type': jsonType }) }),
            body,
          })

          expect([400, 413, 415]).toContain(status)
        }),
      ),
    testTimeoutMs,
  )

  test(
    'arbitrary keys, correlation ids and traces place one order for each key, or none',
    () =>
      hold(
        fc.asyncProperty(headers, async (sent) => {
          const reference = randomUUID()
          const place = () =>
            send('POST', '/orders', {
              headers: { ...sent, ...asJson() },
              body: JSON.stringify(sampleOrder(reference)),
            })
          const [first, second] = [await place(), await place()]

          expect([201, 400, 422]).toContain(first.status)
          if (first.status === 201) expect(second.body).toEqual(first.body)
          else expect(second.status).toBe(first.status)
        }),
      ),
    testTimeoutMs,
  )
})

/** An address after a merge patch: https://www.rfc-editor.org/rfc/rfc7396 */
const patched = (address: object, patch: unknown): unknown =>
  typeof patch !== 'object' || patch === null || Array.isArray(patch)
    ? patch
    : Object.fromEntries(Object.entries({ ...address, ...patch }).filter(([, value]) => value !== null))

describe('whatever is sent to PATCH /orders/{orderId}', () => {
  test(
    'a patch that makes an invalid address changes nothing, and any other is merged',
    () =>
      hold(
        fc.asyncProperty(fc.oneof(shippingAddress, mutated(shippingAddress)), async (patch) => {
          const before = await get(stuckId)
          const { status } = await send('PATCH', `/orders/${stuckId}`, {
            headers: asJson(),
            body: JSON.stringify({ shippingAddress: patch }),
          })
          const after = await get(stuckId)

          const wanted = patched(before.body.shippingAddress, trimmed(patch))
          expect(isAddress(wanted) ? [200, 400] : [400, 413]).toContain(status)
          expect(after.body.shippingAddress).toEqual(status === 200 ? wanted : before.body.shippingAddress)
        }),
      ),
    testTimeoutMs,
  )
})

describe('whatever is asked for', () => {
  test(
    "arbitrary paths and methods, and another shop's order, are not found",
    () =>
      hold(
        fc.asyncProperty(anyMethod, anyPath, headers, async (method, path, sent) => {
          const { status } = await send(method, path.replace('/foreign', `/${foreignId}`), {
            headers: { ...sent, ...asJson() },
            ...(method !== 'GET' && { body: JSON.stringify(sampleOrder('any').shippingAddress) }),
          })

          expect(status).toBe(404)
        }),
      ),
    testTimeoutMs,
  )

  test(
    "arbitrary limits and cursors return a page of the shop's own orders, or are refused",
    () =>
      hold(
        fc.asyncProperty(query, async (pairs) => {
          const { status, body } = await send<Page>('GET', `/orders?${new URLSearchParams(pairs)}`, {
            headers: authorized(),
          })

          expect([200, 400]).toContain(status)
          if (status === 200) expect(body.orders.map(({ orderId }) => orderId)).not.toContain(foreignId)
        }),
      ),
    testTimeoutMs,
  )

  test(
    'arbitrary tokens are refused, and write nothing',
    () =>
      hold(
        fc.asyncProperty(operation, bend, async ([method = '', path = ''], bent) => {
          const { status } = await send(method, path, {
            headers: { 'content-type': 'application/json', authorization: bent(token) },
            ...(method !== 'GET' && { body: JSON.stringify(sampleOrder('by nobody')) }),
          })

          expect(status).toBe(401)
        }),
      ),
    testTimeoutMs,
  )

  test(
    'arbitrary subjects and scopes are accepted or refused',
    () =>
      hold(
        fc.asyncProperty(anyText, scopes, async (sub, granted) => {
          const { status } = await send('POST', '/orders', {
            headers: asJson({ authorization: `Bearer ${await cloud.token(sub, granted)}` }),
            body: JSON.stringify(sampleOrder(randomUUID())),
          })

          const mayWrite = granted.split(' ').includes('orders/write')
          // Lengths are in code points, not in UTF-16 units.
          expect(status).toBe(mayWrite && [...sub].length <= 255 ? 201 : 403)
        }),
      ),
    testTimeoutMs,
  )
})
