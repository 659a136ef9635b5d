import { hash } from 'node:crypto'
import type { OrderRequest } from './order-request.ts'

/** The shape of every order id: what does not fit cannot exist. */
export const orderIdPattern = /^ord_[0-9a-f]{32}$/

const sha256 = (value: unknown): string => hash('sha256', JSON.stringify(value))

/** What an order of a shop is recognized by: its reference, else the Idempotency-Key it came with. */
export interface OrderKey {
  of: 'idempotency-key' | 'reference'
  value: string
}

/** The order id, derived: the same owner and key always name the same order. 128 bits of SHA-256. */
export function orderIdOf(ownerId: string, key: OrderKey): string {
  return `ord_${sha256([ownerId, key.of, key.value]).slice(0, 32)}`
}

const withSortedKeys = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(withSortedKeys)
  if (value === null || typeof value !== 'object') return value
  const sorted: Record<string, unknown> = {}
  for (const key of Object.keys(value).sort()) sorted[key] = withSortedKeys(value[key as keyof typeof value])
  return sorted
}

/** The same for two requests that say the same. */
export const fingerprintOf = (request: OrderRequest): string => sha256(withSortedKeys(request))

const visibleAscii = /^[\x21-\x7e]{1,255}$/

/** A valid key, bare or quoted (draft-ietf-httpapi-idempotency-key-header, RFC 8941 §3.3.3), or undefined. */
export function parseIdempotencyKey(header: string): string | undefined {
  const quoted = /^"((?:[^"\\]|\\["\\])*)"$/.exec(header.trim())
  const key = quoted ? quoted[1]?.replace(/\\(["\\])/g, '$1') : header.trim()
  return key !== undefined && visibleAscii.test(key) ? key : undefined
}
