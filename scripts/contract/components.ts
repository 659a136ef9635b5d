import * as z from 'zod/mini'
import { orderIdPattern } from '../../lambdas/domain/identity.ts'
import { orderQuery } from '../../lambdas/domain/order-query.ts'
import { shopPattern } from '../../lambdas/runtime/caller.ts'
import { type Json, objectAt } from './describe.ts'
import { exampleOrders, exampleRequestId, exampleTraceparent } from './example-orders.ts'

const { created } = exampleOrders

const querySchema: Json = { ...z.toJSONSchema(orderQuery, { io: 'input' }) }
const queryParameter = (name: string, description: string): Json => ({
  name,
  in: 'query',
  description,
  schema: objectAt(objectAt(querySchema, 'properties'), name),
})

const requestHeader = (name: string, description: string, pattern: string, example?: string): Json => ({
  name,
  in: 'header',
  description,
  schema: { type: 'string', pattern },
  ...(example && { example }),
})

const responseHeader = (description: string, schema: Json, required = true): Json => ({
  description,
  ...(required && { required }),
  schema: { type: 'string', ...schema },
})

/** Security schemes, parameters and headers. */
export const components = {
  securitySchemes: {
    oauth2: {
      type: 'oauth2',
      description:
        'A JWT of the configured issuer (Amazon Cognito by default), as `Authorization: Bearer …`. It names the shop that owns the orders placed with it: in its scope `shop/NAME`, or, of an issuer of your own, in its subject or the configured claim.',
      flows: {
        clientCredentials: {
          tokenUrl: 'https://auth.example.com/oauth2/token',
          scopes: {
            'orders/write': 'Place orders, cancel and correct them.',
            'orders/read': 'See your own orders.',
            'orders/read:all': 'See the orders of all owners: for support.',
            'orders/on-behalf': 'Name the shop whose orders these are, in On-Behalf-Of: for a marketplace.',
          },
        },
      },
    },
  },
  parameters: {
    OrderId: {
      name: 'orderId',
      in: 'path',
      required: true,
      description: "The order's id, from the answer to placing it.",
      schema: { type: 'string', pattern: orderIdPattern.source },
      example: created.orderId,
    },
    IdempotencyKey: requestHeader(
      'Idempotency-Key',
      'Identifies this order among yours, permanently: 1 to 255 visible ASCII characters, bare or as a quoted string (RFC 8941). Only counts where the body has no `reference`.',
      '^[!-~]+$',
      '8e03978e-40d5-43dd-bc93-6894a57f9324',
    ),
    CorrelationId: requestHeader(
      'x-correlation-id',
      "Your own id for the process that this is part of; it is in the order's logs and events. Anything but 1 to 128 visible ASCII characters is replaced by the request's id.",
      '^[!-~]{1,128}$',
      created.correlationId,
    ),
    Traceparent: requestHeader(
      'traceparent',
      "The trace that the order belongs to (W3C Trace Context); it is in the order's events. Its sampled flag is replaced: whether it is recorded here is decided here. Anything else is replaced by a new trace.",
      '^00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$',
      exampleTraceparent,
    ),
    OnBehalfOf: requestHeader(
      'On-Behalf-Of',
      // It has no example: a docs page would send that with tokens that lack the scope.
      "The shop for which a marketplace calls, whose token has the scope `orders/on-behalf`: the orders are that shop's. 1 to 255 visible ASCII characters without a comma.",
      shopPattern.source,
    ),
    Limit: queryParameter(
      'limit',
      'Maximum number of orders on the page. It has fewer if they are very large.',
    ),
    Cursor: queryParameter('cursor', 'The `nextCursor` of the previous page.'),
  },
  headers: {
    RequestId: {
      ...responseHeader("API Gateway's id of the request, also in our logs.", { minLength: 1 }),
      example: exampleRequestId,
    },
    Location: {
      ...responseHeader('The path of the order.', {
        pattern: `^/orders/${orderIdPattern.source.slice(1)}`,
      }),
      example: `/orders/${created.orderId}`,
    },
    IdempotencyReplayed: responseHeader(
      'Present if the order had been placed before.',
      { const: 'true' },
      false,
    ),
    WwwAuthenticate: {
      ...responseHeader('How to authenticate.', { pattern: '^Bearer' }, false),
      example: 'Bearer',
    },
  },
}
