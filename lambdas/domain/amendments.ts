import { type Change, logged, notBefore } from './change.ts'
import type { Order } from './order.ts'
import type { ShippingAddress } from './order-request.ts'

/** The shop corrected the address: the next attempt uses it, with a new key. */
export function shippingAddressChanged(order: Order, shippingAddress: ShippingAddress, now: number): Change {
  const at = notBefore(order, now)
  return {
    // A vendor may hold a key to the body that it first came with.
    set: { shippingAddress, round: order.round + 1, updatedAt: at },
    remove: [],
    log: logged(order, { at, type: 'SHIPPING_ADDRESS_CHANGED' }),
  }
}

const redactedText = 'REDACTED'

/** A finished order without personal data. What accounting needs stays: SKUs, amounts, the country. */
export function redacted(order: Order, now: number): Change {
  const at = notBefore(order, now)
  return {
    set: {
      customer: { name: redactedText },
      shippingAddress: {
        name: redactedText,
        line1: redactedText,
        city: redactedText,
        country: order.shippingAddress.country,
      },
      items: order.items.map(({ name, ...item }) => item),
      redactedAt: at,
      updatedAt: at,
    },
    remove: ['metadata'],
    log: logged(order, { at, type: 'PERSONAL_DATA_REDACTED' }),
  }
}
