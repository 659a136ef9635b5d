import type { IncomingMessage } from 'node:http'
import { text } from 'node:stream/consumers'
import type { Faults } from './faults.ts'
import type {
  Answer,
  Call,
  Later,
  LedgerEntry,
  VendorHost,
  VendorProtocol,
  VendorRecord,
} from './protocol.ts'
import { createTokenBucket } from './token-bucket.ts'

/** Reads a request's body: JSON, or a form's fields; null if it is neither. */
export async function readBody(request: IncomingMessage): Promise<unknown> {
  const body = await text(request)
  if (request.headers['content-type']?.startsWith('application/x-www-form-urlencoded'))
    return Object.fromEntries(new URLSearchParams(body))
  try {
    return JSON.parse(body)
  } catch {
    return null
  }
}

/** The order id in a reference of ours, which begins with its 32 hexadecimal digits; any other reference unchanged. */
export const orderOf = (reference: string): string =>
  reference.replace(/^([0-9a-f]{32})-[0-9a-z]{7,}$/, 'ord_$1')

/** The record of an order before any call. */
export const newRecord = (reference: string): VendorRecord => {
  return { reference, id: null, createCalls: 0, created: 0, undoneAt: [] }
}

/** The ledger entry of a record at time `now`, in epoch ms. */
export const entryOf = ({ undoneAt, ...record }: VendorRecord, now: number): LedgerEntry => {
  return { ...record, voided: undoneAt.filter((at) => at <= now).length }
}

/** Creates a check of the vendor's rate: a token bucket that holds one second's calls. */
export function createRateLimit(now: () => number) {
  const takeToken = createTokenBucket(now)
  return ({ rateLimitPerSecond }: Faults): boolean =>
    rateLimitPerSecond === null || takeToken(rateLimitPerSecond, rateLimitPerSecond)
}

/** Decides the response to a call under the given faults. Calls that ask to make something are counted. */
export function decide(
  call: Call,
  faults: Faults,
  deps: Pick<VendorHost, 'recordOf'> & {
    protocol: VendorProtocol
    takesOneMore: (faults: Faults) => boolean
  },
): Answer | Later {
  const { protocol, recordOf, takesOneMore } = deps
  const { unauthorized, overloaded, broken } = protocol.refusals
  if (faults.unauthorized || !protocol.isAuthorized(call)) return unauthorized
  const { reference, isCreate } = protocol.about(call)
  if (isCreate && reference !== null) recordOf(reference).createCalls += 1
  if (!takesOneMore(faults)) return overloaded
  return Math.random() < faults.errorRate ? broken : protocol.decide(call, faults)
}

/** Whether the faults withhold the response to a call. */
export const isHeldBack = (faults: Faults, kind: Later['kind']): boolean =>
  (kind === 'create' && faults.workAfterTimeoutMs !== null) || (kind !== undefined && faults.timeoutAfterWork)
