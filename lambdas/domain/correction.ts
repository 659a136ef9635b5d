import { type OrderStatus, placed } from './chain.ts'
import { type Change, logged, notBefore } from './change.ts'
import type { Order } from './order.ts'
import type { OrderRequest } from './order-request.ts'

/** A JSON merge patch: https://www.rfc-editor.org/rfc/rfc7396 */
export type MergePatch = Record<string, unknown>

const isContainer = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null

/** The target after a merge patch. What replaces no object is taken as it is, however deep it is nested. */
export function afterPatch(target: unknown, patch: unknown): unknown {
  if (!isContainer(target) || !isContainer(patch) || Array.isArray(patch)) return patch
  const result = new Map(Object.entries(target))
  for (const [key, value] of Object.entries(patch))
    if (value === null) result.delete(key)
    else result.set(key, afterPatch(result.get(key), value))
  return Object.fromEntries(result)
}

/** Where two requests differ, such as `items.0.sku`; of arrays of different lengths only the array's path. */
export function differences(before: unknown, after: unknown, path: readonly string[] = []): string[] {
  if (before === after) return []
  const isResized = Array.isArray(before) && Array.isArray(after) && before.length !== after.length
  if (!isContainer(before) || !isContainer(after) || isResized) return [path.join('.')]
  const keys = new Set([...Object.keys(before), ...Object.keys(after)])
  return [...keys].flatMap((key) => differences(before[key], after[key], [...path, key]))
}

/** What a vendor is told, and the price does not depend on. */
const correctable = /^(customer|shippingAddress|shippingService)\b|^items\.\d+\.(?!quantity|unitPrice)/
/** What the carrier's label does not rest on. */
const correctableOnceLabelled = /^items\.\d+\.(sku|name)$/

/** Whether what is at a path of the request may be corrected while the order has a status. */
export const isCorrectable = (path: string, status: OrderStatus): boolean =>
  (status === placed.status ? correctable : correctableOnceLabelled).test(path)

/** The shop corrected its order: the next attempt uses that, with a new key. */
export function corrected(order: Order, request: OrderRequest, now: number): Change {
  const at = notBefore(order, now)
  const { customer, shippingAddress, items, shippingService } = request
  const isRepeated = order.timeline.at(-1)?.type === 'CORRECTED'
  return {
    // A vendor may hold a key to the body that it first came with.
    set: { customer, shippingAddress, items, shippingService, round: order.round + 1, updatedAt: at },
    // One entry for corrections that follow each other: a shop must not use up the timeline.
    log: isRepeated ? [] : logged(order, { at, type: 'CORRECTED' }),
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
      metadata: undefined,
      label: undefined,
      audit: order.audit?.map(({ note, ...entry }) => entry),
      redactedAt: at,
      updatedAt: at,
    },
    log: logged(order, { at, type: 'PERSONAL_DATA_REDACTED' }),
  }
}
