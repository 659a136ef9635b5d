import { randomBytes } from 'node:crypto'
import middy from '@middy/core'
import type { APIGatewayProxyEventV2WithJWTAuthorizer, APIGatewayProxyStructuredResultV2 } from 'aws-lambda'
import * as z from 'zod/mini'
import { parseJson } from '../adapters/parse.ts'
import type { OrderRef } from '../application/amend-order.ts'
import { accepted, orderNotFound, Rejection } from '../application/rejection.ts'
import type { Telemetry } from '../application/telemetry.ts'
import { orderIdPattern } from '../domain/identity.ts'
import { type Order, orderView } from '../domain/order.ts'
import { maxBodyBytes } from '../domain/order-request.ts'
import { isTraceparent, traceparentOfXray } from '../domain/trace.ts'
import { problemDetails } from './problem.ts'

/** Payload format 2.0, behind the JWT authorizer. */
export type HttpRequest = APIGatewayProxyEventV2WithJWTAuthorizer
/** What an endpoint answers: a status, a body that becomes JSON, and headers. */
export interface HttpAnswer {
  status: number
  body: unknown
  headers?: Record<string, string>
}

const toResponse = ({ status, body, headers }: HttpAnswer): APIGatewayProxyStructuredResultV2 => ({
  statusCode: status,
  headers: { 'content-type': 'application/json', ...headers },
  body: JSON.stringify(body),
})

/** The frame of every endpoint: errors become problem details, unknown ones a 500 that tells no cause. */
export function createHttpHandler(
  telemetry: Telemetry,
  endpoint: (request: HttpRequest) => Promise<HttpAnswer>,
) {
  return middy<HttpRequest, APIGatewayProxyStructuredResultV2>()
    .onError((request) => {
      const { error, event, context } = request
      const { requestId } = event.requestContext
      const isRefused = error instanceof Rejection
      if (!isRefused) {
        telemetry.error('Request failed', { requestId, ...(error && { error }) })
        telemetry.metric('RequestsFailed', 1, { version: context.functionVersion })
      }
      const body = isRefused
        ? problemDetails(error.kind, error.message, requestId, error.errors)
        : problemDetails('failed', 'Something went wrong on our side; try again.', requestId)
      const headers = { 'content-type': 'application/problem+json' }
      request.response = toResponse({ status: body.status, body, headers })
    })
    .handler(async (request) => toResponse(await endpoint(request)))
}

/** https://openid.net/specs/openid-connect-core-1_0.html#IDToken: a subject has at most 255 characters. */
const subject = z.string().check(z.minLength(1), z.maxLength(255))

/** The token's subject. Throws a Rejection where there is none, which the authorizer lets through. */
export function ownerOf(request: HttpRequest): string {
  const parsed = z.safeParse(subject, request.requestContext.authorizer.jwt.claims.sub)
  if (parsed.success) return parsed.data
  throw new Rejection('forbidden', 'The token must name its subject (sub) in 1 to 255 characters.')
}

/** Whom to hold to account: the client that got the token (RFC 9068 §2.2), or where it is not named, the subject. */
export function clientOf(request: HttpRequest): string {
  const clientId = z.safeParse(subject, request.requestContext.authorizer.jwt.claims.client_id)
  return clientId.success ? clientId.data : ownerOf(request)
}

/** Whether the token has a scope, in whichever claim; the authorizer has checked that it has one of the route's. */
export const hasScope = (request: HttpRequest, scope: string): boolean =>
  request.requestContext.authorizer.jwt.scopes?.includes(scope) ?? false

/** An order as its caller may see it: a token that may only write is not shown what others wrote. */
export const shownTo = (request: HttpRequest, order: Order) =>
  hasScope(request, 'orders/read') ? orderView(order) : { orderId: order.orderId, status: order.status }

/** The order id in the path. Throws a Rejection where no order can have it. */
export function orderIdIn(request: HttpRequest): string {
  const orderId = request.pathParameters?.orderId ?? ''
  if (!orderIdPattern.test(orderId)) throw orderNotFound(orderId)
  return orderId
}

/** The order in the path, which must be the caller's. */
export const callersOrder = (request: HttpRequest): OrderRef => ({
  orderId: orderIdIn(request),
  ownerId: ownerOf(request),
  actor: { by: 'shop', who: clientOf(request) },
})

/** The trace that an order belongs to for good: the caller's, X-Ray's or a new one. X-Ray decides if it is recorded. */
export function traceparentOf(header: string | undefined): string {
  const own =
    traceparentOfXray(process.env._X_AMZN_TRACE_ID ?? '') ??
    `00-${randomBytes(16).toString('hex')}-${randomBytes(8).toString('hex')}-01`
  return header !== undefined && isTraceparent(header) ? header.slice(0, -2) + own.slice(-2) : own
}

/** Parses a JSON body. Throws a Rejection that names every wrong field. */
export function parseBody<Body>(
  request: HttpRequest,
  schema: z.ZodMiniType<Body>,
  contentTypes: readonly string[] = ['application/json'],
): Body {
  const contentType = request.headers['content-type']?.split(';')[0]?.trim().toLowerCase() ?? ''
  if (!contentTypes.includes(contentType))
    throw new Rejection('wrong-type', `The content-type must be ${contentTypes.join(' or ')}.`)
  const raw = Buffer.from(request.body ?? '', request.isBase64Encoded ? 'base64' : 'utf8')
  if (raw.byteLength > maxBodyBytes)
    throw new Rejection(
      'too-large',
      `The body must be at most ${maxBodyBytes} bytes; this one has ${raw.byteLength}.`,
    )
  // Not toString: it keeps a byte order mark, which JSON.parse refuses.
  const json = parseJson(new TextDecoder().decode(raw))
  if (json === undefined) throw new Rejection('invalid', 'The body is not valid JSON.')
  return accepted(schema, json, 'The body does not describe a valid order.')
}
