import { expect, test } from '@jest/globals'
import { vendorReference } from '../../../lambdas/domain/vendor-reference.ts'
import { orderId, storedOrder } from '../../builders.ts'

test('a vendor’s reference leads back to the order, and differs by item and round', () => {
  const references = [
    vendorReference(storedOrder(), 0),
    vendorReference(storedOrder(), 37),
    vendorReference(storedOrder({ nonce: '00001' }), 0),
  ]

  expect(references).toEqual([
    `${orderId.slice(4)}-k3x9q00`,
    `${orderId.slice(4)}-k3x9q11`,
    `${orderId.slice(4)}-0000100`,
  ])
})

test('a vendor’s reference has at most 40 characters, up to the last round that an order can have', () => {
  expect(vendorReference(storedOrder(), 36 ** 2 - 1)).toHaveLength(40)
})
