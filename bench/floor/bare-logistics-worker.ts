/**
 * The worker to measure ours against: the same calls for every message with the raw clients in a plain loop, no
 * schema, no framework, no failure handling, one log line.
 */
import { DynamoDBClient, PutItemCommand, UpdateItemCommand } from '@aws-sdk/client-dynamodb'
import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge'
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb'

const dynamoDb = new DynamoDBClient({})
// The same time-out as ours.
const eventBridge = new EventBridgeClient({
  requestHandler: { requestTimeout: 700, throwOnRequestTimeout: true },
})
const { IDEMPOTENCY_TABLE_NAME: locks, ORDER_TABLE_NAME: orders, VENDOR = '{}' } = process.env
const { url: vendor } = JSON.parse(VENDOR)

async function handle(body: string): Promise<void> {
  const { metadata, data } = JSON.parse(body).detail
  const id = { id: { S: metadata.eventId } }
  const now = Date.now()
  const lock = { ...id, status: { S: 'INPROGRESS' }, expiration: { N: `${now + 25_000}` } }
  await dynamoDb.send(
    new PutItemCommand({ TableName: locks, Item: lock, ConditionExpression: 'attribute_not_exists(id)' }),
  )
  const key = { orderId: { S: data.orderId } }
  const { Attributes = {} } = await dynamoDb.send(
    new UpdateItemCommand({
      TableName: orders,
      Key: key,
      UpdateExpression: 'SET claim = :claim, outboxDueAt = :dueAt',
      ConditionExpression: '#status = :from AND attribute_not_exists(claim)',
      ExpressionAttributeNames: { '#status': 'status' },
      ExpressionAttributeValues: marshall({
        ':from': 'CREATED',
        ':claim': { id: 'bare', until: new Date(now + 26_000).toISOString() },
        ':dueAt': new Date(now + 86_000).toISOString(),
      }),
      ReturnValues: 'ALL_OLD',
    }),
  )
  const order = unmarshall(Attributes)
  const answer = await fetch(`${vendor}/awbs`, {
    method: 'POST',
    signal: AbortSignal.timeout(3000),
    headers: { 'content-type': 'application/json', 'idempotency-key': `${order.orderId}:logistics:0` },
    body: JSON.stringify({
      reference: order.orderId,
      recipient: { name: order.shippingAddress.name, address: order.shippingAddress },
      parcel: { items: order.items },
    }),
  })
  const { awb, trackingUrl } = (await answer.json()) as { awb: string; trackingUrl: string }
  const at = new Date().toISOString()
  await dynamoDb.send(
    new UpdateItemCommand({
      TableName: orders,
      Key: key,
      UpdateExpression:
        'SET #status = :to, awb = :awb, trackingUrl = :url, updatedAt = :at, timeline = list_append(timeline, :log), outboxEventId = :event, outboxDueAt = :dueAt REMOVE claim',
      ConditionExpression: 'claim.id = :own',
      ExpressionAttributeNames: { '#status': 'status' },
      ExpressionAttributeValues: marshall({
        ':to': 'AWB_GENERATED',
        ':awb': awb,
        ':url': trackingUrl,
        ':at': at,
        ':own': 'bare',
        ':log': [{ at, type: 'AWB_GENERATED' }],
        ':event': `${order.orderId}:AWB_GENERATED`,
        ':dueAt': new Date(now + 60_000).toISOString(),
      }),
    }),
  )
  await eventBridge.send(
    new PutEventsCommand({
      Entries: [
        {
          EventBusName: process.env.EVENT_BUS_NAME,
          Source: 'orders',
          DetailType: 'AWB_GENERATED',
          Detail: JSON.stringify({ metadata: { ...metadata, occurredAt: at }, data: { ...data, awb } }),
          TraceHeader: process.env._X_AMZN_TRACE_ID,
        },
      ],
    }),
  )
  await dynamoDb.send(
    new UpdateItemCommand({
      TableName: locks,
      Key: id,
      UpdateExpression: 'SET #status = :done, expiration = :expiration',
      ExpressionAttributeNames: { '#status': 'status' },
      ExpressionAttributeValues: { ':done': { S: 'COMPLETED' }, ':expiration': { N: `${now + 3_600_000}` } },
    }),
  )
  console.log(JSON.stringify({ level: 'INFO', message: 'Step done', timestamp: at, orderId: order.orderId }))
}

/** Works off a batch. */
export async function handler({ Records }: { Records: { body: string }[] }) {
  await Promise.all(Records.map(({ body }) => handle(body)))
  return { batchItemFailures: [] }
}
