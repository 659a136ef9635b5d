import * as z from 'zod/mini'
import { parseJson } from './parse-json.ts'

/** What a vendor's API answered, not yet classified. */
export type Reply =
  | { kind: 'answer'; status: number; body: unknown; retryAfterMs: number | undefined }
  /** The connection was never made: the vendor certainly did nothing. */
  | { kind: 'not-connected' }
  /** The request may have arrived, and no answer came. */
  | { kind: 'no-answer'; reason: 'TIME_OUT' | 'CONNECTION_LOST' }

/** How the credential goes with each call: as a bearer token, as `user` or `user:password`, or in a header of its own. */
export const vendorAuth = z.union([z.enum(['bearer', 'basic']), z.strictObject({ header: z.string() })])
export type VendorAuth = z.output<typeof vendorAuth>

function headersFor(auth: VendorAuth, credential: string): Record<string, string> {
  if (auth === 'bearer') return { authorization: `Bearer ${credential}` }
  if (auth !== 'basic') return { [auth.header]: credential }
  const login = credential.includes(':') ? credential : `${credential}:`
  return { authorization: `Basic ${Buffer.from(login).toString('base64')}` }
}

/** A vendor's HTTP API. */
export interface VendorHttp {
  post(path: string, body: unknown, idempotencyKey: string): Promise<Reply>
  get(path: string): Promise<Reply>
  delete(path: string): Promise<Reply>
}

/** No connection was made: https://nodejs.org/api/errors.html#common-system-errors, https://undici.nodejs.org/#/docs/api/Errors */
const notConnected = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
])
/** We refused the certificate, before the request: https://nodejs.org/api/tls.html#x509-certificate-error-codes */
const badCertificate =
  /^(CERT_|ERR_TLS_CERT_|UNABLE_TO_|DEPTH_ZERO_|SELF_SIGNED_|HOSTNAME_|INVALID_(CA|PURPOSE)$|PATH_LENGTH_)/

/** An order's answer has some hundred bytes. */
const maxBodyBytes = 1024 * 1024

/** Undefined where the body has more than `maxBodyBytes`. */
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

/** A vendor's JSON API. A 401 or 403 reads the credential again. Throws only what `credential` throws. */
export function createVendorHttp(options: {
  baseUrl: string
  timeoutMs: number
  auth: VendorAuth
  credential: (afresh: boolean) => Promise<string>
  fetch: typeof globalThis.fetch
  now: () => number
}): VendorHttp {
  const { baseUrl, timeoutMs, auth, credential, fetch, now } = options

  async function attempt(path: string, init: RequestInit, afresh: boolean): Promise<Reply> {
    const authorization = headersFor(auth, await credential(afresh))
    try {
      const response = await fetch(`${baseUrl}${path}`, {
        ...init,
        headers: { ...init.headers, accept: 'application/json', ...authorization },
        redirect: 'manual',
        signal: AbortSignal.timeout(timeoutMs),
      })
      const body = parseJson((await readText(response.body)) ?? '')
      const { status, headers } = response
      return { kind: 'answer', status, body, retryAfterMs: retryAfterMs(headers.get('retry-after'), now()) }
    } catch (error) {
      if (read(error).name === 'TimeoutError') return { kind: 'no-answer', reason: 'TIME_OUT' }
      const code = codeOf(error)
      return notConnected.has(code) || badCertificate.test(code)
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
    delete: (path) => call(path, { method: 'DELETE' }),
  }
}
