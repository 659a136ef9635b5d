import { maxBodyBytes } from '../../lambdas/domain/order.ts'
import { type FieldError, Problem } from '../../lambdas/runtime/problem.ts'
import type { Json } from './describe.ts'
import { exampleOrders, exampleRequestId } from './example-orders.ts'

const { orderId } = exampleOrders.created

/** Headers of every answer. */
export const commonHeaders = { 'apigw-requestid': { $ref: '#/components/headers/RequestId' } }

/** What our functions say: RFC 9457, with an example by name for each cause. */
const problems = (examples: Record<string, Problem>): Json => ({
  'application/problem+json': {
    schema: { $ref: '#/components/schemas/Problem' },
    examples: Object.fromEntries(
      Object.entries(examples).map(([name, problem]) => [name, { value: problem.details(exampleRequestId) }]),
    ),
  },
})

/** What API Gateway says by itself. An HTTP API's own answers cannot be changed. */
const gateway = (message: string): Json => ({
  'application/json': {
    schema: { $ref: '#/components/schemas/GatewayError' },
    examples: { gateway: { value: { message } } },
  },
})

const response = (description: string, content: Json, headers: Json = {}): Json => ({
  description,
  headers: { ...commonHeaders, ...headers },
  content,
})

const neither = 'Send the Idempotency-Key header, or a reference in the body'
const invalid = (what: string, ...errors: FieldError[]) => new Problem(400, what, errors)
const notJson = new Problem(400, 'The body is not valid JSON.')

/** `components.responses`: every error, by what is the matter. */
export const responses = {
  InvalidOrder: response(
    'The request does not describe an order that could be placed.',
    problems({
      fields: invalid(
        'The body does not describe a valid order.',
        { path: 'items.0.quantity', message: 'Too small: expected number to be >=1' },
        {
          path: 'shippingAddress.country',
          message: 'Must be an ISO 3166-1 alpha-2 country code, such as DE',
        },
      ),
      noKey: invalid(
        'An order needs an Idempotency-Key header or a reference, to be placed only once.',
        { path: 'Idempotency-Key', message: neither },
        { path: 'reference', message: neither },
      ),
      notJson,
    }),
  ),
  InvalidAddress: response(
    'The body does not describe a shipping address.',
    problems({
      fields: invalid('The body does not describe a valid order.', {
        path: 'country',
        message: 'Must be an ISO 3166-1 alpha-2 country code, such as DE',
      }),
      notJson,
    }),
  ),
  InvalidQuery: response(
    'The query does not describe a page of orders.',
    problems({
      cursor: invalid('The query does not describe a page of orders.', {
        path: 'cursor',
        message: 'Must be a nextCursor of an earlier page',
      }),
    }),
  ),
  Unauthorized: response('No token, or not a valid one.', gateway('Unauthorized'), {
    'www-authenticate': { $ref: '#/components/headers/WwwAuthenticate' },
  }),
  Forbidden: response("The token has none of the operation's scopes, or does not name its subject.", {
    ...gateway('Forbidden'),
    ...problems({
      noSubject: new Problem(403, 'The token must name its subject (sub) in 1 to 255 characters.'),
    }),
  }),
  NotFound: response(
    "There is no such order: it does not exist, or is somebody else's (nobody can tell which). Or there is no such route.",
    { ...problems({ order: new Problem(404, `There is no order ${orderId}.`) }), ...gateway('Not Found') },
  ),
  NotAmendable: response(
    'The carrier has the order, or may have: it is too late, or not known yet.',
    problems({
      tooLate: new Problem(409, 'It is too late: the order is AWB_GENERATED.'),
      beingAsked: new Problem(409, 'The carrier is being asked for this order right now; try again.'),
      unknown: new Problem(409, 'The carrier may have taken on this order already; that is being found out.'),
      keepsChanging: new Problem(409, 'The order is being worked on right now; try again.'),
    }),
  ),
  ContentTooLarge: response(
    `The body is larger than ${maxBodyBytes / 1024} KiB; API Gateway itself refuses one of more than 10 MB.`,
    {
      ...problems({
        order: new Problem(413, `The body must be at most ${maxBodyBytes} bytes; this one has 140000.`),
      }),
      ...gateway('Request Entity Too Large'),
    },
  ),
  UnsupportedMediaType: response(
    'The body is not declared as JSON.',
    problems({ notDeclared: new Problem(415, 'The content-type must be application/json.') }),
  ),
  KeyReused: response(
    'The Idempotency-Key or reference was used for another order already. That order stays as it is.',
    problems({
      reused: new Problem(422, 'This Idempotency-Key or reference was used for another order already.'),
    }),
  ),
  TooManyRequests: response(
    'More requests than the API lets through: try again.',
    gateway('Too Many Requests'),
  ),
  ServerError: response('Something went wrong on our side: try again, with the same key or reference.', {
    ...problems({ unexpected: new Problem(500, 'Something went wrong on our side; try again.') }),
    ...gateway('Internal Server Error'),
  }),
  Unavailable: response(
    'The function did not answer in time: try again, with the same key or reference.',
    gateway('Service Unavailable'),
  ),
  CannotCancelNow: response('The cancellation could not be made known, so it was not made: try again.', {
    ...problems({ events: new Problem(503, 'Events cannot be published now; try again.') }),
    ...gateway('Service Unavailable'),
  }),
}

/** What API Gateway answers in error: not a schema of ours, so it is written out. */
export const gatewayError: Json = {
  type: 'object',
  description: 'What API Gateway answers before or instead of our functions.',
  properties: {
    message: {
      type: 'string',
      description: 'What went wrong.',
      enum: [
        'Unauthorized',
        'Forbidden',
        'Not Found',
        'Request Entity Too Large',
        'Too Many Requests',
        'Internal Server Error',
        'Service Unavailable',
      ],
    },
  },
  required: ['message'],
}
