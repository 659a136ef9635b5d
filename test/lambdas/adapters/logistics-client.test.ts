import { describe, expect, test } from '@jest/globals'
import { createLogisticsClient } from '../../../vendors/contract/client.ts'
import { orderBody, orderItem, storedOrder } from '../../builders.ts'
import { createVendorHttpDouble, savesNothing } from '../doubles.ts'

const reference = 'our-reference'

describe('the carrier', () => {
  test('is told who receives what, how heavy it is and what it is worth', async () => {
    const { http, posted } = createVendorHttpDouble({
      awb: 'AWB-1',
      trackingUrl: 'https://carrier.example/AWB-1',
    })

    const result = await createLogisticsClient(http, {}).create({
      order: storedOrder(),
      reference,
      save: savesNothing,
    })

    const { name, ...address } = orderBody.shippingAddress
    expect(posted).toEqual([
      [
        '/awbs',
        {
          reference,
          shippingService: 'EXPRESS',
          recipient: { name, phone: '+49 30 1', email: 'ada@example.com', address },
          parcel: {
            weightGrams: 2 * 300 + 100,
            items: orderBody.items,
          },
          // Of the goods, without tax and shipping: a gift is not worth nothing.
          declaredValue: { amount: 2500, currency: 'EUR' },
        },
      ],
    ])
    expect(result).toEqual({
      made: 'yes',
      blame: 'nobody',
      reason: 'MADE',
      facts: { awb: 'AWB-1', trackingUrl: 'https://carrier.example/AWB-1' },
    })
  })

  test('is told no weight if an item has none, since it would be too low', async () => {
    const { http, posted } = createVendorHttpDouble({ awb: 'AWB-1' })
    const items = [orderItem, { sku: 'NW-3', quantity: 1, unitPrice: 1 }]

    await createLogisticsClient(http, {}).create({
      order: storedOrder({ items }),
      reference,
      save: savesNothing,
    })

    expect(posted).toEqual([['/awbs', expect.objectContaining({ parcel: { items } })]])
  })

  test("is told the recipient's own company, phone and email, or else the buyer's", async () => {
    const { http, posted } = createVendorHttpDouble({ awb: 'AWB-1' })
    const own = { company: 'B', phone: '1', email: 'b@example.com' }
    const shippingAddress = { ...orderBody.shippingAddress, ...own }

    await createLogisticsClient(http, {}).create({
      order: storedOrder({ shippingAddress }),
      reference,
      save: savesNothing,
    })

    const { name, ...address } = orderBody.shippingAddress
    expect(posted).toEqual([['/awbs', expect.objectContaining({ recipient: { name, ...own, address } })]])
  })

  test.each<[string, unknown]>([
    ['no AWB', {}],
    ['an empty AWB', { awb: '' }],
    ['a blank AWB', { awb: ' \u00a0 ' }],
    ['an AWB with a control character', { awb: 'AWB\u00071' }],
    ['an AWB of 101 characters', { awb: 'x'.repeat(101) }],
  ])('that answers %s is unreadable', async (_, body) => {
    const result = await createLogisticsClient(createVendorHttpDouble(body).http, {}).create({
      order: storedOrder(),
      reference,
      save: savesNothing,
    })

    expect(result).toMatchObject({ made: 'unknown', reason: 'UNREADABLE_ANSWER' })
  })

  test.each([
    ['no address', 'AWB-1'],
    ['a script', 'javascript:alert(1)'],
    ['data', 'data:text/html,<script>alert(1)</script>'],
    ['a file', 'file:///etc/passwd'],
    ['too long', `https://carrier.example/${'x'.repeat(1000)}`],
    ['not even text', 7],
  ])(
    'that gives a tracking URL which is %s has made the AWB, and the URL is left out',
    async (_, trackingUrl) => {
      const { http } = createVendorHttpDouble({ awb: 'AWB-1', trackingUrl })

      const meaning = await createLogisticsClient(http, {}).create({
        order: storedOrder(),
        reference,
        save: savesNothing,
      })

      expect(meaning).toEqual({ made: 'yes', blame: 'nobody', reason: 'MADE', facts: { awb: 'AWB-1' } })
    },
  )

  test('that gives a tracking URL with what cannot be seen has that percent-encoded', async () => {
    const { http } = createVendorHttpDouble({
      awb: 'A',
      trackingUrl: 'http://carrier.example/\u001b[2J\u202e',
    })

    const meaning = await createLogisticsClient(http, {}).create({
      order: storedOrder(),
      reference,
      save: savesNothing,
    })

    expect(meaning).toMatchObject({ facts: { trackingUrl: 'http://carrier.example/%1B[2J%E2%80%AE' } })
  })

  test('that gives no tracking URL, and an AWB with white space around it, is understood', async () => {
    const { http } = createVendorHttpDouble({ awb: ' AWB-1\n' })

    const meaning = await createLogisticsClient(http, {}).create({
      order: storedOrder(),
      reference,
      save: savesNothing,
    })

    expect(meaning).toMatchObject({ made: 'yes', facts: { awb: 'AWB-1' } })
  })
})
