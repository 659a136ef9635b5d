import { orderPage, orderReceipt, orderView } from '../../lambdas/domain/order.ts'
import { cursorOf } from '../../lambdas/domain/order-query.ts'
import { maxBodyBytes } from '../../lambdas/domain/order-request.ts'
import { components } from './components.ts'
import type { Json } from './describe.ts'
import { commonHeaders, responses } from './error-responses.ts'
import { exampleOrders, exampleRequest } from './example-orders.ts'
import { schemaComponents } from './schemas.ts'

const { created, ready, cancelling, cancelled, retrying, deadLettered } = exampleOrders
const idAndStatus = ({ orderId, status }: typeof created) => ({ orderId, status })
const write = ['orders/write']
const read = ['orders/read', 'orders/read:all']

const ref = (kind: string) => (name: string) => ({ $ref: `#/components/${kind}/${name}` })
const schema = ref('schemas')
const parameter = ref('parameters')
const error = (name: keyof typeof responses) => ref('responses')(name)

const json = (
  schemaName: string,
  examples: Record<string, unknown>,
  contentTypes: readonly string[] = ['application/json'],
): Json => {
  const named = Object.entries(examples).map(([name, value]) => [name, { value }])
  const content = { schema: schema(schemaName), examples: Object.fromEntries(named) }
  return Object.fromEntries(contentTypes.map((contentType) => [contentType, content]))
}

/** The error responses of every operation: API Gateway's own, and failures. */
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

/** Links to the operations on an order that was just placed. */
const links = Object.fromEntries(
  ['getOrder', 'correctOrder', 'cancelOrder'].map((operationId) => [
    operationId,
    { operationId, parameters: { orderId: '$response.body#/orderId' } },
  ]),
)

const body = (...content: Parameters<typeof json>): Json => ({
  required: true,
  description: `At most ${maxBodyBytes / 1024} KiB of JSON.`,
  content: json(...content),
})

/** Requires a token with one of the scopes. */
const security = (scopes: readonly string[]) => scopes.map((scope) => ({ oauth2: [scope] }))

const correction = { shippingAddress: { line1: '59 rue de l’Abbaye', line2: null, postalCode: '51100' } }

const paths = {
  '/orders': {
    post: {
      operationId: 'createOrder',
      tags: ['Orders'],
      summary: 'Place an order',
      description:
        'Returns as soon as the order is stored; the carrier and the warehouse are called afterwards. Sending the same order again, with the same `reference` or (without one) the same Idempotency-Key, is safe at any time and returns the same answer.',
      security: security(write),
      parameters: ['IdempotencyKey', 'OnBehalfOf', 'CorrelationId', 'Traceparent'].map(parameter),
      requestBody: body('OrderRequest', { order: exampleRequest }),
      responses: {
        201: {
          ...answer(
            'The order is placed, by this request or an earlier one.',
            json('OrderReceipt', { order: orderReceipt(created) }),
            {
              location: { $ref: '#/components/headers/Location' },
              'idempotency-replayed': { $ref: '#/components/headers/IdempotencyReplayed' },
            },
          ),
          links,
        },
        ...anyError,
        400: error('InvalidOrder'),
        409: error('AlreadyCancelled'),
        ...bodyError,
        422: error('KeyReused'),
      },
    },
    get: {
      operationId: 'listOrders',
      tags: ['Orders'],
      summary: 'List your orders',
      description: 'The orders of the shop that the token names, newest first, page by page.',
      security: security(read),
      parameters: ['Limit', 'Cursor', 'OnBehalfOf'].map(parameter),
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
    parameters: ['OrderId', 'OnBehalfOf'].map(parameter),
    get: {
      operationId: 'getOrder',
      tags: ['Orders'],
      summary: 'Get an order',
      description:
        'The scope `orders/read` shows your own orders, `orders/read:all` (for support) those of all owners. The read is consistent.',
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
    patch: {
      operationId: 'correctOrder',
      tags: ['Orders'],
      summary: 'Correct an order',
      description:
        'Corrects what a vendor may refuse, and nothing that the price depends on: a merge patch (RFC 7396). Possible while it is certain that no vendor works on it, also for an order that is dead-lettered, before an operator redrives it. A patch that changes nothing, such as a repeat, is answered with the order as it is. A token without the scope `orders/read` gets only the id and the status.',
      security: security(write),
      requestBody: body('OrderCorrection', { address: correction }, [
        'application/merge-patch+json',
        'application/json',
      ]),
      responses: {
        200: answer('The order, corrected.', json('ChangedOrder', { order: orderView(deadLettered) })),
        ...anyError,
        400: error('InvalidCorrection'),
        404: error('NotFound'),
        409: error('NotCorrectableNow'),
        ...bodyError,
        422: error('NotCorrectable'),
      },
    },
  },
  '/orders/{orderId}/cancellation': {
    parameters: ['OrderId', 'OnBehalfOf'].map(parameter),
    post: {
      operationId: 'cancelOrder',
      tags: ['Orders'],
      summary: 'Cancel an order',
      description:
        'Possible until the goods leave. A token without the scope `orders/read` gets only the id and the status. Where no vendor has or may have done anything, the order is CANCELLED at once; else it is CANCELLING until each vendor has undone its work, and goes on where one says that it is too late. A repeat changes nothing.',
      security: security(write),
      responses: {
        200: answer(
          'The order, cancelled.',
          json('ChangedOrder', { cancelled: orderView(cancelled), withoutRead: idAndStatus(cancelled) }),
        ),
        202: answer(
          'The order, which is being cancelled.',
          json('ChangedOrder', { cancelling: orderView(cancelling) }),
        ),
        404: error('NotFound'),
        409: error('TooLate'),
        ...anyError,
        503: error('CannotCancelNow'),
      },
    },
  },
}

/** openapi.json, generated from the schemas that parse the requests and the functions that make the responses. */
export const openApiDocument: Json = {
  openapi: '3.1.0',
  info: {
    title: 'Create Order',
    version: '1.0.0',
    summary: 'Place an order in milliseconds, and follow it until the warehouse ships it.',
    description: `An order is stored and confirmed at once; the carrier's AWB and the warehouse's shipment follow by events.

- **Safe to repeat.** Each order is identified by its \`reference\` or an \`Idempotency-Key\` header: the same request again is the same order and the same answer.
- **Errors.** Errors of our functions are RFC 9457 \`application/problem+json\` and list every invalid field. API Gateway's own errors are \`{"message": "…"}\`.
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
  components: { ...components, responses, schemas: schemaComponents() },
}
