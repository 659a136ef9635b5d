import { type OrderStatus, placed } from './chain.ts'
import { type Change, logged, notBefore } from './change.ts'
import type { Order } from './order.ts'
import type { OrderRequest } from './order-request.ts'

/** A JSON merge patch: https://www.rfc-editor.org/rfc/rfc7396 */
export type MergePatch = Record<string, unknown>

const isContainer = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null

/** Applies a merge patch. A value that replaces no object is taken as it is, however deeply nested. */
export function afterPatch(target: unknown, patch: unknown): unknown {
  if (!isContainer(target) || !isContainer(patch) || Array.isArray(patch)) return patch
  const result = new Map(Object.entries(target))
  for (const [key, value] of Object.entries(patch))
    if (value === null) result.delete(key)
    else result.set(key, afterPatch(result.get(key), value))
  return Object.fromEntries(result)
}

/** The paths where two requests differ, such as `items.0.sku`; for arrays of different lengths, the array's path. */
export function differences(before: unknown, after: unknown, path: readonly string[] = []): string[] {
  if (before === after) return []
  const isResized = Array.isArray(before) && Array.isArray(after) && before.length !== after.length
  if (!isContainer(before) || !isContainer(after) || isResized) return [path.join('.')]
  const keys = new Set([...Object.keys(before), ...Object.keys(after)])
  return [...keys].flatMap((key) => differences(before[key], after[key], [...path, key]))
}

/** Paths of data that vendors get and that the price does not depend on. */
const correctable = /^(customer|shippingAddress|shippingService)\b|^items\.\d+\.(?!quantity|unitPrice)/
/** Paths of data that the carrier's label does not depend on. */
const correctableOnceLabelled = /^items\.\d+\.(sku|name)$/

/** Whether the data at a path of the request may be corrected while the order has a status. */
export const isCorrectable = (path: string, status: OrderStatus): boolean =>
  (status === placed.status ? correctable : correctableOnceLabelled).test(path)

/** Applies a shop's correction. The next attempt sends it, with a new key. */
export function corrected(order: Order, request: OrderRequest, now: number): Change {
  const at = notBefore(order, now)
  const { customer, shippingAddress, items, shippingService } = request
  const isRepeated = order.timeline.at(-1)?.type === 'CORRECTED'
  return {
    // A new round has a new key: a vendor may bind a key to the first body that it came with.
    set: { customer, shippingAddress, items, shippingService, round: order.round + 1, updatedAt: at },
    // Consecutive corrections share one entry, so that a shop cannot use up the timeline.
    log: isRepeated ? [] : logged(order, { at, type: 'CORRECTED' }),
  }
}

const redactedText = 'REDACTED'

/** Removes personal data from a finished order, but keeps what accounting needs: SKUs, amounts, the country. */
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
      label: undefined,
      audit: order.audit?.map(({ note, ...entry }) => entry),
      redactedAt: at,
      updatedAt: at,
    },
    log: logged(order, { at, type: 'PERSONAL_DATA_REDACTED' }),
  }
}
