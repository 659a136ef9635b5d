import * as z from 'zod/mini'
import type { Order } from '../domain/order.ts'
import { isVendorCode, ourError, type Reason } from '../domain/reasons.ts'
import type { Meaning } from '../domain/vendor-answer.ts'
import type { Reply, VendorHttp } from './vendor-http.ts'

/** The work that a vendor is asked to do. */
export interface VendorJob {
  order: Order
  /** Our reference, and the Idempotency-Key: at most 40 characters, URL-safe. */
  reference: string
  /** What `save` stored earlier in this round, such as the vendor's own id. */
  checkpoint?: string | undefined
  /** Stores a checkpoint before a call that cannot be undone. Throws if the worker has lost the order. */
  save: (checkpoint: string) => Promise<void>
}

/** A vendor's API as the worker uses it. If it throws before a request was sent, the vendor was not asked. */
export interface VendorClient {
  /** Version of the request that `create` builds: a request is only repeated by the version that sent it. */
  requestVersion: number
  create(job: VendorJob): Promise<Meaning>
  /** If the vendor has nothing, the meaning's reason is `NOT_THERE`. */
  lookUp(job: VendorJob): Promise<Meaning>
  /** `made` is `yes` if the work is undone; otherwise the reason is `NOT_THERE` or, if the goods have left, `TOO_LATE`. */
  cancel(job: VendorJob): Promise<Meaning>
}

/** Creates a vendor's client from the codes and options in its config. */
export type CreateClient = (http: VendorHttp, codes: VendorCodes, options: unknown) => VendorClient

/** What a vendor's own code can mean: it has the order already, try again, too many calls, or order rejected for good. */
export const codeMeanings = ['exists', 'try-again', 'slow-down', 'refused'] as const
/** The meaning of each of a vendor's own codes. */
export type VendorCodes = Readonly<Record<string, (typeof codeMeanings)[number]>>

/** We keep only the code of a refusal: its message may quote an address. */
const refusal = z.object({ code: z.string() })
const refusalInside = z.object({ error: refusal })

/** Statuses that reject the order's content, so that a retry would fail too (RFC 9110 §15.5). */
const permanentRefusals = new Set([400, 413, 422])
/** Statuses that mean that the vendor does not support the method (RFC 9110 §15.5.6, §15.6.2). */
const noSuchMethod = new Set([405, 501])

const ofCode = {
  exists: { made: 'unknown', blame: 'nobody' },
  'try-again': { made: 'no', blame: 'nobody' },
  'slow-down': { made: 'no', blame: 'nobody', reason: 'RATE_LIMITED' },
  refused: { made: 'no', blame: 'order' },
} as const satisfies Record<VendorCodes[string], Partial<Meaning>>

/** Interprets a reply, by the table in docs/vendor-contract.md. `succeeded` interprets the body of a 2xx. */
export function classifyReply(
  reply: Reply,
  call: 'create' | 'look-up' | 'cancel',
  codes: VendorCodes,
  succeeded: (body: unknown) => Meaning,
): Meaning {
  if (reply.kind === 'not-connected') return { made: 'no', blame: 'unreached', reason: 'CONNECTION_FAILED' }
  if (reply.kind === 'no-answer') return { made: 'unknown', blame: 'vendor', reason: reply.reason }
  const { status, body, retryAfterMs } = reply
  const named = (z.safeParse(refusal, body).data ?? z.safeParse(refusalInside, body).data?.error)?.code
  const known = named === undefined ? undefined : codes[named]
  const reason: Reason = named !== undefined && isVendorCode(named) ? named : `HTTP_${status}`
  if (known !== undefined) return { reason, retryAfterMs, ...ofCode[known] }
  if (status === 202) return { made: 'accepted', blame: 'nobody', reason: 'NOT_READY_YET', retryAfterMs }
  if (status >= 200 && status < 300) {
    if (named !== undefined) return { made: 'unknown', blame: 'unclear', reason }
    return call === 'cancel' ? { made: 'yes', blame: 'nobody', reason: 'UNDONE', facts: {} } : succeeded(body)
  }
  if (status === 404 && call !== 'create' && named === 'NOT_FOUND')
    return { made: 'no', blame: 'nobody', reason: 'NOT_THERE' }
  if (call === 'cancel' && status === 409 && named === 'TOO_LATE')
    return { made: 'no', blame: 'order', reason: 'TOO_LATE' }
  if (call === 'cancel' && noSuchMethod.has(status))
    return { made: 'no', blame: 'order', reason: 'NO_WAY_TO_CANCEL' }
  if (status === 409) return { made: 'unknown', blame: 'nobody', reason: 'CONFLICT' }
  if (permanentRefusals.has(status) && call !== 'look-up') return { made: 'no', blame: 'order', reason }
  if (status === 429) return { made: 'no', blame: 'nobody', reason: 'RATE_LIMITED', retryAfterMs }
  if (status === 503 && retryAfterMs !== undefined)
    return { made: 'unknown', blame: 'vendor', reason: 'VENDOR_UNAVAILABLE', retryAfterMs }
  if (status === 401) return { made: 'no', blame: 'us', reason: 'CREDENTIAL_REFUSED', retryAfterMs }
  if (status === 402) return { made: 'no', blame: 'us', reason: 'BALANCE_EMPTY', retryAfterMs }
  if (status === 408 || status === 425 || status >= 500) return { made: 'unknown', blame: 'vendor', reason }
  // A redirect, 403, 404, 405, …: caused by the order, our URL or the vendor's firewall.
  return { made: 'no', blame: 'unclear', reason }
}

/** A client that returns `unknown` instead of throwing once a request has been sent. */
export function createSafeClient(http: VendorHttp, clientOf: (http: VendorHttp) => VendorClient) {
  const safe =
    (call: 'create' | 'lookUp' | 'cancel') =>
    async (job: VendorJob): Promise<Meaning> => {
      let hasLeft = false
      const watched: VendorHttp = async (...request) => {
        const reply = await http(...request)
        hasLeft ||= reply.kind !== 'not-connected'
        return reply
      }
      try {
        return await clientOf(watched)[call](job)
      } catch (error) {
        if (!hasLeft) throw error
        return { made: 'unknown', blame: 'unclear', reason: ourError(error) }
      }
    }
  return { ...clientOf(http), create: safe('create'), lookUp: safe('lookUp'), cancel: safe('cancel') }
}
