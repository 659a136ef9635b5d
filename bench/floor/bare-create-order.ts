/**
 * The handler that ours is compared with. It makes the same write, event and response, with the raw clients, validation
 * by hand, one log line and no framework.
 */
import { createHash, randomUUID } from 'node:crypto'
import { DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb'
import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge'
import { marshall } from '@aws-sdk/util-dynamodb'

const dynamoDb = new DynamoDBClient({})
// The same time-out as ours.
const eventBridge = new EventBridgeClient({
  requestHandler: { requestTimeout: 700, throwOnRequestTimeout: true },
})

type Fields = Record<string, unknown>
const isText = (value: unknown, maximum: number): value is string =>
  typeof value === 'string' && value.length > 0 && value.length <= maximum && value.isWellFormed()
const isOptionalText = (value: unknown, maximum: number) => value === undefined || isText(value, maximum)
const isWhole = (value: unknown, from: number, to: number): value is number =>
  Number.isSafeInteger(value) && Number(value) >= from && Number(value) <= to
const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
const hasOnly = (value: Fields, known: ReadonlySet<string>) =>
  Object.keys(value).every((key) => known.has(key))

const known = {
  order: new Set(
    'reference currency customer shippingAddress items charges shippingService metadata'.split(' '),
  ),
  customer: new Set('name company email phone'.split(' ')),
  address: new Set('name line1 line2 city region postalCode country'.split(' ')),
  item: new Set('sku name quantity unitPrice weightGrams'.split(' ')),
  charge: new Set('type amount'.split(' ')),
}

const isItem = (value: unknown): value is { quantity: number; unitPrice: number } =>
  isFields(value) &&
  hasOnly(value, known.item) &&
  isText(value.sku, 100) &&
  isOptionalText(value.name, 300) &&
  isWhole(value.quantity, 1, 1e6) &&
  isWhole(value.unitPrice, 0, 1e12) &&
  (value.weightGrams === undefined || isWhole(value.weightGrams, 0, 1e8))

const isCharge = (value: unknown): value is { type: string; amount: number } =>
  isFields(value) &&
  hasOnly(value, known.charge) &&
  ['tax', 'shipping', 'discount'].includes(String(value.type)) &&
  isWhole(value.amount, -1e12, 1e12)

const isCustomer = (value: unknown) =>
  isFields(value) &&
  hasOnly(value, known.customer) &&
  isText(value.name, 200) &&
  isOptionalText(value.company, 200) &&
  (value.email === undefined ||
    (isText(value.email, 254) && /^[^@\s]+@[^@\s]+\.[^@\s]+$/.test(value.email))) &&
  isOptionalText(value.phone, 40)

const isAddress = (value: unknown) =>
  isFields(value) &&
  hasOnly(value, known.address) &&
  isText(value.name, 200) &&
  isText(value.line1, 200) &&
  isOptionalText(value.line2, 200) &&
  isText(value.city, 100) &&
  isOptionalText(value.region, 100) &&
  isOptionalText(value.postalCode, 20) &&
  isText(value.country, 2)

interface Request {
  headers: Record<string, string>
  body: string
  requestContext: { requestId: string; authorizer: { jwt: { claims: { sub: string } } } }
}

/** Places an order. */
export async function handler({ headers, body, requestContext }: Request) {
  const order = JSON.parse(body)
  const { items, charges = [] } = order
  const valid =
    isFields(order) &&
    hasOnly(order, known.order) &&
    isText(order.currency, 3) &&
    isCustomer(order.customer) &&
    isAddress(order.shippingAddress) &&
    Array.isArray(items) &&
    items.length >= 1 &&
    items.length <= 100 &&
    items.every(isItem) &&
    Array.isArray(charges) &&
    charges.every(isCharge)
  if (!valid) return { statusCode: 400, body: '{"title":"Bad Request"}' }

  const ownerId = requestContext.authorizer.jwt.claims.sub
  const sha256 = (text: string) => createHash('sha256').update(text).digest('hex')
  const orderId = `ord_${sha256(JSON.stringify([ownerId, headers['idempotency-key'] ?? order.reference])).slice(0, 32)}`
  const goods = items.reduce((sum: number, item) => sum + item.quantity * item.unitPrice, 0)
  const total = charges.reduce(
    (sum: number, { type, amount }) => sum + (type === 'discount' ? -Math.abs(amount) : amount),
    goods,
  )
  const now = Date.now()
  const at = new Date(now).toISOString()
  const { requestId } = requestContext
  const stored = {
    ...order,
    orderId,
    ownerId,
    total,
    status: 'CREATED',
    statusAt: at,
    createdAt: at,
    updatedAt: at,
    requestId,
    timeline: [{ at, type: 'CREATED' }],
    fingerprint: sha256(body),
    correlationId: requestId,
    traceparent: `00-${randomUUID().replaceAll('-', '')}-0000000000000001-01`,
    version: 1,
    attempts: 0,
    round: 0,
    deadLetterings: 0,
    outboxEventId: `${orderId}:CREATED`,
    outboxSends: 0,
    outboxClaimed: false,
    outboxPartition: `logistics#${orderId.at(-1)}`,
    outboxDueAt: new Date(now + 60_000).toISOString(),
  }
  await dynamoDb.send(
    new PutItemCommand({
      TableName: process.env.ORDER_TABLE_NAME,
      Item: marshall(stored),
      ConditionExpression: 'attribute_not_exists(orderId)',
      ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
    }),
  )
  const metadata = {
    eventId: `${orderId}:CREATED`,
    correlationId: requestId,
    occurredAt: at,
    schemaVersion: 1,
  }
  const data = {
    orderId,
    ownerId,
    status: 'CREATED',
    reference: order.reference,
    total,
    currency: order.currency,
  }
  await eventBridge.send(
    new PutEventsCommand({
      Entries: [
        {
          EventBusName: process.env.EVENT_BUS_NAME,
          Source: 'orders',
          DetailType: 'ORDER_CREATED',
          Detail: JSON.stringify({ metadata, data }),
          TraceHeader: process.env._X_AMZN_TRACE_ID,
        },
      ],
    }),
  )
  console.log(JSON.stringify({ level: 'INFO', message: 'Order created', timestamp: at, orderId }))
  return {
    statusCode: 201,
    headers: { 'content-type': 'application/json', location: `/orders/${orderId}` },
    body: JSON.stringify({
      orderId,
      status: 'CREATED',
      message: 'Order successfully created.',
      total,
      createdAt: at,
    }),
  }
}
