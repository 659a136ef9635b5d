import * as z from 'zod/mini'
import { orderIdPattern } from '../../lambdas/domain/identity.ts'
import { maxBodyBytes, orderPage, orderReceipt, orderView } from '../../lambdas/domain/order.ts'
import { cursorOf, orderQuery } from '../../lambdas/domain/order-query.ts'
import { type Json, objectAt } from './describe.ts'
import { exampleOrders, exampleRequest, exampleRequestId, exampleTraceparent } from './example-orders.ts'
import { commonHeaders, responses } from './responses.ts'
import { schemaComponents } from './schemas.ts'

const { created, ready, cancelled, retrying, deadLettered } = exampleOrders
const write = ['orders/write']
const read = ['orders/read', 'orders/read:all']

const ref = (kind: string) => (name: string) => ({ $ref: `#/components/${kind}/${name}` })
const schema = ref('schemas')
const parameter = ref('parameters')
const error = (name: keyof typeof responses) => ref('responses')(name)

const json = (schemaName: string, examples: Record<string, unknown>): Json => ({
  'application/json': {
    schema: schema(schemaName),
    examples: Object.fromEntries(Object.entries(examples).map(([name, value]) => [name, { value }])),
  },
})

/** What any operation may answer: API Gateway's own refusals, and failures. */
const anyError = {
  400: error('Unreadable'),
  401: error('Unauthorized'),
  403: error('Forbidden'),
  429: error('TooManyRequests'),
  500: error('ServerError'),
  503: error('Unavailable'),
}
const bodyError = { 413: error('ContentTooLarge'), 415: error('UnsupportedMediaType') }

const answer = (description: string, content: Json, headers: Json = {}): Json => ({
  description,
  headers: { ...commonHeaders, ...headers },
  content,
})

const body = (schemaName: string, examples: Record<string, unknown>): Json => ({
  required: true,
  description: `At most ${maxBodyBytes / 1024} KiB of JSON.`,
  content: json(schemaName, examples),
})

/** A token needs one of the scopes. */
const security = (scopes: readonly string[]) => scopes.map((scope) => ({ oauth2: [scope] }))

const paths = {
  '/orders': {
    post: {
      operationId: 'createOrder',
      tags: ['Orders'],
      summary: 'Place an order',
      description:
        'Answers as soon as the order is stored; the carrier and the warehouse are asked afterwards. Sending the same order again, with the same Idempotency-Key or (without one) the same `reference`, is safe at any time and answers the same.',
      security: security(write),
      parameters: ['IdempotencyKey', 'CorrelationId', 'Traceparent'].map(parameter),
      requestBody: body('OrderRequest', { order: exampleRequest }),
      responses: {
        201: answer(
          'The order is placed, now or before.',
          json('OrderReceipt', { order: orderReceipt(created) }),
          {
            location: { $ref: '#/components/headers/Location' },
            'idempotency-replayed': { $ref: '#/components/headers/IdempotencyReplayed' },
          },
        ),
        ...anyError,
        400: error('InvalidOrder'),
        ...bodyError,
        422: error('KeyReused'),
      },
    },
    get: {
      operationId: 'listOrders',
      tags: ['Orders'],
      summary: 'List your orders',
      description: 'The orders that were placed with tokens of the same subject, newest first, page by page.',
      security: security(read),
      parameters: ['Limit', 'Cursor'].map(parameter),
      responses: {
        200: answer(
          'One page of orders.',
          json('OrderPage', {
            page: orderPage([ready], cursorOf({ createdAt: ready.createdAt, orderId: ready.orderId })),
            empty: orderPage([], undefined),
          }),
        ),
        ...anyError,
        400: error('InvalidQuery'),
      },
    },
  },
  '/orders/{orderId}': {
    parameters: [parameter('OrderId')],
    get: {
      operationId: 'getOrder',
      tags: ['Orders'],
      summary: 'See where an order stands',
      description:
        "With the scope `orders/read` your own orders, with `orders/read:all` everybody's (for support). The answer is what is stored at this moment.",
      security: security(read),
      responses: {
        200: answer(
          'The order.',
          json('Order', {
            ready: orderView(ready),
            retrying: orderView(retrying),
            deadLettered: orderView(deadLettered),
          }),
        ),
        404: error('NotFound'),
        ...anyError,
      },
    },
  },
  '/orders/{orderId}/cancellation': {
    parameters: [parameter('OrderId')],
    post: {
      operationId: 'cancelOrder',
      tags: ['Orders'],
      summary: 'Cancel an order',
      description:
        'Possible while the carrier has certainly not taken the order on. Cancelling a cancelled order changes nothing and answers the same.',
      security: security(write),
      responses: {
        200: answer('The order, cancelled.', json('Order', { cancelled: orderView(cancelled) })),
        404: error('NotFound'),
        409: error('NotAmendable'),
        ...anyError,
        503: error('CannotCancelNow'),
      },
    },
  },
  '/orders/{orderId}/shipping-address': {
    parameters: [parameter('OrderId')],
    put: {
      operationId: 'changeShippingAddress',
      tags: ['Orders'],
      summary: "Correct an order's shipping address",
      description:
        'Possible while the carrier has certainly not taken the order on: also for an order that was dead-lettered for its address, before an operator sends it on.',
      security: security(write),
      requestBody: body('ShippingAddress', { address: created.shippingAddress }),
      responses: {
        200: answer('The order with its new address.', json('Order', { order: orderView(deadLettered) })),
        ...anyError,
        400: error('InvalidAddress'),
        404: error('NotFound'),
        409: error('NotAmendable'),
        ...bodyError,
      },
    },
  },
}

const querySchema: Json = { ...z.toJSONSchema(orderQuery, { io: 'input' }) }
const queryParameter = (name: string, description: string, more: Json = {}): Json => ({
  name,
  in: 'query',
  description,
  schema: objectAt(objectAt(querySchema, 'properties'), name),
  ...more,
})

const requestHeader = (name: string, description: string, pattern: string, example: string): Json => ({
  name,
  in: 'header',
  description,
  schema: { type: 'string', pattern },
  example,
})

const responseHeader = (description: string, schema: Json, required = true): Json => ({
  description,
  ...(required && { required }),
  schema: { type: 'string', ...schema },
})

const components = {
  securitySchemes: {
    oauth2: {
      type: 'oauth2',
      description:
        'A JWT of the configured issuer (Amazon Cognito by default), as `Authorization: Bearer …`. Its subject owns the orders that it places.',
      flows: {
        clientCredentials: {
          tokenUrl: 'https://auth.example.com/oauth2/token',
          scopes: {
            'orders/write': 'Place orders, cancel them, correct their addresses.',
            'orders/read': 'See your own orders.',
            'orders/read:all': "See everybody's orders: for support.",
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
      description: "The order's id, as placing it answered.",
      schema: { type: 'string', pattern: orderIdPattern.source },
      example: created.orderId,
    },
    IdempotencyKey: requestHeader(
      'Idempotency-Key',
      "Names this order among yours, for good: 1 to 255 visible ASCII characters, bare or as a quoted string (RFC 8941). Without it, the body's `reference` does.",
      '^[!-~]+$',
      '8e03978e-40d5-43dd-bc93-6894a57f9324',
    ),
    CorrelationId: requestHeader(
      'x-correlation-id',
      "Your own id of what this is part of; it goes with the order's logs and events. Anything but 1 to 128 visible ASCII characters is replaced by the request's id.",
      '^[!-~]{1,128}$',
      created.correlationId,
    ),
    Traceparent: requestHeader(
      'traceparent',
      "The trace that the order belongs to (W3C Trace Context); it goes with the order's events. Anything else is replaced by a new trace.",
      '^00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$',
      exampleTraceparent,
    ),
    Limit: queryParameter(
      'limit',
      'How many orders the page has at the most. It has fewer where they are very large.',
    ),
    Cursor: queryParameter('cursor', 'The `nextCursor` of the page before.', {
      example: cursorOf({ createdAt: ready.createdAt, orderId: ready.orderId }),
    }),
  },
  headers: {
    RequestId: {
      ...responseHeader("API Gateway's id of the request, which our logs name.", { minLength: 1 }),
      example: exampleRequestId,
    },
    Location: {
      ...responseHeader('Where the order can be seen.', {
        pattern: `^/orders/${orderIdPattern.source.slice(1)}`,
      }),
      example: `/orders/${created.orderId}`,
    },
    IdempotencyReplayed: responseHeader(
      'There where the order had been placed before.',
      { const: 'true' },
      false,
    ),
    WwwAuthenticate: {
      ...responseHeader('How to authenticate.', { pattern: '^Bearer' }, false),
      example: 'Bearer',
    },
  },
  responses,
  schemas: schemaComponents(),
}

/** openapi.json: what the API takes and answers, from the schemas and functions that take and answer it. */
export const openApiDocument: Json = {
  openapi: '3.1.0',
  info: {
    title: 'Create Order',
    version: '1.0.0',
    summary: 'Place an order in milliseconds, and follow it until the warehouse ships it.',
    description: `An order is stored and answered at once; the carrier's AWB and the warehouse's shipment follow by events.

- **Safe to repeat.** Each order is named by an \`Idempotency-Key\` header or its \`reference\`: the same request again is the same order and the same answer.
- **Errors.** What our functions refuse is RFC 9457 \`application/problem+json\` with every wrong field. What API Gateway refuses by itself is \`{"message": "…"}\`.
- **Changes are additive.** Answers may get more fields and more values of \`timeline[].type\`: ignore what you do not know. Requests are strict: an unknown field is refused.`,
    contact: { name: 'The engineers of Create Order' },
    license: { name: 'MIT', identifier: 'MIT' },
  },
  servers: [
    {
      url: 'https://{apiId}.execute-api.{region}.amazonaws.com',
      description: "A deployed stack: its URL is the stack's output.",
      variables: {
        apiId: { default: 'abcde12345', description: "The HTTP API's id." },
        region: { default: 'eu-central-1', description: 'The AWS region.' },
      },
    },
    { url: 'http://localhost:3000', description: 'npm start' },
  ],
  tags: [{ name: 'Orders', description: 'Place, follow, cancel and correct orders.' }],
  paths,
  components,
}
