import { setImmediate as nextTurn } from 'node:timers/promises'
import { type AttributeValue, DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb'
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb'
import { jest } from '@jest/globals'
import { type HttpRequest, HttpResponse } from '@smithy/core/protocols'
import * as z from 'zod'
import { AwsError, type AwsService, type Json } from '../../local/services/aws-service.ts'
import { createDynamoDb as createEngine } from '../../local/services/dynamodb.ts'

// An engine's calls are work of this process: where many processes share few cores, they take their time.
jest.setTimeout(30_000)

const encode = (statusCode: number, body: unknown) => ({
  response: new HttpResponse({
    statusCode,
    headers: { 'content-type': 'application/x-amz-json-1.0' },
    body: new TextEncoder().encode(JSON.stringify(body)),
  }),
})

const key = (name: string) => ({ AttributeName: name, AttributeType: 'S' })
const index = (IndexName: string, hash: string, range: string, ProjectionType: string) => ({
  IndexName,
  KeySchema: [
    { AttributeName: hash, KeyType: 'HASH' },
    { AttributeName: range, KeyType: 'RANGE' },
  ],
  Projection: { ProjectionType },
})
const table = (hash: string) => ({
  BillingMode: 'PAY_PER_REQUEST',
  KeySchema: [{ AttributeName: hash, KeyType: 'HASH' }],
})

/** The tables of lib/, as far as our code sees them. */
const tables = [
  {
    TableName: 'orders',
    ...table('orderId'),
    AttributeDefinitions: [
      'orderId',
      ...[
        'ownerId',
        'createdAt',
        'awb',
        'outboxPartition',
        'outboxDueAt',
        'deadLetterPartition',
        'deadLetteredAt',
      ],
    ].map(key),
    GlobalSecondaryIndexes: [
      index('byOwner', 'ownerId', 'createdAt', 'KEYS_ONLY'),
      index('byAwb', 'awb', 'createdAt', 'KEYS_ONLY'),
      index('outbox', 'outboxPartition', 'outboxDueAt', 'KEYS_ONLY'),
      index('deadLetters', 'deadLetterPartition', 'deadLetteredAt', 'KEYS_ONLY'),
    ],
  },
  { TableName: 'circuits', ...table('vendor'), AttributeDefinitions: [key('vendor')] },
  { TableName: 'locks', ...table('id'), AttributeDefinitions: [key('id')] },
  {
    TableName: 'simulators',
    BillingMode: 'PAY_PER_REQUEST',
    KeySchema: index('', 'vendor', 'id', '').KeySchema,
    AttributeDefinitions: [key('vendor'), key('id')],
  },
]

const description = z.object({ Table: z.object({ TableStatus: z.string() }) })
const isActive = async (call: AwsService['call'], TableName: string): Promise<boolean> =>
  description.parse(await call('DescribeTable', { TableName })).Table.TableStatus === 'ACTIVE'

const stored = z.object({ Item: z.custom<Record<string, AttributeValue>>().optional() })

/**
 * A DynamoDB of a test's own: the real client, and behind it in this process an engine that evaluates every
 * expression. `calls` lists what was asked; `fail` decides which calls fail instead, by throwing.
 */
export async function createDynamoDb() {
  const engine = createEngine()
  for (const each of tables) {
    await engine.call('CreateTable', each)
    while (!(await isActive(engine.call, each.TableName))) await nextTurn()
  }
  const calls: { action: string; table: string; input: Json }[] = []
  const faults: { before?: ((action: string, input: Json) => void) | undefined; lost?: string } = {}

  async function handle(request: HttpRequest) {
    const action = request.headers['x-amz-target']?.split('.')[1] ?? ''
    const input: Json = JSON.parse(new TextDecoder().decode(request.body))
    calls.push({ action, table: String(input.TableName), input })
    try {
      faults.before?.(action, input)
      if (faults.lost === action) {
        delete faults.lost
        await engine.call(action, input)
        calls.push({ action, table: String(input.TableName), input })
      }
      return encode(200, await engine.call(action, input))
    } catch (error) {
      if (!(error instanceof AwsError)) throw error
      const { code, message, status, fields } = error
      return encode(status, { ...fields, __type: `com.amazonaws.dynamodb.v20120810#${code}`, message })
    }
  }

  const client = new DynamoDBClient({
    region: 'us-east-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    signer: { sign: async (request) => request },
    maxAttempts: 1,
    requestHandler: { handle, updateHttpClientConfig: () => {}, httpHandlerConfigs: () => ({}) },
  })
  const documents = DynamoDBDocumentClient.from(client, { marshallOptions: { removeUndefinedValues: true } })
  return {
    client,
    documents,
    calls,
    /** The actions that were called since the last time this was asked. */
    takeCalls: () => calls.splice(0).map(({ action }) => action),
    /** Lets calls fail as long as `before` throws; without it they work again. */
    failWhen: (before?: (action: string, input: Json) => void) => {
      faults.before = before
    },
    /** The answer to the next call of an action is lost, and the call made again, as the SDK does. */
    loseAnswer: (action: string) => {
      faults.lost = action
    },
    /** Puts an item into a table, unseen by `calls` and `failWhen`. */
    put: async (TableName: string, item: object): Promise<void> => {
      await engine.call('PutItem', { TableName, Item: marshall(item, { removeUndefinedValues: true }) })
    },
    /** Reads an item as it is stored, unseen by `calls` and `failWhen`. */
    read: async (TableName: string, key: Record<string, string>): Promise<Json | undefined> => {
      const { Item } = stored.parse(
        await engine.call('GetItem', { TableName, Key: marshall(key), ConsistentRead: true }),
      )
      return Item && unmarshall(Item)
    },
  }
}
/** See {@link createDynamoDb}. */
export type DynamoDb = Awaited<ReturnType<typeof createDynamoDb>>
