import { once } from 'node:events'
import { rmSync } from 'node:fs'
import { createServer } from 'node:http'
import { createRequire } from 'node:module'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { build, type Plugin } from 'esbuild'
import { slimSdk } from '../../lib/slim-sdk/plugin.ts'

/** Attributes of every sort that a document of JSON has. */
const attributes = {
  text: { S: 'Zoë \u2028 "quoted" 😀' },
  empty: { S: '' },
  number: { N: '-1.5e-7' },
  yes: { BOOL: true },
  nothing: { NULL: true },
  list: { L: [{ S: 'a' }, { M: { constructor: { N: '1' } } }] },
}
const query = {
  TableName: 'orders',
  Limit: 3,
  ConsistentRead: true,
  ExclusiveStartKey: attributes,
  ExpressionAttributeNames: { '#s': 'status' },
  ExpressionAttributeValues: attributes,
}

/** Calls of each service, with the SDK as the bundles have it or as it comes. */
const contents = `
const query = ${JSON.stringify(query)}
import { DynamoDBClient, PutItemCommand, QueryCommand } from '@aws-sdk/client-dynamodb'
import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge'
const options = (endpoint) => ({ endpoint, region: 'eu-west-1', maxAttempts: 2 })
export const calls = {
  dynamodb: (endpoint) => new DynamoDBClient(options(endpoint)).send(
    new PutItemCommand({ TableName: 'orders', Item: { orderId: { S: '1' } }, ReturnValuesOnConditionCheckFailure: 'ALL_OLD' })),
  query: (endpoint) => new DynamoDBClient(options(endpoint)).send(new QueryCommand(query)),
  events: (endpoint) => new EventBridgeClient(options(endpoint)).send(
    new PutEventsCommand({ Entries: [{ Source: 'orders', DetailType: 'ORDER_CREATED', Detail: '{}' }] })),
}`

type Calls = Record<'dynamodb' | 'events' | 'query', (endpoint: string) => Promise<object>>

const folder = join(tmpdir(), `slim-sdk-${process.pid}`)

async function load(name: string, plugins: Plugin[]): Promise<Calls> {
  const outfile = join(folder, `${name}.cjs`)
  await build({
    stdin: { contents, resolveDir: import.meta.dirname },
    outfile,
    plugins,
    bundle: true,
    platform: 'node',
    target: 'node24',
    format: 'cjs',
    mainFields: ['module', 'main'],
  })
  return createRequire(import.meta.url)(outfile).calls
}

let requests = 0
let received = ''
let answer = { status: 200, body: '{}' }
const aws = createServer(async (request, response) => {
  requests += 1
  received = await text(request)
  response.writeHead(answer.status, { 'content-type': 'application/x-amz-json-1.0' }).end(answer.body)
})
let endpoint = ''
let stock: Calls
let slim: Calls
const saved = { ...process.env }

beforeAll(async () => {
  aws.listen(0, '127.0.0.1')
  await once(aws, 'listening')
  endpoint = `http://127.0.0.1:${(aws.address() as AddressInfo).port}`
  Object.assign(process.env, { AWS_ACCESS_KEY_ID: 'test', AWS_SECRET_ACCESS_KEY: 'test' })
  stock = await load('stock', [])
  slim = await load('slim', [slimSdk])
})
afterAll(() => {
  process.env = saved
  aws.closeAllConnections()
  aws.close()
  rmSync(folder, { recursive: true, force: true })
})

/** What a caller can tell of an error, and how often the service was asked. */
async function told(call: (endpoint: string) => Promise<unknown>) {
  requests = 0
  const error = await call(endpoint).then(
    () => undefined,
    (reason) => reason,
  )
  const { name, message, $fault, $metadata, Item } = error
  return { name, message, $fault, status: $metadata.httpStatusCode, Item, requests }
}

const dynamoDb = 'com.amazonaws.dynamodb.v20120810'
const events = 'com.amazonaws.eventbridge'
test.each([
  ['dynamodb', 400, `${dynamoDb}#ConditionalCheckFailedException`, 1],
  ['dynamodb', 400, `${dynamoDb}#ResourceNotFoundException`, 1],
  ['dynamodb', 400, `${dynamoDb}#TransactionConflictException`, 1],
  ['dynamodb', 400, 'com.amazon.coral.validate#ValidationException', 1],
  ['dynamodb', 400, `${dynamoDb}#ProvisionedThroughputExceededException`, 2],
  ['dynamodb', 400, `${dynamoDb}#RequestLimitExceeded`, 2],
  ['dynamodb', 400, `${dynamoDb}#ThrottlingException`, 2],
  ['dynamodb', 500, `${dynamoDb}#InternalServerError`, 2],
  ['events', 400, `${events}#ResourceNotFoundException`, 1],
  ['events', 400, `${events}#ThrottlingException`, 2],
  ['events', 500, `${events}#InternalException`, 2],
] as const)(
  '%s: %i %s is told and retried as by the SDK that is not slim',
  async (service, status, type, asked) => {
    answer = { status, body: JSON.stringify({ __type: type, message: 'why', Item: { orderId: { S: '1' } } }) }

    const bySlim = await told(slim[service])

    expect(bySlim).toEqual(await told(stock[service]))
    expect(bySlim).toMatchObject({ name: type.replace(/^.*#/, ''), status, requests: asked })
  },
)

test('DynamoDB is asked and understood as by the SDK that is not slim', async () => {
  answer = {
    status: 200,
    body: JSON.stringify({
      Items: [attributes, {}],
      LastEvaluatedKey: attributes,
      Count: 2,
      ScannedCount: 3,
    }),
  }
  const talk = async ({ query: ask }: Calls) => {
    const { $metadata, ...output } = (await ask(endpoint)) as { $metadata: object }
    return { asked: JSON.parse(received), output }
  }

  const bySlim = await talk(slim)

  expect(bySlim).toEqual(await talk(stock))
  expect(bySlim.output).toMatchObject({ Items: [attributes, {}], Count: 2 })
})
