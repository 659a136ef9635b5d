import { createRemoteJWKSet, errors, jwtVerify } from 'jose'
import * as z from 'zod'

/** The authorizer's result: the token's claims and scopes, or the status of the refusal. */
export type Authorization =
  | { claims: Record<string, string>; scopes: string[] | null }
  | { status: 401 | 403 }

const openIdConfiguration = z.object({ jwks_uri: z.url() })

/** Claims are passed on as strings: https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html */
const claimText = (claim: unknown) => (Array.isArray(claim) ? `[${claim.join(' ')}]` : String(claim))

/**
 * A JWT authorizer. It checks the issuer, the audience (`aud`, or `client_id` if there is none), the expiry, the RSA
 * signature by one of the issuer's keys, and that the token has one of the route's scopes.
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
