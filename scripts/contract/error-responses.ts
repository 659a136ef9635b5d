import type { FieldError } from '../../lambdas/domain/limits.ts'
import { maxBodyBytes } from '../../lambdas/domain/order-request.ts'
import { problems as kinds, type ProblemKind, problemDetails } from '../../lambdas/runtime/problem.ts'
import type { Json } from './describe.ts'
import { exampleOrders, exampleRequestId } from './example-orders.ts'

const { orderId } = exampleOrders.created

/** Headers of every response. */
export const commonHeaders = { 'apigw-requestid': { $ref: '#/components/headers/RequestId' } }

/** Errors of our functions: RFC 9457, with a named example for each cause. */
const problems = (
  kind: ProblemKind,
  details: Record<string, string>,
  errors: Record<string, FieldError[]> = {},
): Json => ({
  'application/problem+json': {
    schema: {
      allOf: [
        { $ref: '#/components/schemas/Problem' },
        { properties: { status: { const: kinds[kind].status }, title: { const: kinds[kind].title } } },
      ],
    },
    examples: Object.fromEntries(
      Object.entries(details).map(([name, detail]) => [
        name,
        { value: problemDetails(kind, detail, exampleRequestId, errors[name]) },
      ]),
    ),
  },
})

/** API Gateway's own errors; those of an HTTP API cannot be customized. */
const gateway = (message: string): Json => ({
  'application/json': {
    schema: {
      type: 'object',
      description: 'The answer of API Gateway itself, without a function.',
      properties: { message: { type: 'string', description: 'What went wrong.', const: message } },
      required: ['message'],
    },
    examples: { gateway: { value: { message } } },
  },
})

const response = (description: string, content: Json, headers: Json = {}): Json => ({
  description,
  headers: { ...commonHeaders, ...headers },
  content,
})

const neither = 'Send the Idempotency-Key header, or a reference in the body'
const wrongCountry = 'Must be an ISO 3166-1 alpha-2 country code, such as DE'
const notJson = 'The body is not valid JSON.'

/** The 400 of our functions, or of API Gateway if it cannot parse the path. */
const invalid = (details: Record<string, string>, errors: Record<string, FieldError[]>): Json => ({
  ...problems('invalid', details, errors),
  ...gateway('Bad Request'),
})

/** `components.responses`: every error response, keyed by its cause. */
export const responses = {
  InvalidOrder: response(
    'The request does not describe an order that could be placed.',
    invalid(
      {
        fields: 'The body does not describe a valid order.',
        noKey: 'An order needs an Idempotency-Key header or a reference, to be placed only once.',
        notJson,
      },
      {
        fields: [
          { path: 'items.0.quantity', message: 'Too small: expected number to be >=1' },
          { path: 'shippingAddress.country', message: wrongCountry },
        ],
        noKey: [
          { path: 'Idempotency-Key', message: neither },
          { path: 'reference', message: neither },
        ],
      },
    ),
  ),
  InvalidCorrection: response(
    'The corrected request would not describe an order that could be placed.',
    invalid(
      { fields: 'The result would not be a valid order.', notJson },
      { fields: [{ path: 'shippingAddress.country', message: wrongCountry }] },
    ),
  ),
  InvalidQuery: response(
    'The query does not describe a page of orders.',
    invalid(
      { cursor: 'The query does not describe a page of orders.' },
      { cursor: [{ path: 'cursor', message: 'Must be a nextCursor of an earlier page' }] },
    ),
  ),
  Unreadable: response('The path is malformed.', gateway('Bad Request')),
  Unauthorized: response('No token, or not a valid one.', gateway('Unauthorized'), {
    'www-authenticate': { $ref: '#/components/headers/WwwAuthenticate' },
  }),
  Forbidden: response("The token has none of the operation's scopes, or does not name its shop.", {
    ...gateway('Forbidden'),
    ...problems('forbidden', {
      noShop: 'The token must have its shop as sub, in 1 to 255 characters.',
      notOnBehalf: 'On-Behalf-Of needs the scope orders/on-behalf, and one shop.',
    }),
  }),
  NotFound: response(
    'There is no such order: it does not exist or has another owner, which the answer does not tell. Or there is no such route.',
    { ...problems('not-found', { order: `There is no order ${orderId}.` }), ...gateway('Not Found') },
  ),
  NotCorrectable: response(
    'The correction is about what the price or, once there is an AWB, the label rests on: see the paths.',
    problems(
      'refused',
      {
        price:
          'Nothing that the price or a label rests on can be corrected: cancel the order, and place it anew.',
      },
      { price: [{ path: 'items.0.quantity', message: 'Cannot be corrected' }] },
    ),
  ),
  NotCorrectableNow: response(
    'A vendor has the order, or may have: it is too late, or not known yet.',
    problems('conflict', {
      tooLate: 'It is too late: the order is READY_FOR_FULFILLMENT.',
      beingAsked: 'The carrier is being asked for this order right now; try again.',
      unknown: 'The carrier may have taken on this order already; that is being found out.',
      keepsChanging: 'The order is being worked on right now; try again.',
    }),
  ),
  ContentTooLarge: response(
    `The body is larger than ${maxBodyBytes / 1024} KiB; API Gateway itself refuses one of more than 10 MB.`,
    {
      ...problems('too-large', {
        order: `The body must be at most ${maxBodyBytes} bytes; this one has 140000.`,
      }),
      ...gateway('Request Entity Too Large'),
    },
  ),
  UnsupportedMediaType: response(
    'The body is not declared as JSON.',
    problems('wrong-type', {
      notDeclared: 'The content-type must be application/json.',
      correction: 'The content-type must be application/merge-patch+json or application/json.',
    }),
  ),
  KeyReused: response(
    'The Idempotency-Key or reference was used for another order already. That order is not changed.',
    problems('refused', {
      reused: `This Idempotency-Key or reference was used for another order already: ${orderId}.`,
    }),
  ),
  AlreadyCancelled: response(
    'The order was placed before, and called off since. A new one needs another reference or Idempotency-Key.',
    problems('conflict', { cancelled: `This order exists and is CANCELLED: ${orderId}.` }),
  ),
  TooManyRequests: response('More requests than the API allows: try again.', gateway('Too Many Requests')),
  ServerError: response('Something went wrong on our side: try again, with the same key or reference.', {
    ...problems('failed', { unexpected: 'Something went wrong on our side; try again.' }),
    ...gateway('Internal Server Error'),
  }),
  Unavailable: response(
    'The function did not answer in time: try again, with the same key or reference.',
    gateway('Service Unavailable'),
  ),
  TooLate: response('A vendor has said that it is too late to cancel this order.', {
    ...problems('conflict', { tooLate: 'It is too late: the goods have left, or are about to.' }),
  }),
  CannotCancelNow: response('The cancellation could not be published, so it was not made: try again.', {
    ...problems('unavailable', { events: 'Events cannot be published now; try again.' }),
    ...gateway('Service Unavailable'),
  }),
}
