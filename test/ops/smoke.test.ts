import { expect, jest, test } from '@jest/globals'
import { createApi } from '../../ops/cli/http.ts'
import { run } from '../../ops/cli/program.ts'
import { createOrderctl } from '../../ops/orderctl.ts'
import { placeAndFollow } from '../../ops/smoke.ts'
import { orderId, orderIdAt } from '../builders.ts'

interface Deployment {
  /** The responses to the two POSTs. */
  clicks?: { status?: number; body?: object; replayed?: boolean }[]
  /** The order as GET returns it. */
  view?: object
}

const ready = { status: 'READY_FOR_FULFILLMENT', awb: 'AWB1', wmsReference: 'WMS-1' }

/** A deployment's API in this process, its recorded requests, and a clock on which every call takes 40 ms. */
function deployed({ clicks = [], view = ready }: Deployment = {}) {
  const asked: { request: string; authorization: string | null; body: unknown }[] = []
  let time = 0
  const answers = [
    { status: 201, replayed: false, ...clicks[0] },
    { status: 201, replayed: true, ...clicks[1] },
  ]
  const fetch: typeof globalThis.fetch = async (target, init) => {
    time += 40
    const request = new Request(target, init)
    const body = request.method === 'POST' ? await request.json() : undefined
    const authorization = request.headers.get('authorization')
    asked.push({ request: `${request.method} ${request.url}`, authorization, body })
    if (request.method === 'GET') return Response.json(view)
    const { status = 201, body: answer = { orderId, status: 'CREATED' }, replayed } = answers.shift() ?? {}
    return Response.json(answer, { status, headers: replayed ? { 'idempotency-replayed': 'true' } : {} })
  }
  const smoke = () => placeAndFollow(createApi('https://api.example/', 'secret', fetch), 100, () => time)
  return { asked, smoke }
}

test('places one test order twice, and follows it until the warehouse has it', async () => {
  const { asked, smoke } = deployed()

  expect(await smoke()).toEqual({ orderId, ...ready, clickMs: 40, readyMs: 120 })
  expect(asked.map(({ request }) => request)).toEqual([
    'POST https://api.example/orders',
    'POST https://api.example/orders',
    `GET https://api.example/orders/${orderId}`,
  ])
  expect(asked[1]?.body).toEqual(asked[0]?.body)
  expect(asked[0]?.body).toMatchObject({ metadata: { smoke: 'true' } })
  for (const { authorization } of asked) expect(authorization).toBe('Bearer secret')
})

const deadLettered = { state: 'dead-lettered', step: 'wms', reason: 'ADDRESS_NOT_SERVED' }
const waiting = { state: 'waiting', step: 'logistics', reason: 'CONNECTION_FAILED' }

test.each<[string, Deployment, RegExp]>([
  [
    'a POST is refused',
    { clicks: [{ status: 401, body: { message: 'Unauthorized' } }] },
    /^POST https:\/\/api\.example\/orders answered 401: .*Unauthorized/,
  ],
  [
    'the second POST returns another order',
    { clicks: [{}, { body: { orderId: orderIdAt(1), status: 'CREATED' } }] },
    /^Placing order ord_.* again did not return the same order/,
  ],
  [
    'the second POST is not recognized as a repeat',
    { clicks: [{}, { replayed: false }] },
    /^Placing order ord_.* again did not return the same order/,
  ],
  [
    'the order is dead-lettered',
    { view: { status: 'AWB_GENERATED', attention: deadLettered } },
    /did not get through: it is AWB_GENERATED \(dead-lettered at wms: ADDRESS_NOT_SERVED\)/,
  ],
  [
    'the order is being cancelled',
    { view: { status: 'CANCELLING' } },
    /did not get through: it is CANCELLING/,
  ],
  ['the order is cancelled', { view: { status: 'CANCELLED' } }, /did not get through: it is CANCELLED/],
  [
    'the order is not ready at the deadline',
    { view: { status: 'CREATED', attention: waiting } },
    /is still CREATED \(waiting at logistics: CONNECTION_FAILED\) after/,
  ],
])('fails with a sentence if %s', async (_, deployment, sentence) => {
  await expect(deployed(deployment).smoke()).rejects.toThrow(sentence)
})

test.each(['smoke', 'demo'])('%s places no order in prod, and sends no request', async (tool) => {
  const request = jest.spyOn(globalThis, 'fetch')
  const [out, err] = [jest.spyOn(console, 'log'), jest.spyOn(console, 'error')]
  for (const stream of [out, err]) stream.mockImplementation(() => {})

  await run(await createOrderctl(tool), ['node', 'orderctl', tool, '--env', 'prod', '--json'])

  expect(process.exitCode).toBe(2)
  expect(JSON.parse(`${out.mock.calls[0]}`)).toEqual({
    environment: 'prod',
    endpoint: 'AWS',
    error: { message: 'Not in prod: vendors would ship the order.', exitCode: 2 },
  })
  expect(request).not.toHaveBeenCalled()
  process.exitCode = 0
  jest.restoreAllMocks()
})
