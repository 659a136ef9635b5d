import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { createVendorHttp, type Reply, type VendorHttp } from '../../lambdas/adapters/vendor-http.ts'
import type { Order } from '../../lambdas/domain/order.ts'
import { startVendorSimulator, type VendorSimulator } from '../../local/vendor-simulator.ts'
import { createAmazonMcfClient } from '../../vendors/amazon-mcf/client.ts'
import { amazonMcf } from '../../vendors/amazon-mcf/fake.ts'
import { amazonMcfOptions } from '../../vendors/amazon-mcf/options.ts'
import { orderId, storedOrder } from '../builders.ts'
import { savesNothing } from '../lambdas/doubles.ts'

const options = { marketplaceId: 'A1PA6795UKMFR9', speeds: { express: 'Priority' }, comment: 'Thank you!' }
const path = '/fba/outbound/2020-07-01/fulfillmentOrders'

const answer = (status: number, body?: unknown): Reply => {
  return { kind: 'answer', status, body, retryAfterMs: undefined }
}
const refusal = (status: number, code: string) =>
  answer(status, { errors: [{ code, message: 'Luisenstr. 48 is unknown', details: '' }] })
const inStatus = (fulfillmentOrderStatus: string, sellerFulfillmentOrderId = 'our-reference') =>
  answer(200, { payload: { fulfillmentOrder: { sellerFulfillmentOrderId, fulfillmentOrderStatus } } })
const timeOut: Reply = { kind: 'no-answer', reason: 'TIME_OUT' }

const facts = { wmsReference: 'our-reference' }
const made = { made: 'yes', blame: 'nobody', reason: 'MADE', facts }
const accepted = { made: 'accepted', blame: 'nobody', reason: 'NOT_READY_YET' }
const notThere = { made: 'no', blame: 'nobody', reason: 'NOT_THERE' }
const useless = (reason: string) => ({ made: 'yes', blame: 'order', reason, facts })
const refused = (reason: string) => ({ made: 'no', blame: 'order', reason })
const busy = { made: 'no', blame: 'nobody', reason: 'RATE_LIMITED' }
const ours = { made: 'no', blame: 'us', reason: 'CREDENTIAL_REFUSED' }
const failed = (reason: string) => ({ made: 'unknown', blame: 'vendor', reason })
const undone = { made: 'yes', blame: 'nobody', reason: 'UNDONE', facts: {} }
const tooLate = { made: 'no', blame: 'order', reason: 'TOO_LATE' }

/** A client whose replies are given in order, with a record of its requests. */
function talk(replies: Reply[], change: Partial<Order> = {}) {
  const steps: string[] = []
  const bodies: unknown[] = []
  const http: VendorHttp = async (method, target, body) => {
    steps.push(`${method} ${target.replace(path, '')}`.trim())
    bodies.push(body)
    return replies.shift() ?? answer(500)
  }
  const client = createAmazonMcfClient(http, {}, options)
  const order = storedOrder({ status: 'AWB_GENERATED', ...change })
  const job = { order, reference: 'our-reference', save: savesNothing }
  return {
    steps: () => steps,
    bodies: () => bodies,
    create: () => client.create(job),
    lookUp: () => client.lookUp(job),
    cancel: () => client.cancel(job),
  }
}

describe('a fulfillment order', () => {
  test("is created under our reference, and counts as accepted only after Amazon's check", async () => {
    const amazon = talk([answer(200, {})], { shippingService: 'express' })

    expect(await amazon.create()).toEqual(accepted)
    expect(amazon.steps()).toEqual(['POST'])
    expect(amazon.bodies()).toEqual([
      {
        marketplaceId: 'A1PA6795UKMFR9',
        sellerFulfillmentOrderId: 'our-reference',
        displayableOrderId: 'shop-1',
        displayableOrderDate: '2026-11-22T12:00:00.000Z',
        displayableOrderComment: 'Thank you!',
        shippingSpeedCategory: 'Priority',
        fulfillmentAction: 'Ship',
        fulfillmentPolicy: 'FillOrKill',
        destinationAddress: {
          name: 'Ada Receiver',
          addressLine1: 'Luisenstr. 48',
          addressLine2: '2nd floor',
          city: 'Münster',
          stateOrRegion: 'NRW',
          postalCode: '44087',
          countryCode: 'DE',
          phone: '+49 30 1',
        },
        items: [
          {
            sellerSku: 'NW-1',
            sellerFulfillmentOrderItemId: '1',
            quantity: 2,
            perUnitDeclaredValue: { currencyCode: 'EUR', value: '10.00' },
          },
          {
            sellerSku: 'NW-2',
            sellerFulfillmentOrderItemId: '2',
            quantity: 1,
            perUnitDeclaredValue: { currencyCode: 'EUR', value: '5.00' },
          },
        ],
      },
    ])
  })

  test('with a service that is not in the config is shipped at standard speed', async () => {
    const amazon = talk([answer(200, {})])
    await amazon.create()

    expect(amazon.bodies()).toMatchObject([{ shippingSpeedCategory: 'Standard' }])
  })

  test.each([
    ['of two spaces in a row', 'shop  1'],
    ['of more than 40 characters', 'x'.repeat(41)],
    ['that a packing slip cannot print', '注文-1'],
  ])('with a reference %s shows our own id instead', async (_, reference) => {
    const amazon = talk([answer(200, {})], { reference })
    await amazon.create()

    expect(amazon.bodies()).toMatchObject([{ displayableOrderId: orderId }])
  })

  test('to Japan has no city, and amounts in yen have no decimals', async () => {
    const { shippingAddress } = storedOrder()
    const amazon = talk([answer(200, {})], {
      currency: 'JPY',
      shippingAddress: { ...shippingAddress, country: 'JP', company: 'Tofu-ya' },
    })
    await amazon.create()

    const [body] = amazon.bodies()
    expect(body).toMatchObject({ destinationAddress: { addressLine3: 'Tofu-ya', countryCode: 'JP' } })
    expect(body).toMatchObject({ destinationAddress: { city: undefined } })
    expect(body).toMatchObject({ items: [{ perUnitDeclaredValue: { value: '1000' } }, {}] })
  })
})

test.each<[string, Reply[], object, string[]]>([
  ['too many calls', [refusal(429, 'QuotaExceeded')], busy, ['POST']],
  ['an expired token', [refusal(403, 'Unauthorized')], ours, ['POST']],
  ['a malformed token', [refusal(401, 'Unauthorized')], ours, ['POST']],
  [
    'a 403 from a firewall',
    [answer(403, '<html>')],
    { made: 'no', blame: 'unclear', reason: 'HTTP_403' },
    ['POST'],
  ],
  ['a 500', [refusal(500, 'InternalFailure')], failed('INTERNAL_FAILURE'), ['POST']],
  ['no answer', [timeOut], failed('TIME_OUT'), ['POST']],
  [
    'an error inside a 200',
    [refusal(200, 'InvalidInput')],
    { made: 'unknown', blame: 'unclear', reason: 'INVALID_INPUT' },
    ['POST'],
  ],
  [
    'an unknown SKU',
    [refusal(400, 'InvalidInput'), refusal(404, 'NotFound')],
    refused('INVALID_INPUT'),
    ['POST', 'GET /our-reference'],
  ],
  [
    'a refusal, and a look-up that answers 400 for an unknown order',
    [refusal(400, 'InvalidInput'), refusal(400, 'InvalidInput')],
    refused('INVALID_INPUT'),
    ['POST', 'GET /our-reference'],
  ],
  [
    'an order that exists already',
    [refusal(400, 'InvalidInput'), inStatus('Planning')],
    made,
    ['POST', 'GET /our-reference'],
  ],
  [
    'an order that exists and is invalid',
    [refusal(400, 'InvalidInput'), inStatus('Invalid')],
    refused('INVALID'),
    ['POST', 'GET /our-reference'],
  ],
  [
    'a refusal, and a look-up that fails',
    [refusal(400, 'InvalidInput'), timeOut],
    { made: 'unknown', blame: 'nobody', reason: 'INVALID_INPUT' },
    ['POST', 'GET /our-reference'],
  ],
])('a create that meets %s', async (_, replies, meaning, steps) => {
  const amazon = talk(replies)

  expect(await amazon.create()).toMatchObject(meaning)
  expect(amazon.steps()).toEqual(steps)
})

test.each<[string, Reply, object]>([
  ['New', inStatus('New'), accepted],
  ['Received', inStatus('Received'), made],
  ["RECEIVED, as in the API's examples", inStatus('RECEIVED'), made],
  ['Planning', inStatus('Planning'), made],
  ['Processing', inStatus('Processing'), made],
  ['Complete', inStatus('Complete'), made],
  ['COMPLETE_PARTIALLED', inStatus('COMPLETE_PARTIALLED'), useless('SHIPPED_IN_PART')],
  ['Cancelled', inStatus('Cancelled'), useless('CANCELLED_BY_VENDOR')],
  ['Unfulfillable, which counts as not there', inStatus('Unfulfillable'), notThere],
  ['Invalid, which counts as not there', inStatus('Invalid'), notThere],
  ["another order's", inStatus('Received', 'another'), { made: 'unknown', reason: 'FOREIGN_REFERENCE' }],
  ['an unknown status', inStatus('Lost'), { made: 'unknown', reason: 'UNREADABLE_ANSWER' }],
  ['that there is no such order', refusal(404, 'NotFound'), notThere],
  ['a 404 of a gateway', answer(404, '<html>'), { made: 'no', blame: 'unclear', reason: 'HTTP_404' }],
  ['a 429', refusal(429, 'QuotaExceeded'), busy],
])('a look-up whose answer is %s', async (_, reply, meaning) => {
  const amazon = talk([reply])

  expect(await amazon.lookUp()).toMatchObject(meaning)
  expect(amazon.steps()).toEqual(['GET /our-reference'])
})

const looked = ['GET /our-reference']
const asked = [...looked, 'PUT /our-reference/cancel']
test.each<[string, Reply[], object, string[]]>([
  ['Received', [inStatus('Received'), answer(200, {})], accepted, asked],
  ['Planning', [inStatus('Planning'), answer(200, {})], accepted, asked],
  ['New, which cannot be cancelled yet', [inStatus('New')], accepted, looked],
  ['Cancelled already', [inStatus('Cancelled')], undone, looked],
  ['Unfulfillable', [inStatus('Unfulfillable')], undone, looked],
  ['Invalid', [inStatus('Invalid')], undone, looked],
  ['Processing', [inStatus('Processing')], tooLate, looked],
  ['Complete', [inStatus('Complete')], tooLate, looked],
  ['CompletePartialled', [inStatus('CompletePartialled')], tooLate, looked],
  [
    'Planning at the look-up, and further when the cancellation arrives',
    [inStatus('Planning'), refusal(400, 'InvalidInput')],
    { made: 'unknown', blame: 'nobody', reason: 'CONFLICT' },
    asked,
  ],
  ['Planning, without an answer', [inStatus('Planning'), timeOut], failed('TIME_OUT'), asked],
  ['not there', [refusal(404, 'NotFound')], notThere, looked],
  [
    'not there according to a 400, which proves nothing for a cancellation',
    [refusal(400, 'InvalidInput')],
    { made: 'no', blame: 'unclear', reason: 'INVALID_INPUT' },
    looked,
  ],
])('a cancellation of an order that is %s', async (_, replies, meaning, steps) => {
  const amazon = talk(replies)

  expect(await amazon.cancel()).toMatchObject(meaning)
  expect(amazon.steps()).toEqual(steps)
})

test.each([
  ['no marketplace', { ...options, marketplaceId: undefined }, 'marketplaceId'],
  ['a marketplace by its name', { ...options, marketplaceId: 'Germany' }, 'marketplaceId'],
  ['an unknown speed', { ...options, speeds: { express: 'Fast' } }, 'speeds.express'],
  ['no text for the packing slip', { ...options, comment: '' }, 'comment'],
])('options with %s are refused by name', (_, wrong, name) => {
  const { error } = amazonMcfOptions.safeParse(wrong)

  expect(error?.issues.map((issue) => issue.path.join('.'))).toEqual([name])
})

describe('over its fake', () => {
  const reference = `${orderId.replace('ord_', '')}-k3x9q00`
  const secret = { client_id: 'c', client_secret: 's', refresh_token: 'r' }
  let amazon: VendorSimulator
  beforeEach(async () => {
    amazon = await startVendorSimulator({ name: 'amazon', protocol: amazonMcf })
  })
  afterEach(() => amazon.stop())

  /** The real client with its own token, for jobs of one order. */
  function client(
    change: Partial<Order> = {},
    { credential = JSON.stringify(secret), timeoutMs = 5000 } = {},
  ) {
    const auth = { tokenUrl: `${amazon.url}/auth/o2/token`, header: 'x-amz-access-token' }
    const http = createVendorHttp({
      url: amazon.url,
      auth,
      timeoutMs,
      credential: async () => credential,
      fetch: globalThis.fetch,
      now: () => Date.now(),
    })
    const { create, lookUp, cancel } = createAmazonMcfClient(http, {}, options)
    const job = { order: storedOrder(change), reference, save: savesNothing }
    return { create: () => create(job), lookUp: () => lookUp(job), cancel: () => cancel(job) }
  }
  const here = { ...made, facts: { wmsReference: reference } }
  const entry = (more: object) => [expect.objectContaining({ reference: orderId, ...more })]

  test('repeat, exists already: finds the existing order and makes no second one', async () => {
    const { create } = client()
    await create()

    expect(await create()).toEqual(here)
    expect(amazon.ledger()).toEqual(entry({ createCalls: 2, created: 1 }))
  })

  test("refused: an order without a postal code is the order's fault", async () => {
    const { postalCode, ...shippingAddress } = storedOrder().shippingAddress

    expect(await client({ shippingAddress }).create()).toEqual(refused('INVALID_INPUT'))
    expect(amazon.ledger()).toEqual(entry({ createCalls: 1, created: 0 }))
  })

  test('refused later: an order with an invalid address counts as not there, and the next create says why', async () => {
    amazon.setFaults({ rejectCountries: ['DE'] })
    const { create, lookUp } = client()

    expect(await create()).toEqual(accepted)
    expect(await lookUp()).toEqual(notThere)
    expect(await create()).toEqual(refused('INVALID'))
  })

  test('no inventory: the same applies', async () => {
    const { create, lookUp } = client({ items: [{ sku: 'EMPTY-1', quantity: 1, unitPrice: 1 }] })
    await create()

    expect([await lookUp(), await create()]).toEqual([notThere, refused('INVALID')])
  })

  test('not checked yet: accepted until the check is done', async () => {
    amazon.setFaults({ asyncMs: 60_000 })
    const { create, lookUp } = client()

    expect([await create(), await lookUp()]).toEqual([accepted, accepted])
  })

  test("wrong credential: the token endpoint requires a client's secret and refuses a password", async () => {
    expect(await client({}, { credential: 'hunter2' }).create()).toMatchObject(ours)
    expect(amazon.ledger()).toEqual([])
  })
})
