import { describe, expect, test } from '@jest/globals'
import { createWmsClient } from '../../../lambdas/adapters/wms-client.ts'
import { orderBody, orderId, storedOrder } from '../../builders.ts'
import { createVendorHttpDouble } from '../doubles.ts'

describe('the warehouse', () => {
  test('is told what to ship where, under which AWB, and neither prices nor who pays', async () => {
    const { http, posted } = createVendorHttpDouble({ wmsReference: 'W-1' })

    const result = await createWmsClient(http).create(storedOrder({ awb: 'AWB-1' }), 'key')

    expect(posted).toEqual([
      [
        '/shipments',
        {
          reference: orderId,
          awb: 'AWB-1',
          shippingService: 'EXPRESS',
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
