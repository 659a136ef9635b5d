import { describe, expect, test } from '@jest/globals'
import type { Reply, VendorHttp } from '../../lambdas/adapters/vendor-http.ts'
import type { Order } from '../../lambdas/domain/order.ts'
import { createEasyPostClient } from '../../vendors/easypost/client.ts'
import { orderBody, storedOrder } from '../builders.ts'

const options = {
  mode: 'test',
  from: {
    name: 'Tea House',
    street1: '1 Pier',
    city: 'Oakland',
    state: 'CA',
    zip: '94607',
    country: 'US',
    phone: '5105550100',
  },
  parcelMm: { length: 254, width: 203, height: 102 },
  services: { express: ['USPS Express', 'UPS NextDay'] },
  labelFormat: 'PDF',
  customsSigner: 'Ada Lovelace',
}

const rate = (id: string, carrier: string, service: string, price: string) => ({
  id,
  carrier,
  service,
  rate: price,
  currency: 'USD',
})
const rates = [
  rate('rate_x', 'USPS', 'Express', '33.10'),
  rate('rate_p', 'USPS', 'Priority', '6.90'),
  rate('rate_g', 'USPS', 'Ground', '5.93'),
]
const open = { id: 'shp_1', mode: 'test', rates, tracking_code: null, messages: [], refund_status: null }
const paid = {
  ...open,
  tracking_code: '9400',
  selected_rate: rates[2],
  postage_label: { label_url: 'https://files.easypost.example/1.pdf', label_file_type: 'application/pdf' },
  tracker: { public_url: 'https://track.easypost.example/1' },
}
const answer = (status: number, body: unknown): Reply => ({
  kind: 'answer',
  status,
  body,
  retryAfterMs: undefined,
})
const refusal = (status: number, code: string) =>
  answer(status, { error: { code, message: 'M', errors: [] } })
const timeOut: Reply = { kind: 'no-answer', reason: 'TIME_OUT' }

const domestic = storedOrder({
  shippingAddress: {
    name: 'Ada',
    line1: '179 N Harbor Dr',
    city: 'Redondo Beach',
    region: 'CA',
    postalCode: '90277',
    country: 'US',
  },
  shippingService: 'express',
})

/** A client whose replies are given in order, with a record of its requests and saved checkpoints. */
function talk(replies: Reply[], order: Order = domestic, checkpoint?: string, more = {}) {
  const steps: string[] = []
  const bodies: unknown[] = []
  const next = async (step: string, body?: unknown) => {
    steps.push(step)
    bodies.push(body)
    return replies.shift() ?? answer(500, undefined)
  }
  const http: VendorHttp = (method, path, body) => next(`${method} ${path}`, body)
  const client = createEasyPostClient(http, {}, { ...options, ...more })
  const save = async (value: string) => void steps.push(`save ${value}`)
  const job = { order, reference: 'our-reference', checkpoint, save }
  return {
    /** Methods and paths, and what was saved. */
    steps: () => steps,
    bodies: () => bodies,
    create: () => client.create(job),
    lookUp: () => client.lookUp(job),
    cancel: () => client.cancel(job),
  }
}

const facts = {
  awb: '9400',
  trackingUrl: 'https://track.easypost.example/1',
  label: { url: 'https://files.easypost.example/1.pdf', format: 'application/pdf' },
  carrierService: 'USPS Ground',
  labelPrice: { amount: 593, currency: 'USD' },
}

describe('buying a label', () => {
  test('creates a shipment, saves it, and buys the cheapest rate of the allowed services', async () => {
    const easypost = talk([answer(201, open), answer(200, paid)])

    const meaning = await easypost.create()

    expect(meaning).toEqual({ made: 'yes', blame: 'nobody', reason: 'MADE', facts })
    expect(easypost.steps()).toEqual(['POST /shipments', 'save shp_1', 'POST /shipments/shp_1/buy'])
    expect(easypost.bodies()).toEqual([
      {
        shipment: {
          reference: 'our-reference',
          from_address: options.from,
          to_address: {
            name: 'Ada',
            street1: '179 N Harbor Dr',
            city: 'Redondo Beach',
            state: 'CA',
            zip: '90277',
            country: 'US',
            phone: orderBody.customer.phone,
            email: orderBody.customer.email,
          },
          // 700 g, and a box of 254 × 203 × 102 mm.
          parcel: { length: 10, width: 8, height: 4.1, weight: 24.7 },
          options: { label_format: 'PDF' },
        },
      },
      { rate: { id: 'rate_x' } },
    ])
  })

  test("buys the cheapest rate of all if the config does not name the order's service", async () => {
    const easypost = talk([answer(201, open), answer(200, paid)], { ...domestic, shippingService: 'EXPRESS' })

    await easypost.create()

    expect(easypost.bodies()[1]).toEqual({ rate: { id: 'rate_g' } })
  })

  test('uses the configured weight for items without one, if there is one', async () => {
    const items = [
      { sku: 'A', quantity: 2, unitPrice: 100 },
      { sku: 'B', quantity: 1, unitPrice: 100, weightGrams: 1000 },
    ]
    const easypost = talk([answer(201, open), answer(200, paid)], { ...domestic, items }, undefined, {
      itemWeightGrams: 250,
    })

    await easypost.create()

    // 1,500 g.
    expect(easypost.bodies()[0]).toMatchObject({ shipment: { parcel: { weight: 53 } } })
  })

  test('declares each item of an order that goes abroad', async () => {
    const items = [
      {
        sku: 'T',
        name: 'Tea',
        quantity: 2,
        unitPrice: 1250,
        weightGrams: 100,
        hsCode: '0902.30',
        originCountry: 'IN',
      },
    ]
    const easypost = talk([answer(201, open), answer(200, paid)], storedOrder({ items }))

    await easypost.create()

    expect(easypost.bodies()[0]).toMatchObject({
      shipment: {
        customs_info: {
          customs_signer: 'Ada Lovelace',
          customs_items: [
            {
              description: 'Tea',
              quantity: 2,
              weight: 7.1,
              value: 25,
              currency: 'EUR',
              hs_tariff_number: '090230',
              origin_country: 'IN',
            },
          ],
        },
      },
    })
  })

  test('declares the configured origin of goods, unless an item states one', async () => {
    const item = { sku: 'T', quantity: 1, unitPrice: 100, weightGrams: 100 }
    const items = [item, { ...item, originCountry: 'IN' }]
    const easypost = talk([answer(201, open), answer(200, paid)], storedOrder({ items }), undefined, {
      originCountry: 'US',
    })

    await easypost.create()

    const declared = [{ origin_country: 'US' }, { origin_country: 'IN' }]
    expect(easypost.bodies()[0]).toMatchObject({ shipment: { customs_info: { customs_items: declared } } })
  })

  test('continues with the saved shipment on a retry', async () => {
    const easypost = talk([answer(200, open), answer(200, paid)], domestic, 'shp_1')

    expect(await easypost.create()).toMatchObject({ made: 'yes' })
    expect(easypost.steps()).toEqual(['GET /shipments/shp_1', 'POST /shipments/shp_1/buy'])
  })

  test('counts as made even if the URLs in the answer are invalid', async () => {
    const odd = { postage_label: { label_url: 'javascript:alert(1)' }, tracker: { public_url: '' } }
    const easypost = talk([answer(201, open), answer(200, { ...paid, ...odd })])

    expect(await easypost.create()).toEqual({
      made: 'yes',
      blame: 'nobody',
      reason: 'MADE',
      facts: { ...facts, trackingUrl: undefined, label: undefined },
    })
  })

  test('with an invalid currency in the answer is an unknown outcome, and not an error of ours', async () => {
    const odd = { selected_rate: { ...rates[2], currency: 'US$' } }
    const easypost = talk([answer(201, open), answer(200, { ...paid, ...odd })])

    expect(await easypost.create()).toMatchObject({ made: 'unknown', reason: 'UNREADABLE_ANSWER' })
  })

  test('buys nothing on a retry if the label exists', async () => {
    const easypost = talk([answer(200, paid)], domestic, 'shp_1')

    expect(await easypost.create()).toEqual({ made: 'yes', blame: 'nobody', reason: 'MADE', facts })
    expect(easypost.steps()).toEqual(['GET /shipments/shp_1'])
  })
})

describe('a create that makes no label', () => {
  test.each<[string, Reply[], object, string[]]>([
    [
      'no answer to the shipment, which costs nothing',
      [timeOut],
      { made: 'no', blame: 'vendor', reason: 'TIME_OUT' },
      ['POST /shipments'],
    ],
    [
      'a 500 for the shipment',
      [answer(500, '')],
      { made: 'no', blame: 'vendor', reason: 'HTTP_500' },
      ['POST /shipments'],
    ],
    [
      'no rates inside a 201',
      [answer(201, { ...open, rates: [] })],
      { made: 'no', blame: 'order', reason: 'NO_RATES' },
      ['POST /shipments'],
    ],
    [
      'only rates of other services',
      [answer(201, { ...open, rates: rates.slice(1) })],
      { made: 'no', blame: 'order', reason: 'NO_RATES' },
      ['POST /shipments'],
    ],
    [
      'a refused address',
      [refusal(422, 'ADDRESS.VERIFY.FAILURE')],
      { made: 'no', blame: 'order', reason: 'ADDRESS.VERIFY.FAILURE' },
      ['POST /shipments'],
    ],
    [
      'a key of the other mode',
      [answer(201, { ...open, mode: 'production' })],
      { made: 'no', blame: 'us', reason: 'WRONG_MODE' },
      ['POST /shipments'],
    ],
    [
      'a wrong key',
      [refusal(401, 'APIKEY.INACTIVE')],
      { made: 'no', blame: 'us', reason: 'CREDENTIAL_REFUSED' },
      ['POST /shipments'],
    ],
    [
      'a body that is not a shipment',
      [answer(201, { id: 'shp_1' })],
      { made: 'no', blame: 'unclear', reason: 'UNREADABLE_ANSWER' },
      ['POST /shipments'],
    ],
  ])('%s', async (_name, replies, meaning, steps) => {
    const easypost = talk(replies)

    expect(await easypost.create()).toMatchObject(meaning)
    expect(easypost.steps()).toEqual(steps)
  })

  test.each<[string, Reply, object]>([
    ['no answer', timeOut, { made: 'unknown', blame: 'vendor', reason: 'TIME_OUT' }],
    [
      'a label that exists',
      refusal(422, 'SHIPMENT.POSTAGE.EXISTS'),
      { made: 'unknown', blame: 'nobody', reason: 'SHIPMENT.POSTAGE.EXISTS' },
    ],
    [
      'no answer from the carrier',
      refusal(422, 'SHIPMENT.PURCHASE.FAILURE'),
      { made: 'no', blame: 'nobody' },
    ],
    [
      'an empty balance',
      refusal(402, 'PAYMENT.REQUIRED'),
      { made: 'no', blame: 'us', reason: 'BALANCE_EMPTY' },
    ],
    [
      'a purchase in progress',
      refusal(422, 'SHIPMENT.PURCHASE.IN_PROGRESS'),
      { made: 'unknown', blame: 'nobody' },
    ],
    [
      'a label that is not ready',
      answer(200, { ...open, selected_rate: rates[0] }),
      { made: 'accepted', reason: 'NOT_READY_YET' },
    ],
    [
      'a disabled key',
      refusal(403, 'APIKEY.INACTIVE'),
      { made: 'no', blame: 'us', reason: 'CREDENTIAL_REFUSED' },
    ],
    ['too many calls', refusal(429, 'RATE.LIMITED'), { made: 'no', blame: 'nobody', reason: 'RATE_LIMITED' }],
    ['a label without a number', answer(200, open), { made: 'unknown', reason: 'UNREADABLE_ANSWER' }],
  ])('at the buy: %s', async (_name, reply, meaning) => {
    expect(await talk([answer(201, open), reply]).create()).toMatchObject(meaning)
  })

  test('an item without a weight: no request is sent', async () => {
    const easypost = talk([], storedOrder({ items: [{ sku: 'A', quantity: 1, unitPrice: 1 }] }))

    expect(await easypost.create()).toEqual({ made: 'no', blame: 'order', reason: 'WEIGHT_UNKNOWN' })
    expect(easypost.steps()).toEqual([])
  })
})

test.each<[string, string | undefined, Reply[], object]>([
  ['nothing was saved, so nothing was bought', undefined, [], { made: 'no', reason: 'NOT_THERE' }],
  ['the shipment exists without a label', 'shp_1', [answer(200, open)], { made: 'no', reason: 'NOT_THERE' }],
  ['the label exists', 'shp_1', [answer(200, paid)], { made: 'yes', facts }],
  [
    'it was bought, and the label is not ready',
    'shp_1',
    [answer(200, { ...open, selected_rate: rates[0] })],
    { made: 'accepted' },
  ],
  ['a 404 of a gateway', 'shp_1', [answer(404, '')], { made: 'no', blame: 'unclear', reason: 'HTTP_404' }],
])('a look-up if %s', async (_name, checkpoint, replies, meaning) => {
  expect(await talk(replies, domestic, checkpoint).lookUp()).toMatchObject(meaning)
})

const refunded = (status: string) => answer(200, { ...paid, refund_status: status })
const accepted = { made: 'accepted', blame: 'nobody', reason: 'NOT_READY_YET' }
const undone = { made: 'yes', blame: 'nobody', reason: 'UNDONE', facts: {} }
const tooLate = { made: 'no', blame: 'order', reason: 'TOO_LATE' }

test.each<[string, string | undefined, Reply[], object, string[]]>([
  ['nothing was saved', undefined, [], { reason: 'NOT_THERE' }, []],
  ['no label was bought', 'shp_1', [answer(200, open)], { reason: 'NOT_THERE' }, ['GET /shipments/shp_1']],
  [
    'a refund can be requested',
    'shp_1',
    [answer(200, paid), refunded('submitted')],
    accepted,
    ['GET /shipments/shp_1', 'POST /shipments/shp_1/refund'],
  ],
  ['a refund was requested before', 'shp_1', [refunded('submitted')], accepted, ['GET /shipments/shp_1']],
  ['the refund was granted', 'shp_1', [refunded('refunded')], undone, ['GET /shipments/shp_1']],
  [
    'it was granted at once',
    'shp_1',
    [answer(200, paid), refunded('refunded')],
    undone,
    ['GET /shipments/shp_1', 'POST /shipments/shp_1/refund'],
  ],
  [
    'the label costs nothing unless it is used',
    'shp_1',
    [answer(200, paid), refunded('not_applicable')],
    undone,
    ['GET /shipments/shp_1', 'POST /shipments/shp_1/refund'],
  ],
  [
    'it was rejected: the parcel was scanned',
    'shp_1',
    [refunded('rejected')],
    tooLate,
    ['GET /shipments/shp_1'],
  ],
  [
    'the label is not ready',
    'shp_1',
    [answer(200, { ...open, selected_rate: rates[0] })],
    accepted,
    ['GET /shipments/shp_1'],
  ],
  [
    'the label was used, so no refund is possible',
    'shp_1',
    [answer(200, paid), refusal(422, 'SHIPMENT.REFUND.UNAVAILABLE')],
    tooLate,
    ['GET /shipments/shp_1', 'POST /shipments/shp_1/refund'],
  ],
  [
    'the refund is not answered',
    'shp_1',
    [answer(200, paid), timeOut],
    { made: 'unknown', reason: 'TIME_OUT' },
    ['GET /shipments/shp_1', 'POST /shipments/shp_1/refund'],
  ],
])('a cancellation if %s', async (_name, checkpoint, replies, meaning, steps) => {
  const easypost = talk(replies, domestic, checkpoint)

  expect(await easypost.cancel()).toMatchObject(meaning)
  expect(easypost.steps()).toEqual(steps)
})
