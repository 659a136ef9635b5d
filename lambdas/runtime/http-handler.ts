import { randomBytes } from 'node:crypto'
import middy from '@middy/core'
import type { APIGatewayProxyStructuredResultV2 } from 'aws-lambda'
import type * as z from 'zod/mini'
import { parseJson } from '../adapters/parse.ts'
import type { OrderRef } from '../application/amend-order.ts'
import { accepted, orderNotFound, Rejection } from '../application/rejection.ts'
import type { Telemetry } from '../application/telemetry.ts'
import { orderIdPattern } from '../domain/identity.ts'
import { maxBodyBytes } from '../domain/order-request.ts'
import { isTraceparent, traceparentOfXray } from '../domain/trace.ts'
import { type Caller, callerOf, type HttpRequest } from './caller.ts'
import { problemDetails } from './problem.ts'

/** An endpoint's response: a status, a body that becomes JSON, and headers. */
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

/** Dependencies of every endpoint. */
export interface EndpointDeps {
  telemetry: Telemetry
  /** The token claim that names the shop, or `scope`. */
  ownerClaim: string
}

/** The frame of every endpoint: turns errors into problem details, and unknown ones into a 500 without the cause. */
export function createHttpHandler(
  { telemetry, ownerClaim }: EndpointDeps,
  endpoint: (request: HttpRequest, caller: Caller) => Promise<HttpAnswer>,
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
    .handler(async (request) => toResponse(await endpoint(request, callerOf(request, ownerClaim))))
}

/** The order id in the path. Throws a Rejection if it is malformed. */
export function orderIdIn(request: HttpRequest): string {
  const orderId = request.pathParameters?.orderId ?? ''
  if (!orderIdPattern.test(orderId)) throw orderNotFound(orderId)
  return orderId
}

/** The order in the path, which must be the caller's. */
export const callersOrder = (request: HttpRequest, { owner, client }: Caller): OrderRef => ({
  orderId: orderIdIn(request),
  ownerId: owner,
  actor: { by: 'shop', who: client },
})

/** The trace that an order keeps: the caller's, X-Ray's or a new one. X-Ray decides whether it is sampled. */
export function traceparentOf(header: string | undefined): string {
  const own =
    traceparentOfXray(process.env._X_AMZN_TRACE_ID ?? '') ??
    `00-${randomBytes(16).toString('hex')}-${randomBytes(8).toString('hex')}-01`
  return header !== undefined && isTraceparent(header) ? header.slice(0, -2) + own.slice(-2) : own
}

/** Parses a JSON body. Throws a Rejection that names every invalid field. */
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
  // Unlike toString, TextDecoder drops a byte order mark, which JSON.parse rejects.
  const json = parseJson(new TextDecoder().decode(raw))
  if (json === undefined) throw new Rejection('invalid', 'The body is not valid JSON.')
  return accepted(schema, json, 'The body does not describe a valid order.')
}
