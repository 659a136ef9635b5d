import * as z from 'zod/mini'

/** What a vendor's API answered, before anybody judges it. */
export type Reply =
  | { kind: 'answer'; status: number; body: unknown; retryAfterMs: number | undefined }
  /** The connection was never made: the vendor certainly did nothing. */
  | { kind: 'not-connected' }
  /** The request may have arrived, and no answer came. */
  | { kind: 'no-answer'; reason: 'TIME_OUT' | 'CONNECTION_LOST' }

/** A vendor's HTTP API. */
export interface VendorHttp {
  post(path: string, body: unknown, idempotencyKey: string): Promise<Reply>
  get(path: string): Promise<Reply>
}

/**
 * Errors of Node's sockets and of undici that come before a connection stands
 * (https://nodejs.org/api/errors.html#common-system-errors, https://undici.nodejs.org/#/docs/api/Errors).
 */
const beforeConnection = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
])

const failure = z.object({
  name: z.optional(z.unknown()),
  code: z.optional(z.unknown()),
  cause: z.optional(z.unknown()),
  errors: z.optional(z.array(z.unknown())),
})
const read = (error: unknown) => z.safeParse(failure, error).data ?? {}

const codeOf = (error: unknown): string => {
  const { code, errors } = read(read(error).cause)
  // Node tries every address of a name and wraps what each one said.
  return String(errors ? read(errors[0]).code : code)
}

/** Retry-After in ms, from seconds or an HTTP date (RFC 9110 §10.2.3). */
const retryAfterMs = (header: string | null, now: number): number | undefined => {
  if (header === null) return undefined
  if (/^\d+$/.test(header)) return Number(header) * 1000
  const at = Date.parse(header)
  return Number.isNaN(at) ? undefined : Math.max(0, at - now)
}

const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    // An unreadable body is judged with its status by whoever asked.
    return undefined
  }
}

/**
 * Calls a vendor's API: JSON over HTTP with a bearer credential, one time-out over the whole exchange.
 * Every failure of the way is a {@link Reply}; it throws only what `credential` throws. A 401 or 403 reads
 * the credential again once, since it may have been rotated.
 */
export function createVendorHttp(options: {
  baseUrl: string
  timeoutMs: number
  credential: (afresh: boolean) => Promise<string>
  fetch: typeof globalThis.fetch
  now: () => number
}): VendorHttp {
  const { baseUrl, timeoutMs, credential, fetch, now } = options

  async function attempt(path: string, init: RequestInit, afresh: boolean): Promise<Reply> {
    const authorization = `Bearer ${await credential(afresh)}`
    try {
      const response = await fetch(`${baseUrl}${path}`, {
        ...init,
        headers: { ...init.headers, accept: 'application/json', authorization },
        redirect: 'manual',
        signal: AbortSignal.timeout(timeoutMs),
      })
      const body = parseJson(await response.text())
      const { status, headers } = response
      return { kind: 'answer', status, body, retryAfterMs: retryAfterMs(headers.get('retry-after'), now()) }
    } catch (error) {
      if (read(error).name === 'TimeoutError') return { kind: 'no-answer', reason: 'TIME_OUT' }
      return beforeConnection.has(codeOf(error))
        ? { kind: 'not-connected' }
        : { kind: 'no-answer', reason: 'CONNECTION_LOST' }
    }
  }

  async function call(path: string, init: RequestInit): Promise<Reply> {
    const reply = await attempt(path, init, false)
    const refused = reply.kind === 'answer' && (reply.status === 401 || reply.status === 403)
    return refused ? attempt(path, init, true) : reply
  }

  return {
    post: (path, body, idempotencyKey) =>
      call(path, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'idempotency-key': idempotencyKey },
        body: JSON.stringify(body),
      }),
    get: (path) => call(path, {}),
  }
}
