import * as z from 'zod/mini'
import type { Order } from '../domain/order.ts'
import { isVendorCode, type Reason } from '../domain/reasons.ts'
import type { Reply, VendorHttp } from './vendor-http.ts'

/** What one call to a vendor came to; docs/vendor-contract.md says which answer means what. */
export type CallResult<Answer> =
  | { kind: 'done'; answer: Answer }
  /** Taken on, and not ready yet. */
  | { kind: 'accepted'; retryAfterMs: number | undefined }
  /** Only a look-up says this: there is nothing under our reference now. */
  | { kind: 'not-there' }
  /** The vendor has it, or is at it: a look-up will show. */
  | { kind: 'conflict' }
  /** It refused this order for good. */
  | { kind: 'refused'; reason: Reason }
  /** It takes nothing from us now: it asks for a pause, or our own credential or URL is at fault. */
  | { kind: 'paused'; reason: Reason; retryAfterMs: number | undefined; ourFault: boolean; certain: boolean }
  /** It failed, or the way to it did. `certain` here and above: it has certainly not done the work. */
  | { kind: 'failed'; reason: Reason; certain: boolean }

/** A vendor as the worker's frame sees it: it makes one thing for an order, and can be asked for it. */
export interface VendorClient<Answer> {
  create(order: Order, idempotencyKey: string): Promise<CallResult<Answer>>
  lookUp(order: Order): Promise<CallResult<Answer>>
}

/** The vendor's own code is all of its refusal that we carry on: its words may quote an address. */
const refusal = z.object({ code: z.string() })

const codeIn = (body: unknown): string | undefined => {
  const parsed = z.safeParse(refusal, body)
  return parsed.success ? parsed.data.code : undefined
}

const reasonOf = (body: unknown, status: number): Reason => {
  const code = codeIn(body)
  return code !== undefined && isVendorCode(code) ? code : `HTTP_${status}`
}

/** What a vendor says of one order's content, and would say again (RFC 9110 §15.5). */
const permanentRefusals = new Set([400, 413, 422])

function judge<Answer>(
  reply: Reply,
  answer: z.ZodMiniType<Answer>,
  call: 'create' | 'look-up',
): CallResult<Answer> {
  if (reply.kind === 'not-connected') return { kind: 'failed', reason: 'CONNECTION_FAILED', certain: true }
  if (reply.kind === 'no-answer') return { kind: 'failed', reason: reply.reason, certain: false }
  const { status, body, retryAfterMs } = reply
  if (status === 202) return { kind: 'accepted', retryAfterMs }
  if (status >= 200 && status < 300) {
    const parsed = z.safeParse(answer, body)
    return parsed.success
      ? { kind: 'done', answer: parsed.data }
      : { kind: 'failed', reason: 'UNREADABLE_ANSWER', certain: false }
  }
  if (status === 404 && call === 'look-up' && codeIn(body) === 'NOT_FOUND') return { kind: 'not-there' }
  if (status === 409) return { kind: 'conflict' }
  if (permanentRefusals.has(status) && call === 'create')
    return { kind: 'refused', reason: reasonOf(body, status) }
  if (status === 429)
    return { kind: 'paused', reason: 'RATE_LIMITED', retryAfterMs, ourFault: false, certain: true }
  if (status === 503 && retryAfterMs !== undefined)
    return { kind: 'paused', reason: 'VENDOR_UNAVAILABLE', retryAfterMs, ourFault: false, certain: false }
  if (status === 401 || status === 403)
    return { kind: 'paused', reason: 'CREDENTIAL_REFUSED', retryAfterMs, ourFault: true, certain: true }
  if (status === 408 || status === 425 || status >= 500)
    return { kind: 'failed', reason: `HTTP_${status}`, certain: false }
  // A redirect, 404, 405, …: the URL or the request is wrong for every order alike.
  return {
    kind: 'paused',
    reason: `MISCONFIGURED:HTTP_${status}`,
    retryAfterMs,
    ourFault: true,
    certain: true,
  }
}

/** A client of a vendor whose API follows docs/vendor-contract.md. */
export function createVendorClient<Answer>(
  http: VendorHttp,
  resource: { path: string; answer: z.ZodMiniType<Answer>; requestFor: (order: Order) => unknown },
): VendorClient<Answer> {
  const { path, answer, requestFor } = resource
  return {
    create: async (order, key) => judge(await http.post(path, requestFor(order), key), answer, 'create'),
    lookUp: async ({ orderId }) =>
      judge(await http.get(`${path}/${encodeURIComponent(orderId)}`), answer, 'look-up'),
  }
}
