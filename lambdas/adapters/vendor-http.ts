import * as z from 'zod/mini'
import { parseJson } from './parse.ts'
import { clientSecret, granted, headersFor, renewedBeforeMs, type VendorAuth } from './vendor-auth.ts'
import { remembered } from './vendor-credential.ts'

/** A vendor's response, not yet classified. */
export type Reply =
  | { kind: 'answer'; status: number; body: unknown; retryAfterMs: number | undefined }
  /** No connection was made, so the vendor certainly did nothing. */
  | { kind: 'not-connected' }
  /** The request may have arrived, but no response came. */
  | { kind: 'no-answer'; reason: 'TIME_OUT' | 'CONNECTION_LOST' }

const refused: Reply = { kind: 'answer', status: 401, body: undefined, retryAfterMs: undefined }

/** Calls a vendor's HTTP API, with an optional JSON body. */
export type VendorHttp = (
  method: 'GET' | 'POST' | 'PUT' | 'DELETE',
  path: string,
  body?: unknown,
  idempotencyKey?: string,
) => Promise<Reply>

/** Errors before a connection: https://nodejs.org/api/errors.html#common-system-errors, https://undici.nodejs.org/#/docs/api/Errors */
const notConnected = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
])
/** Errors for a certificate that we reject, before the request: https://nodejs.org/api/tls.html#x509-certificate-error-codes */
const badCertificate =
  /^(CERT_|ERR_TLS_CERT_|UNABLE_TO_|DEPTH_ZERO_|SELF_SIGNED_|HOSTNAME_|INVALID_(CA|PURPOSE)$|PATH_LENGTH_)/

/** Far more than a usual response, which has a few hundred bytes. */
const maxBodyBytes = 1024 * 1024

/** Undefined if the body is larger than `maxBodyBytes`. */
async function readText(body: ReadableStream<Uint8Array> | null): Promise<string | undefined> {
  const chunks: Uint8Array[] = []
  let bytes = 0
  for await (const chunk of body ?? []) {
    bytes += chunk.byteLength
    if (bytes > maxBodyBytes) return undefined
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString()
}

const anything = z.optional(z.unknown())
const failure = z.object({ name: anything, code: anything, cause: anything })
const read = (error: unknown) => z.safeParse(failure, error).data ?? {}

/** Retry-After in ms, from seconds or an HTTP date (RFC 9110 §10.2.3). */
const retryAfterMs = (header: string | null, now: number): number | undefined => {
  if (header === null) return undefined
  if (/^\d+$/.test(header)) return Number(header) * 1000
  const at = Date.parse(header)
  return Number.isNaN(at) ? undefined : Math.max(0, at - now)
}

/** A vendor's JSON API. On 401 or 403 it reads the credential again. Throws if it cannot read it or put it in a header. */
export function createVendorHttp(options: {
  url: string
  timeoutMs: number
  auth: VendorAuth
  credential: (afresh: boolean) => Promise<string>
  fetch: typeof globalThis.fetch
  now: () => number
}): VendorHttp {
  const { timeoutMs, auth, credential, fetch, now } = options

  async function exchange(url: string, init: RequestInit): Promise<Reply> {
    try {
      const signal = AbortSignal.timeout(timeoutMs)
      const response = await fetch(url, { ...init, redirect: 'manual', signal })
      const body = parseJson((await readText(response.body)) ?? '')
      const { status, headers } = response
      return { kind: 'answer', status, body, retryAfterMs: retryAfterMs(headers.get('retry-after'), now()) }
    } catch (error) {
      if (read(error).name === 'TimeoutError') return { kind: 'no-answer', reason: 'TIME_OUT' }
      const code = String(read(read(error).cause).code)
      return notConnected.has(code) || badCertificate.test(code)
        ? { kind: 'not-connected' }
        : { kind: 'no-answer', reason: 'CONNECTION_LOST' }
    }
  }

  /** Gets a token and caches it until shortly before it expires. If there is none, it is the reply to give instead. */
  const tokenOf = (tokenUrl: string) =>
    remembered<string | Reply>(now, async (afresh) => {
      const client = z.safeParse(clientSecret, parseJson(await credential(afresh))).data
      if (client === undefined) return { value: refused, until: 0 }
      const grant_type = 'refresh_token' in client ? 'refresh_token' : 'client_credentials'
      const body = new URLSearchParams({ grant_type, ...client })
      const reply = await exchange(tokenUrl, { method: 'POST', body })
      // The vendor's API has not been called yet, so no outcome is unknown.
      if (reply.kind !== 'answer' || reply.status >= 500)
        return { value: { kind: 'not-connected' }, until: 0 }
      const token = z.safeParse(granted, reply.body).data
      if (token === undefined) return { value: reply.status === 429 ? reply : refused, until: 0 }
      return { value: token.access_token, until: now() + token.expires_in * 1000 - renewedBeforeMs }
    })
  const authorize = typeof auth === 'object' && auth.tokenUrl ? tokenOf(auth.tokenUrl) : credential

  async function attempt(path: string, init: RequestInit, afresh: boolean): Promise<Reply> {
    const authorized = await authorize(afresh)
    if (typeof authorized !== 'string') return authorized
    const headers = { ...init.headers, accept: 'application/json', ...headersFor(auth, authorized) }
    // Throws for an invalid header, which fetch would report like a lost connection.
    new Headers(headers)
    return exchange(`${options.url}${path}`, { ...init, headers })
  }

  return async (method, path, body, idempotencyKey) => {
    const headers = {
      ...(body !== undefined && { 'content-type': 'application/json' }),
      ...(idempotencyKey !== undefined && { 'idempotency-key': idempotencyKey }),
    }
    const init = { method, headers, body: JSON.stringify(body) }
    const reply = await attempt(path, init, false)
    const isRefused = reply.kind === 'answer' && (reply.status === 401 || reply.status === 403)
    // If the credential cannot be read again, the first refusal is the result.
    return isRefused ? attempt(path, init, true).catch(() => reply) : reply
  }
}
