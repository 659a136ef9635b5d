import { hash } from 'node:crypto'
import type { OrderRequest } from './order-request.ts'

/** The format of every order id. */
export const orderIdPattern = /^ord_[0-9a-f]{32}$/

/** What identifies an order within its shop: its reference, or else its Idempotency-Key. */
export interface OrderKey {
  of: 'idempotency-key' | 'reference'
  value: string
}

/** Derives the order id: the same owner and key always give the same order. 128 bits of SHA-256. */
export const orderIdOf = (ownerId: string, key: OrderKey): string =>
  `ord_${hash('sha256', JSON.stringify([ownerId, key.of, key.value])).slice(0, 32)}`

const withSortedKeys = (_key: string, value: unknown): unknown =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1)))
    : value

/** A hash that is the same for two requests with the same content. */
export const fingerprintOf = (request: OrderRequest): string =>
  hash('sha256', JSON.stringify(request, withSortedKeys))

const visibleAscii = /^[\x21-\x7e]{1,255}$/

/** A valid key, bare or quoted (draft-ietf-httpapi-idempotency-key-header, RFC 8941 §3.3.3), or undefined. */
export function parseIdempotencyKey(header: string): string | undefined {
  const quoted = /^"((?:[^"\\]|\\["\\])*)"$/.exec(header.trim())
  const key = quoted ? quoted[1]?.replace(/\\(["\\])/g, '$1') : header.trim()
  return key !== undefined && visibleAscii.test(key) ? key : undefined
}
