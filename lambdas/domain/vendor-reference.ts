import type { Order } from './order.ts'

/**
 * A round's reference at the vendor, also its Idempotency-Key: at most 40 characters, as Amazon's
 * sellerFulfillmentOrderId. Never the same again: an order placed anew after its retention has another nonce.
 */
export function vendorReference({ orderId, nonce }: Order, round: number): string {
  return `${orderId.replace('ord_', '')}-${nonce}${round.toString(36).padStart(2, '0')}`
}
