import { createRemoteJWKSet, errors, jwtVerify } from 'jose'
import * as z from 'zod'

/** What the authorizer found: the claims and scopes of the token, or the status it answers. */
export type Authorization =
  | { claims: Record<string, string>; scopes: string[] | null }
  | { status: 401 | 403 }

const openIdConfiguration = z.object({ jwks_uri: z.url() })

/** Claims reach the function as strings: https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html */
const claimText = (claim: unknown) => (Array.isArray(claim) ? `[${claim.join(' ')}]` : String(claim))

/**
 * A JWT authorizer: issuer, audience (`aud`, or `client_id` without it), expiry, an RSA signature by a key of the
 * issuer, and one of the route's scopes.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-jwt-authorizer.html
 */
export const createJwtAuthorizer = ({ issuer, audience }: { issuer: string; audience: string[] }) => {
  let keys: ReturnType<typeof createRemoteJWKSet> | undefined

  const discover = async () => {
    const response = await fetch(`${issuer}/.well-known/openid-configuration`)
    return createRemoteJWKSet(new URL(openIdConfiguration.parse(await response.json()).jwks_uri))
  }

  return async (header: string | undefined, routeScopes: string[]): Promise<Authorization> => {
    try {
      keys ??= await discover()
      const algorithms = ['RS256', 'RS384', 'RS512']
      const token = header?.replace(/^Bearer\s+/i, '') ?? ''
      const { payload } = await jwtVerify(token, keys, { issuer, algorithms, requiredClaims: ['exp'] })
      const meantFor = [payload.aud ?? payload.client_id].flat()
      if (!meantFor.some((each) => audience.includes(String(each)))) return { status: 401 }
      const scopes = String(payload.scope ?? payload.scp ?? '').split(/[ ,]/)
      if (routeScopes.length && !routeScopes.some((scope) => scopes.includes(scope))) return { status: 403 }
      const claims = Object.entries(payload).map(([name, claim]) => [name, claimText(claim)])
      return { claims: Object.fromEntries(claims), scopes: routeScopes.length ? scopes : null }
    } catch (error) {
      if (!(error instanceof errors.JOSEError)) console.error(`local: JWT authorizer of ${issuer}: ${error}`)
      return { status: 401 }
    }
  }
}
