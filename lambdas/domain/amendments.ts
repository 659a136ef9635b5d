import { type Change, logged, notBefore } from './change.ts'
import type { Order } from './order.ts'

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
      metadata: undefined,
      audit: order.audit?.map(({ note, ...entry }) => entry),
      redactedAt: at,
      updatedAt: at,
    },
    log: logged(order, { at, type: 'PERSONAL_DATA_REDACTED' }),
  }
}
