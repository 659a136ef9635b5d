import { describe, expect, test } from '@jest/globals'
import { createLogisticsClient } from '../../../lambdas/adapters/logistics-client.ts'
import type { Reply, VendorHttp } from '../../../lambdas/adapters/vendor-http.ts'
import { createWmsClient } from '../../../lambdas/adapters/wms-client.ts'
import { orderBody, orderId, orderItem, storedOrder } from '../../builders.ts'

function vendor(body: unknown) {
  const posted: unknown[] = []
  const reply: Reply = { kind: 'answer', status: 201, body, retryAfterMs: undefined }
  const http: VendorHttp = {
    post: async (path, request) => {
      posted.push([path, JSON.parse(JSON.stringify(request))])
      return reply
    },
    get: async () => reply,
  }
  return { http, posted }
}

describe('the carrier', () => {
  test('is told who receives what, how heavy it is and what it is worth', async () => {
    const { http, posted } = vendor({ awb: 'AWB-1', trackingUrl: 'https://carrier.example/AWB-1' })

    const result = await createLogisticsClient(http).create(storedOrder(), 'key')

    const { name, ...address } = orderBody.shippingAddress
    expect(posted).toEqual([
      [
        '/awbs',
        {
          reference: orderId,
          shippingService: 'EXPRESS',
          recipient: { name, phone: '+49 30 1', email: 'ada@example.com', address },
          parcel: {
            weightGrams: 2 * 300 + 100,
            items: [
              { sku: 'NW-1', quantity: 2 },
              { sku: 'NW-2', quantity: 1 },
            ],
          },
          declaredValue: { amount: 3130, currency: 'EUR' },
        },
      ],
    ])
    expect(result).toEqual({
      kind: 'done',
      answer: { awb: 'AWB-1', trackingUrl: 'https://carrier.example/AWB-1' },
    })
  })

  test('is told no weight where some item has none: it would be too light', async () => {
    const { http, posted } = vendor({ awb: 'AWB-1' })
    const items = [orderItem, { sku: 'NW-3', quantity: 1, unitPrice: 1 }]

    await createLogisticsClient(http).create(storedOrder({ items }), 'key')

    expect(JSON.stringify(posted)).not.toContain('weightGrams')
  })

  test.each<[string, unknown]>([
    ['no AWB', {}],
    ['an empty AWB', { awb: '' }],
    ['an AWB of 101 characters', { awb: 'x'.repeat(101) }],
    ['a tracking URL that is none', { awb: 'AWB-1', trackingUrl: 'AWB-1' }],
  ])('that answers %s is unreadable', async (_, body) => {
    const result = await createLogisticsClient(vendor(body).http).create(storedOrder(), 'key')

    expect(result).toMatchObject({ kind: 'failed', reason: 'UNREADABLE_ANSWER' })
  })
})

describe('the warehouse', () => {
  test('is told what to ship where, under which AWB, and neither prices nor who pays', async () => {
    const { http, posted } = vendor({ wmsReference: 'W-1' })

    const result = await createWmsClient(http).create(storedOrder({ awb: 'AWB-1' }), 'key')

    expect(posted).toEqual([
      [
        '/shipments',
        {
          ...{ reference: orderId, awb: 'AWB-1', shippingService: 'EXPRESS' },
          items: [
            { sku: 'NW-1', name: 'Tofu', quantity: 2 },
            { sku: 'NW-2', quantity: 1 },
          ],
          shippingAddress: orderBody.shippingAddress,
        },
      ],
    ])
    expect(result).toEqual({ kind: 'done', answer: { wmsReference: 'W-1' } })
  })
})
