import { createRemoteJWKSet, errors, jwtVerify } from 'jose'
import * as z from 'zod'

/** What the authorizer found: the claims and scopes of the token, or the status it answers. */
export type Authorization =
  | { claims: Record<string, string>; scopes: string[] | null }
  | { status: 401 | 403 }

const openIdConfiguration = z.object({ issuer: z.string(), jwks_uri: z.url() })

/** Claims reach the function as strings: https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html */
const claimText = (claim: unknown) =>
  Array.isArray(claim)
    ? `[${claim.join(' ')}]`
    : typeof claim === 'object'
      ? JSON.stringify(claim)
      : String(claim)

/**
 * A JWT authorizer: issuer, audience (`aud`, or `client_id` without it), expiry, an RSA signature by a key of the
 * issuer, and one of the route's scopes.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-jwt-authorizer.html
 */
export const createJwtAuthorizer = ({ issuer, audience }: { issuer: string; audience: string[] }) => {
  let keys: ReturnType<typeof createRemoteJWKSet> | undefined

  const discover = async () => {
    const response = await fetch(`${issuer}/.well-known/openid-configuration`)
    if (!response.ok) throw new Error(`The issuer ${issuer} answers ${response.status} to its discovery.`)
    return createRemoteJWKSet(new URL(openIdConfiguration.parse(await response.json()).jwks_uri))
  }

  return async (header: string | undefined, routeScopes: string[]): Promise<Authorization> => {
    const token = header?.replace(/^Bearer\s+/i, '')
    if (!token) return { status: 401 }
    try {
      keys ??= await discover()
      const { payload } = await jwtVerify(token, keys, {
        issuer,
        algorithms: ['RS256', 'RS384', 'RS512'],
        requiredClaims: ['exp'],
      })
      const meant = [payload.aud ?? payload.client_id].flat().map(String)
      if (!audience.some((each) => meant.includes(each))) return { status: 401 }
      const scopes = [payload.scope ?? payload.scp ?? []].flat().flatMap((scope) => String(scope).split(' '))
      if (routeScopes.length && !routeScopes.some((scope) => scopes.includes(scope))) return { status: 403 }
      const claims = Object.fromEntries(
        Object.entries(payload).map(([name, claim]) => [name, claimText(claim)]),
      )
      return { claims, scopes: routeScopes.length ? scopes : null }
    } catch (error) {
      if (!(error instanceof errors.JOSEError)) console.error(`local: JWT authorizer: ${error}`)
      return { status: 401 }
    }
  }
}
