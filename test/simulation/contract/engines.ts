import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import {
  CreateTableCommand,
  DeleteTableCommand,
  DynamoDBClient,
  waitUntilTableExists,
} from '@aws-sdk/client-dynamodb'
import {
  CreateQueueCommand,
  DeleteQueueCommand,
  GetQueueAttributesCommand,
  SQSClient,
} from '@aws-sdk/client-sqs'
import { type HttpRequest, HttpResponse } from '@smithy/core/protocols'
import * as z from 'zod'
import { createActivity } from '../../../local/activity.ts'
import { createDynamoDb } from '../../../local/services/dynamodb.ts'
import { createSqs } from '../../../local/services/sqs.ts'
import { createDynamoDbModel } from '../models/dynamodb.ts'
import { createSqsModel } from '../models/sqs.ts'

/** Something that behaves like AWS, or is it. Its tables and queues are the suite's own. */
export interface Engine {
  dynamoDb: DynamoDBClient
  sqs: SQSClient
  tableName(name: string): string
  queueUrl(name: 'work' | 'dead'): string
  /** Lets so much time pass. */
  wait(ms: number): Promise<void>
  close(): Promise<void>
}

/** How long a message of the suite's queues stays hidden after a receive, and how often it is received. */
export const visibilityTimeoutMs = 2000
export const maxReceiveCount = 2

type Call = (action: string, input: Record<string, unknown>) => Promise<object>

const failure = z.object({
  code: z.string(),
  message: z.string(),
  fields: z.optional(z.record(z.string(), z.unknown())),
})

const respond = (statusCode: number, body: object, headers: Record<string, string> = {}) => ({
  response: new HttpResponse({
    statusCode,
    headers: { 'content-type': 'application/x-amz-json-1.0', ...headers },
    body: new TextEncoder().encode(JSON.stringify(body)),
  }),
})

/** The settings of an SDK client whose wire ends in this process. */
const inProcess = (call: Call) => ({
  region: 'us-east-1',
  endpoint: 'http://in.process',
  credentials: { accessKeyId: 'x', secretAccessKey: 'x' },
  // What no engine says of itself: the checksum of an answer.
  md5: false as const,
  maxAttempts: 1,
  requestHandler: {
    async handle({ headers, body }: HttpRequest) {
      const action = headers['x-amz-target']?.split('.')[1] ?? ''
      const input = JSON.parse(typeof body === 'string' ? body : new TextDecoder().decode(body))
      try {
        return respond(200, await call(action, input))
      } catch (error) {
        const { code, message, fields } = failure.parse(error)
        return respond(400, { ...fields, __type: code, message })
      }
    },
  },
})

const key = (name: string) => ({ AttributeName: name, AttributeType: 'S' as const })
const hash = (AttributeName: string) => ({ AttributeName, KeyType: 'HASH' as const })
const range = (AttributeName: string) => ({ AttributeName, KeyType: 'RANGE' as const })

/** The tables of the suite, as CreateTable wants them. */
export const tables = (prefix: string) => [
  {
    TableName: `${prefix}orders`,
    KeySchema: [hash('orderId')],
    AttributeDefinitions: ['orderId', 'ownerId', 'createdAt', 'outboxPartition', 'outboxDueAt'].map(key),
    BillingMode: 'PAY_PER_REQUEST' as const,
    GlobalSecondaryIndexes: [
      {
        IndexName: 'byOwner',
        KeySchema: [hash('ownerId'), range('createdAt')],
        Projection: { ProjectionType: 'KEYS_ONLY' as const },
      },
      {
        IndexName: 'outbox',
        KeySchema: [hash('outboxPartition'), range('outboxDueAt')],
        Projection: { ProjectionType: 'KEYS_ONLY' as const },
      },
    ],
  },
  ...(['locks', 'circuits'] as const).map((name) => ({
    TableName: `${prefix}${name}`,
    KeySchema: [hash(name === 'locks' ? 'id' : 'vendor')],
    AttributeDefinitions: [key(name === 'locks' ? 'id' : 'vendor')],
    BillingMode: 'PAY_PER_REQUEST' as const,
  })),
]

/** The same tables, as the model wants them. */
export const tableModels = {
  orders: {
    key: 'orderId',
    indexes: {
      outbox: { hash: 'outboxPartition', range: 'outboxDueAt' },
      byOwner: { hash: 'ownerId', range: 'createdAt' },
    },
  },
  locks: { key: 'id' },
  circuits: { key: 'vendor' },
}

/** The models that the simulation runs on: time passes when it is told to. */
export async function models(): Promise<Engine> {
  let now = Date.UTC(2026, 10, 2)
  const dynamoDb = createDynamoDbModel(tableModels)
  const deadLetterQueue = { name: 'dead', maxReceiveCount }
  const sqs = createSqsModel(
    { work: { visibilityTimeoutMs, deadLetterQueue }, dead: { visibilityTimeoutMs } },
    () => now,
  )
  return {
    dynamoDb: new DynamoDBClient(inProcess(dynamoDb.service)),
    sqs: new SQSClient(inProcess(sqs.service)),
    tableName: (name) => name,
    queueUrl: (name) => `http://in.process/0/${name}`,
    wait: async (ms) => {
      now += ms
    },
    close: async () => {},
  }
}

/** Real clients' engine: makes its tables and queues under names of their own. */
async function provisioned(
  dynamoDb: DynamoDBClient,
  sqs: SQSClient,
  close: () => Promise<void>,
): Promise<Engine> {
  const prefix = `contract-${randomUUID().slice(0, 8)}-`
  for (const table of tables(prefix)) {
    await dynamoDb.send(new CreateTableCommand(table))
    await waitUntilTableExists(
      { client: dynamoDb, maxWaitTime: 120, minDelay: 0.1 },
      { TableName: table.TableName },
    )
  }
  const urls = new Map<string, string>()
  const create = async (name: string, Attributes: Record<string, string>) => {
    const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: prefix + name, Attributes }))
    urls.set(name, z.parse(z.string(), QueueUrl))
  }
  const VisibilityTimeout = `${visibilityTimeoutMs / 1000}`
  await create('dead', { VisibilityTimeout })
  const { Attributes = {} } = await sqs.send(
    new GetQueueAttributesCommand({ QueueUrl: urls.get('dead'), AttributeNames: ['QueueArn'] }),
  )
  const RedrivePolicy = JSON.stringify({ deadLetterTargetArn: Attributes.QueueArn, maxReceiveCount })
  await create('work', { VisibilityTimeout, RedrivePolicy })
  return {
    ...{ dynamoDb, sqs },
    tableName: (name) => prefix + name,
    queueUrl: (name) => urls.get(name) ?? '',
    wait: async (ms) => void (await sleep(ms)),
    close: async () => {
      for (const QueueUrl of urls.values()) await sqs.send(new DeleteQueueCommand({ QueueUrl }))
      for (const { TableName } of tables(prefix)) await dynamoDb.send(new DeleteTableCommand({ TableName }))
      await close()
    },
  }
}

/** The engines that `npm start` runs on: dynalite and fauxqs, with what local/ puts in front of them. */
export function embedded(): Promise<Engine> {
  const dynamoDb = createDynamoDb()
  const sqs = createSqs({ endpoint: 'http://in.process', activity: createActivity() })
  return provisioned(
    new DynamoDBClient(inProcess((action, input) => dynamoDb.call(action, input))),
    new SQSClient(inProcess((action, input) => sqs.call(action, input))),
    () => sqs.close(),
  )
}

/**
 * AWS, or whatever answers at an endpoint as AWS would: `CONTRACT_ENDPOINT=aws` means AWS itself. Region and
 * credentials come from the environment, as for any SDK client.
 */
export function atEndpoint(endpoint: string): Promise<Engine> {
  const settings = endpoint === 'aws' ? {} : { endpoint }
  return provisioned(new DynamoDBClient(settings), new SQSClient(settings), async () => {})
}
