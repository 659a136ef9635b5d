import { describe, expect, test } from '@jest/globals'
import { createWmsClient } from '../../../vendors/contract/client.ts'
import { orderBody, storedOrder } from '../../builders.ts'
import { createVendorHttpDouble, savesNothing } from '../doubles.ts'

describe('the warehouse', () => {
  test('is told what to ship where, under which AWB, and neither prices nor who pays', async () => {
    const { http, posted } = createVendorHttpDouble({ wmsReference: 'W-1' })

    const result = await createWmsClient(http, {}).create({
      order: storedOrder({ awb: 'AWB-1' }),
      reference: 'our-reference',
      save: savesNothing,
    })

    expect(posted).toEqual([
      [
        '/shipments',
        {
          reference: 'our-reference',
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
    expect(result).toMatchObject({ made: 'yes', facts: { wmsReference: 'W-1' } })
  })
})
