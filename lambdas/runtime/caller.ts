import type { APIGatewayProxyEventV2WithJWTAuthorizer } from 'aws-lambda'
import { Rejection } from '../application/rejection.ts'
import { type Order, orderView } from '../domain/order.ts'

/** Payload format 2.0, behind the JWT authorizer. */
export type HttpRequest = APIGatewayProxyEventV2WithJWTAuthorizer

/** https://openid.net/specs/openid-connect-core-1_0.html#IDToken: a subject has at most 255 characters. */
const longestName = 255
/** A shop's name in a header: visible ASCII except the comma, with which API Gateway joins repeated headers. */
export const shopPattern = /^[!-+\--~]{1,255}$/

/** A name from the token, which the authorizer does not check. Throws a Rejection if it is missing. */
function required(claim: unknown, what: string): string {
  // Counts characters, not UTF-16 code units.
  if (typeof claim === 'string' && claim !== '' && [...claim].length <= longestName) return claim
  throw new Rejection('forbidden', `The token must have ${what}, in 1 to ${longestName} characters.`)
}

/** The caller, by its token. `owner` and `client` throw a Rejection if the token does not name them. */
export function callerOf({ headers, requestContext }: HttpRequest, ownerClaim: string) {
  const { claims, scopes } = requestContext.authorizer.jwt
  /** Whether the token has a scope. The authorizer has checked that it has one of the route's. */
  const has = (scope: string) => scopes?.includes(scope) ?? false
  return {
    has,

    /** The shop that owns the orders: by the configured claim, the scope shop/NAME, or a marketplace's On-Behalf-Of. */
    get owner(): string {
      const named = headers['on-behalf-of']
      if (named !== undefined) {
        if (has('orders/on-behalf') && shopPattern.test(named)) return named
        throw new Rejection('forbidden', 'On-Behalf-Of needs the scope orders/on-behalf, and one shop.')
      }
      const scope = /(?:^| )shop\/(\S+)/.exec(`${claims.scope}`)?.[1]
      return required(ownerClaim === 'scope' ? scope : claims[ownerClaim], `its shop as ${ownerClaim}`)
    },

    /** The client, for the audit trail: client_id (RFC 9068 §2.2), or the subject if there is none. */
    get client(): string {
      return required(claims.client_id ?? claims.sub, 'its client_id or sub')
    },

    /** An order as the caller may see it: a token without the scope to read gets only id and status. */
    view: (order: Order) =>
      has('orders/read') ? orderView(order) : { orderId: order.orderId, status: order.status },
  }
}
export type Caller = ReturnType<typeof callerOf>
