import type { Context, SQSRecord } from 'aws-lambda'
import { isBefore, linkOf, links, type OrderStatus } from '../lambdas/domain/chain.ts'
import type { Change, Times } from '../lambdas/domain/change.ts'
import { eventOf, eventSource } from '../lambdas/domain/events.ts'
import { fingerprintOf } from '../lambdas/domain/identity.ts'
import type { Order } from '../lambdas/domain/order.ts'
import { type OrderRequest, totalOf } from '../lambdas/domain/order-request.ts'
import { statusMark } from '../lambdas/domain/outbox.ts'
import { isVendorCode, type VendorCode } from '../lambdas/domain/reasons.ts'
import type { Routes } from '../lambdas/domain/routing.ts'
import { done } from '../lambdas/domain/step-changes.ts'
import type { VendorTraits } from '../lambdas/domain/unknown-outcome.ts'
import type { VendorFacts } from '../lambdas/domain/vendor-answer.ts'
import type { HttpRequest } from '../lambdas/runtime/caller.ts'
import type { Environment } from '../ops/cli/environment.ts'
import { forEachStep } from './for-each-step.ts'

/** When everything begins, in epoch ms. */
export const t0 = Date.parse('2026-11-22T12:00:00.000Z')
/** A moment as we write it, in ms after {@link t0}. */
export const at = (ms = 0): string => new Date(t0 + ms).toISOString()

/** How long after a write the relay looks after an order, in ms. */
export const graceMs = 60_000

export const orderId = `ord_${'0123456789abcdef'.repeat(2)}`
/** What tells the item of {@link orderId} from others of the same id. */
export const nonce = 'k3x9q'
/** A question about a call that ended this many ms after {@link t0}, of a round. */
export const unknownSince = (ms: number, round = 0) => ({
  since: at(ms),
  at: at(ms),
  round,
  requestVersion: 1,
})
/** An order id that ends in the shard (a hexadecimal digit) and differs by number. */
export const orderIdAt = (number: number, shard = 'f'): string =>
  `ord_${number.toString(16).padStart(31, '0')}${shard}`

/** A line of {@link orderBody}. */
export const orderItem = { sku: 'NW-1', name: 'Tofu', quantity: 2, unitPrice: 1000, weightGrams: 300 }
/** A valid body of POST /orders with every field; 3,130 in all. */
export const orderBody: OrderRequest = {
  reference: 'shop-1',
  currency: 'EUR',
  customer: { name: 'Ada Buyer', company: 'Ada & Co', email: 'ada@example.com', phone: '+49 30 1' },
  shippingAddress: {
    name: 'Ada Receiver',
    line1: 'Luisenstr. 48',
    line2: '2nd floor',
    city: 'Münster',
    region: 'NRW',
    postalCode: '44087',
    country: 'DE',
  },
  items: [orderItem, { sku: 'NW-2', quantity: 1, unitPrice: 500, weightGrams: 100 }],
  charges: [
    { type: 'tax', amount: 530 },
    { type: 'shipping', amount: 200 },
    { type: 'discount', amount: 100 },
  ],
  shippingService: 'EXPRESS',
  metadata: { basket: 'basket-1' },
}

/** The vendor of each step, as orders name them: `carrier`, `warehouse`. */
export const vendors = forEachStep((step) => linkOf(step).vendor.replaceAll(' ', '-'))
/** Routes by which each step has one vendor. */
export const routes: Routes = forEachStep((step) => [{ vendor: vendors[step] }])
/** The same as an environment's outputs tell them. */
export const lanes: Environment['vendors'] = {
  carrier: { name: 'carrier', step: 'logistics', limits: {}, ratePerSecond: 50 },
  warehouse: { name: 'warehouse', step: 'wms', limits: {}, ratePerSecond: 20 },
}

/** Everything in {@link orderBody} that identifies a person. */
export const personalData = ['Ada', 'Luisenstr', '2nd floor', 'Münster', '44087', '+49', 'basket-1', 'Tofu']

/** An order as it is stored right after the click, or with what is changed. */
export const storedOrder = (change: Partial<Order> = {}): Order => {
  const { orderId: id = orderId, status = 'CREATED' } = change
  return {
    ...orderBody,
    orderId: id,
    ownerId: 'shop',
    total: totalOf(orderBody),
    vendors,
    fingerprint: fingerprintOf(orderBody),
    status: 'CREATED',
    statusAt: at(),
    createdAt: at(),
    updatedAt: at(),
    timeline: [{ at: at(), type: 'CREATED' }],
    requestId: 'request-1',
    correlationId: 'correlation-1',
    traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
    version: 1,
    attempts: 0,
    round: 0,
    made: Object.fromEntries(
      links
        .filter(({ to }) => to === status || isBefore(to, status))
        .map(({ name }) => [name, { round: 0, at: at() }]),
    ),
    nonce,
    deadLetterings: 0,
    ...statusMark({ nonce, status: 'CREATED', vendors, ...change, orderId: id }, t0 + graceMs),
    ...change,
  }
}

/** The order after a change, as the repository answers it. */
export function changed(order: Order, { set, log = [] }: Change): Order {
  const result = { ...order, ...set, timeline: [...order.timeline, ...log], version: order.version + 1 }
  for (const [key, value] of Object.entries(set)) if (value === undefined) delete result[key as keyof Order]
  return result
}

/** The change of a step's work that brings an order to a status. */
export function transition(order: Order, status: OrderStatus, facts: VendorFacts, times: Times): Change {
  const link = links.find(({ to }) => to === status)
  if (link === undefined) throw new Error(`No step brings an order to ${status}`)
  return done(order, link, { kind: 'advance', facts, round: order.round }, times)
}

/** A vendor that promises everything. */
export const vendorTraits: VendorTraits = {
  honoursIdempotencyKey: true,
  canBeLookedUp: true,
  canBeCancelled: true,
  settleMs: 60_000,
  keysKeptMs: 86_400_000,
  claimMs: 29_000,
}

/**
 * A refusal's code as a vendor words it.
 * @throws {Error} where no vendor may say that
 */
export function vendorCode(text: string): VendorCode {
  if (isVendorCode(text)) return text
  throw new Error(`${text} is no vendor's code`)
}

/** The order without some of its fields. */
export const without = (order: Order, ...fields: (keyof Order)[]): Order => {
  const rest = { ...order }
  for (const field of fields) delete rest[field]
  return rest
}

/** What EventBridge puts into a step's queue for an order. */
export const messageBody = (order: Order): string => {
  const { detailType, detail } = eventOf(order)
  return JSON.stringify({ source: eventSource, 'detail-type': detailType, detail })
}

/** A message as a worker receives it, with an order's event or a body of its own. */
export const sqsRecord = (
  of: Order | string,
  {
    messageId = 'message-1',
    receives = 1,
    deadLetterNumber,
  }: Partial<Record<'receives' | 'deadLetterNumber', number>> & {
    messageId?: string
  } = {},
): SQSRecord => ({
  messageId,
  receiptHandle: `receipt-of-${messageId}`,
  body: typeof of === 'string' ? of : messageBody(of),
  attributes: {
    ApproximateReceiveCount: String(receives),
    SentTimestamp: String(t0),
    SenderId: 'sender',
    ApproximateFirstReceiveTimestamp: String(t0),
  },
  messageAttributes:
    deadLetterNumber === undefined
      ? {}
      : { deadLetterNumber: { dataType: 'Number', stringValue: String(deadLetterNumber) } },
  md5OfBody: '',
  eventSource: 'aws:sqs',
  eventSourceARN: 'arn:aws:sqs:us-east-1:000000000000:queue',
  awsRegion: 'us-east-1',
})

/** What Lambda tells a function about its invocation. */
export const lambdaContext = ({ remainingMs = 20_000, awsRequestId = 'invocation-1' } = {}): Context => ({
  callbackWaitsForEmptyEventLoop: true,
  functionName: 'function',
  functionVersion: '$LATEST',
  invokedFunctionArn: 'arn:aws:lambda:us-east-1:000000000000:function:function',
  memoryLimitInMB: '512',
  awsRequestId,
  logGroupName: '/aws/lambda/function',
  logStreamName: 'stream',
  getRemainingTimeInMillis: () => remainingMs,
  done: () => {},
  fail: () => {},
  succeed: () => {},
})

/** An HTTP API request behind the JWT authorizer (payload format 2.0). A body that is no string becomes JSON. */
export const httpRequest = ({
  body,
  headers = {},
  path = {},
  query,
  sub = 'shop',
  clientId,
  scope = 'orders/write orders/read',
  requestId = 'request-1',
}: {
  body?: unknown
  headers?: Record<string, string>
  path?: Record<string, string>
  query?: Record<string, string>
  sub?: string
  clientId?: string
  scope?: string
  requestId?: string
} = {}): HttpRequest => ({
  version: '2.0',
  routeKey: '$default',
  rawPath: '/',
  rawQueryString: '',
  headers: { 'content-type': 'application/json', ...headers },
  pathParameters: path,
  ...(query && { queryStringParameters: query }),
  ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  isBase64Encoded: false,
  requestContext: {
    accountId: '000000000000',
    apiId: 'api',
    authorizer: {
      principalId: sub,
      integrationLatency: 1,
      jwt: {
        claims: { ...(sub && { sub }), ...(clientId && { client_id: clientId }), scope },
        scopes: scope.split(' '),
      },
    },
    domainName: 'localhost',
    domainPrefix: 'localhost',
    http: { method: 'POST', path: '/', protocol: 'HTTP/1.1', sourceIp: '127.0.0.1', userAgent: 'test' },
    requestId,
    routeKey: '$default',
    stage: '$default',
    time: '',
    timeEpoch: t0,
  },
})
