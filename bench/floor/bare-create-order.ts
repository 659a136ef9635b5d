/** The handler that ours is compared with: the same write, event and answer, with the raw clients, validation by hand and no framework. */
import { createHash } from 'node:crypto'
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

const setOf = (names: string): ReadonlySet<string> => new Set(names.split(' '))
const known = {
  order: setOf('reference currency customer shippingAddress items charges shippingService metadata'),
  customer: setOf('name company email phone'),
  address: setOf('name company phone email line1 line2 city region postalCode country'),
  item: setOf('sku name quantity unitPrice weightGrams dimensionsMm hsCode originCountry'),
  dimensions: setOf('length width height'),
  charge: setOf('type amount'),
}

const isBox = (value: unknown) =>
  isFields(value) &&
  hasOnly(value, known.dimensions) &&
  [value.length, value.width, value.height].every((each) => isWhole(each, 1, 1e5))

const isItem = (value: unknown): value is { quantity: number; unitPrice: number } =>
  isFields(value) &&
  hasOnly(value, known.item) &&
  isText(value.sku, 100) &&
  isOptionalText(value.name, 300) &&
  isWhole(value.quantity, 1, 1e6) &&
  isWhole(value.unitPrice, 0, 1e12) &&
  (value.weightGrams === undefined || isWhole(value.weightGrams, 0, 1e8)) &&
  (value.dimensionsMm === undefined || isBox(value.dimensionsMm)) &&
  isOptionalText(value.hsCode, 20) &&
  isOptionalText(value.originCountry, 2)

const isCharge = (value: unknown): value is { type: string; amount: number } =>
  isFields(value) &&
  hasOnly(value, known.charge) &&
  ['tax', 'shipping', 'discount'].includes(String(value.type)) &&
  isWhole(value.amount, -1e12, 1e12)

/** Whom to reach: the buyer, or the recipient. */
const isContact = ({ name, company, email, phone }: Fields) =>
  isText(name, 200) &&
  isOptionalText(company, 200) &&
  (email === undefined || (isText(email, 254) && /^[^@\s]+@[^@\s]+\.[^@\s]+$/.test(email))) &&
  isOptionalText(phone, 40)

const isAddress = (value: unknown) =>
  isFields(value) &&
  hasOnly(value, known.address) &&
  isContact(value) &&
  isText(value.line1, 200) &&
  isOptionalText(value.line2, 200) &&
  isText(value.city, 100) &&
  isOptionalText(value.region, 100) &&
  isOptionalText(value.postalCode, 20) &&
  isText(value.country, 2)

const trace = /Root=1-([0-9a-f]{8})-([0-9a-f]{24});Parent=([0-9a-f]{16})/

interface Request {
  headers: Record<string, string>
  body: string
  requestContext: { requestId: string; authorizer: { jwt: { claims: { sub: string } } } }
}

/** Places an order. */
export async function handler({ headers, body, requestContext: { requestId, authorizer } }: Request) {
  const order = JSON.parse(body)
  const { items, charges = [] } = order
  const valid =
    isFields(order) &&
    hasOnly(order, known.order) &&
    isText(order.currency, 3) &&
    isFields(order.customer) &&
    hasOnly(order.customer, known.customer) &&
    isContact(order.customer) &&
    isAddress(order.shippingAddress) &&
    Array.isArray(items) &&
    items.length >= 1 &&
    items.length <= 100 &&
    items.every(isItem) &&
    Array.isArray(charges) &&
    charges.every(isCharge)
  if (!valid) return { statusCode: 400, body: '{"title":"Bad Request"}' }

  const ownerId = authorizer.jwt.claims.sub
  const sha256 = (text: string) => createHash('sha256').update(text).digest('hex')
  const orderId = `ord_${sha256(JSON.stringify([ownerId, headers['idempotency-key'] ?? order.reference])).slice(0, 32)}`
  const goods = items.reduce((sum: number, item) => sum + item.quantity * item.unitPrice, 0)
  const total = charges.reduce(
    (sum: number, { type, amount }) => sum + (type === 'discount' ? -Math.abs(amount) : amount),
    goods,
  )
  const now = Date.now()
  const at = new Date(now).toISOString()
  const [, epoch, unique, parent] = trace.exec(process.env._X_AMZN_TRACE_ID ?? '') ?? []
  const traceparent = `00-${epoch}${unique}-${parent}-01`
  const nonce = Math.random().toString(36).slice(2, 7)
  const eventId = `${orderId}:${nonce}:CREATED`
  const outboxShard = Number.parseInt(orderId.slice(-1), 16)
  const lane = 'carrier'
  const shown = { orderId, status: 'CREATED', total, currency: order.currency }
  const stored = {
    ...order,
    ...shown,
    nonce,
    vendors: { logistics: lane, wms: 'warehouse' },
    outboxShard,
    ownerId,
    statusAt: at,
    createdAt: at,
    updatedAt: at,
    requestId,
    timeline: [{ at, type: 'CREATED', by: 'shop' }],
    audit: [{ at, action: 'CREATED', by: 'shop', who: ownerId }],
    fingerprint: sha256(body),
    correlationId: requestId,
    traceparent,
    version: 1,
    attempts: 0,
    round: 0,
    made: {},
    deadLetterings: 0,
    outboxEventId: eventId,
    outboxSends: 0,
    outboxClaimed: false,
    outboxPartition: `${lane}#${outboxShard.toString(16)}`,
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
  const metadata = { eventId, correlationId: requestId, traceparent, occurredAt: at, schemaVersion: 1 }
  const data = { ...shown, ownerId, lane, reference: order.reference }
  await eventBridge.send(
    new PutEventsCommand({
      Entries: [
        {
          EventBusName: process.env.EVENT_BUS_NAME,
          Source: 'orders',
          DetailType: 'ORDER_CREATED',
          Detail: JSON.stringify({ metadata, data }),
          TraceHeader: `Root=1-${epoch}-${unique};Parent=${parent};Sampled=1`,
        },
      ],
    }),
  )
  console.log(JSON.stringify({ level: 'INFO', message: 'Order created', timestamp: at, orderId }))
  return {
    statusCode: 201,
    headers: { 'content-type': 'application/json', location: `/orders/${orderId}` },
    body: JSON.stringify({ ...shown, message: 'Order successfully created.', createdAt: at }),
  }
}
