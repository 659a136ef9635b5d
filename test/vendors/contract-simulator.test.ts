import { readFileSync } from 'node:fs'
import { beforeEach, describe, expect, test } from '@jest/globals'
import * as z from 'zod'
import { createHandler } from '../../vendors/contract/handler.ts'
import { createVendorStore } from '../../vendors/contract/store.ts'
import { noFaults } from '../../vendors/faults.ts'
import { createDynamoDb, type DynamoDb } from '../lambdas/dynamodb.ts'

const apis = {
  logistics: { collection: '/awbs', idField: 'awb', document: 'logistics-api.openapi.json' },
  wms: { collection: '/shipments', idField: 'wmsReference', document: 'wms-api.openapi.json' },
}
const orderId = 'ord_2977811f842cb860bf6f64cb7b1dbdf4'

/** The published example of an order for a vendor. */
function exampleOf({ collection, document }: (typeof apis)['wms']): { reference: string } {
  const text = readFileSync(new URL(`../../docs/${document}`, import.meta.url), 'utf8')
  return JSON.parse(text).paths[collection].post.requestBody.content['application/json'].examples.order.value
}

const answer = z.object({ statusCode: z.number(), body: z.string().transform((body) => JSON.parse(body)) })

describe.each(['logistics', 'wms'] as const)('the %s simulator on AWS', (step) => {
  const { collection, idField } = apis[step]
  const order = exampleOf(apis[step])
  let dynamoDb: DynamoDb
  let clock: number
  let credentials: { value: string; readAt: number }
  /** The waits of the simulator, in ms. */
  let waits: number[]
  let whileWaiting: () => Promise<unknown>

  beforeEach(async () => {
    dynamoDb = await createDynamoDb()
    clock = 1_000_000
    credentials = { value: 'secret', readAt: clock }
    waits = []
    whileWaiting = async () => {}
  })

  /** Creates an instance of the function. All instances share a table. */
  function instance(vendor: string = step) {
    const now = () => clock
    let known = credentials
    const handler = createHandler({
      step,
      store: createVendorStore(dynamoDb.documents, { tableName: 'simulators', vendor, now }),
      async credential(since) {
        if (known.readAt < since) known = { ...credentials, readAt: clock }
        return known.value
      },
      now,
      async sleep(ms) {
        if (ms > 0) waits.push(ms)
        if (ms > 0) await whileWaiting()
      },
      log: () => {},
    })
    return async (method: string, rawPath: string, { body, key, credential = 'secret' }: Asked = {}) => {
      const { statusCode, ...rest } = answer.parse(
        await handler({
          rawPath,
          headers: { authorization: `Bearer ${credential}`, ...(key && { 'idempotency-key': key }) },
          requestContext: { http: { method } },
          ...(body !== undefined && { body: JSON.stringify(body) }),
          isBase64Encoded: false,
        }),
      )
      return { status: statusCode, body: rest.body }
    }
  }
  interface Asked {
    body?: unknown
    key?: string
    credential?: string
  }
  const create = (call: ReturnType<typeof instance>, key: string, body: unknown = order) =>
    call('POST', collection, { key, body })
  const lookUp = (call: ReturnType<typeof instance>) => call('GET', `${collection}/${order.reference}`)
  const setFaults = (faults: object) => instance()('PUT', '/_simulator', { body: faults })
  const ledger = async () => (await instance()('GET', '/_simulator/ledger')).body.entries

  test('makes one thing, which every instance finds, returns for a repeat, and undoes once', async () => {
    const made = await create(instance(), 'k1')

    expect(made).toMatchObject({
      status: 201,
      body: { reference: order.reference, [idField]: expect.any(String) },
    })
    expect(await lookUp(instance())).toEqual({ ...made, status: 200 })
    expect(await create(instance(), 'k1')).toEqual(made)
    const undo = () => instance()('DELETE', `${collection}/${order.reference}`)
    expect((await undo()).body).toEqual({ reference: order.reference, status: 'voided' })
    expect((await undo()).status).toBe(200)
    expect((await lookUp(instance())).body).toEqual({ ...made.body, status: 'voided' })
    expect(await ledger()).toEqual([
      { reference: orderId, id: made.body[idField], createCalls: 2, created: 1, voided: 1 },
    ])
  })

  test('makes one thing if the same key reaches several instances at once', async () => {
    const answers = await Promise.all(Array.from({ length: 8 }, () => create(instance(), 'k1')))

    expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 8 }, () => 201))
    expect(new Set(answers.map(({ body }) => body[idField])).size).toBe(1)
    expect(await ledger()).toMatchObject([{ createCalls: 8, created: 1 }])
  })

  test('counts duplicates in its ledger: for another key, and for each create while it ignores keys', async () => {
    await create(instance(), 'k1')
    await create(instance(), 'k2')
    await setFaults({ idempotency: false })
    await create(instance(), 'k1')

    expect(await ledger()).toMatchObject([{ createCalls: 3, created: 3 }])
  })

  test('refuses a key with another body or another order', async () => {
    await create(instance(), 'k1')
    const other = { ...order, reference: '11111111111111111111111111111111-k3x9q00' }

    const answers = [
      await create(instance(), 'k1', { ...order, shippingService: 'slow' }),
      await create(instance(), 'k1', other),
    ]

    expect(answers).toMatchObject([
      { status: 422, body: { code: 'KEY_REUSED' } },
      { status: 422, body: { code: 'KEY_REUSED' } },
    ])
    expect(await ledger()).toMatchObject([{ created: 1 }])
  })

  test('refuses requests outside its contract, and finds nothing that it did not make', async () => {
    expect(await create(instance(), 'k1', { reference: order.reference })).toMatchObject({ status: 400 })
    expect(await create(instance(), 'k1', {})).toMatchObject({ status: 400 })
    expect(await lookUp(instance())).toMatchObject({ status: 404, body: { code: 'NOT_FOUND' } })
    expect((await instance()('GET', '/v2/else')).body).toMatchObject({ code: 'NO_SUCH_ROUTE' })
    expect(await create(instance(), 'k1')).toMatchObject({ status: 201 })
  })

  test('accepts only its own credential, also for its faults and ledger, and notices a new one', async () => {
    const call = instance()
    const stranger = { credential: 'guessed' }
    expect((await call('POST', collection, { ...stranger, key: 'k1', body: order })).status).toBe(401)
    expect((await call('PUT', '/_simulator', { ...stranger, body: { down: true } })).status).toBe(401)
    expect((await call('GET', '/_simulator/ledger', stranger)).status).toBe(401)
    expect(await ledger()).toEqual([])

    credentials = { value: 'replaced', readAt: clock }
    clock += 10_001
    expect((await call('GET', '/_simulator', { credential: 'replaced' })).body).toEqual(noFaults)
    expect((await call('GET', '/_simulator')).status).toBe(401)
  })

  test('shares its faults between instances, but not with other vendors', async () => {
    expect(await setFaults({ unauthorized: true })).toEqual({
      status: 200,
      body: { ...noFaults, unauthorized: true },
    })
    await setFaults({ latencyMs: 50 })

    expect((await create(instance(), 'k1')).status).toBe(401)
    await setFaults({ unauthorized: false })
    expect((await create(instance(), 'k1')).status).toBe(201)
    expect(waits).toEqual([50, 50])
    expect((await instance('another')('GET', '/_simulator')).body).toEqual(noFaults)
    expect((await instance('another')('GET', '/_simulator/ledger')).body).toEqual({ entries: [] })
  })

  test.each([
    [{ wrong: 1 }, /wrong/],
    [{ workAfterTimeoutMs: 20_001 }, /20000 ms at most/],
    [undefined, /JSON object/],
  ])('refuses the faults %j with a sentence', async (faults, sentence) => {
    const { status, body } = await instance()('PUT', '/_simulator', { body: faults })

    expect({ status, message: body.message }).toEqual({
      status: 400,
      message: expect.stringMatching(sentence),
    })
    expect((await instance()('GET', '/_simulator')).body).toEqual(noFaults)
  })

  test('is a 503 while down, and fails and slows down on demand, before any work', async () => {
    await setFaults({ down: true })
    expect((await create(instance(), 'k1')).status).toBe(503)
    await setFaults({ down: false, errorRate: 1 })
    expect((await create(instance(), 'k1')).status).toBe(500)
    await setFaults({ errorRate: 0, rateLimitPerSecond: 1 })
    const call = instance()

    expect([(await create(call, 'k1')).status, (await create(call, 'k1')).status]).toEqual([201, 429])
    expect(await ledger()).toMatchObject([{ createCalls: 3, created: 1 }])
  })

  test('with timeoutAfterWork does the work, and answers after the caller has left', async () => {
    await setFaults({ timeoutAfterWork: true })
    let found: unknown
    whileWaiting = async () => {
      found = await lookUp(instance())
    }

    expect((await create(instance(), 'k1')).status).toBe(504)
    expect(waits).toEqual([6000])
    expect(found).toMatchObject({ status: 200 })
    await setFaults({ timeoutAfterWork: false })
    expect((await create(instance(), 'k1')).status).toBe(201)
    expect(await ledger()).toMatchObject([{ createCalls: 2, created: 1 }])
  })

  test('with workAfterTimeoutMs does the work after the caller has left, and answers a later repeat', async () => {
    await setFaults({ workAfterTimeoutMs: 4000 })
    const seen: unknown[] = []
    whileWaiting = async () => seen.push((await lookUp(instance())).status)

    expect((await create(instance(), 'k1')).status).toBe(504)
    expect(waits).toEqual([4000, 6000])
    expect(seen).toEqual([404, 200])
    expect((await create(instance(), 'k1')).status).toBe(201)
    expect(await ledger()).toMatchObject([{ createCalls: 2, created: 1 }])
  })
})
