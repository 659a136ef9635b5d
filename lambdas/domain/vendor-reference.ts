import type { Order } from './order.ts'

/**
 * The name under which a vendor knows an order's work, also its Idempotency-Key: the 32 hexadecimal digits of the
 * order id, a dash, the nonce of the item, and the round in base 36. At most 40 characters, which Amazon's
 * sellerFulfillmentOrderId allows, and never the same again: an order that is placed anew after its retention has
 * another nonce, and each round another number.
 */
export function vendorReference({ orderId, nonce }: Order, round: number): string {
  return `${orderId.replace('ord_', '')}-${nonce}${round.toString(36).padStart(2, '0')}`
}
