import * as z from 'zod/mini'

/** https://www.rfc-editor.org/rfc/rfc9110#section-5.6.2 */
const headerName = z.string().check(z.regex(/^[\w!#$%&'*+.^`|~-]+$/, 'must be the name of a header'))
const url = z.string().check(z.regex(/^(https:|http:\/\/(localhost|127\.0\.0\.1)[:/])/, 'must be https'))

/** How calls are authenticated: with the secret, or with an OAuth 2 token from `tokenUrl`, in the given header. */
export const vendorAuth = z.union(
  [
    z.enum(['bearer', 'basic']),
    z.strictObject({ tokenUrl: z.optional(url), header: z.optional(headerName) }),
  ],
  "must be 'bearer', 'basic', or an object with tokenUrl, header or both",
)
export type VendorAuth = z.output<typeof vendorAuth>

/** The headers that carry a credential. */
export function headersFor(auth: VendorAuth, credential: string): Record<string, string> {
  if (typeof auth === 'object' && auth.header !== undefined) return { [auth.header]: credential }
  if (auth !== 'basic') return { authorization: `Bearer ${credential}` }
  const login = credential.includes(':') ? credential : `${credential}:`
  return { authorization: `Basic ${Buffer.from(login).toString('base64')}` }
}

/** An OAuth client's secret: the parameters of its token request as JSON, named as in RFC 6749. */
export const clientSecret = z.catchall(
  z.object({ client_id: z.string(), client_secret: z.string() }),
  z.string(),
)
/** A token response: https://www.rfc-editor.org/rfc/rfc6749#section-5.1 */
export const granted = z.object({ access_token: z.string(), expires_in: z._default(z.number(), 3600) })
/** A token is renewed this long before it expires, in ms, since calls take seconds and clocks differ. */
export const renewedBeforeMs = 60_000
