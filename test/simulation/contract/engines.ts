import { EventEmitter } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { SQSClient } from '@aws-sdk/client-sqs'
import { type HttpRequest, HttpResponse } from '@smithy/core/protocols'
import * as z from 'zod'
import { createActivity } from '../../../local/activity.ts'
import { createDynamoDb } from '../../../local/services/dynamodb.ts'
import { createSqs } from '../../../local/services/sqs.ts'
import { AwsError } from '../models/aws-error.ts'
import { createDynamoDbModel } from '../models/dynamodb.ts'
import { createSqsModel } from '../models/sqs.ts'

/** Something that behaves like AWS, or is it. */
export interface Engine {
  dynamoDb: DynamoDBClient
  sqs: SQSClient
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
    wait: async (ms) => {
      now += ms
    },
    close: async () => {},
  }
}

/** The engines that `npm start` runs on: dynalite and fauxqs, with what local/ puts in front of them. */
export async function embedded(): Promise<Engine> {
  const engine = createDynamoDb()
  for (const table of tables('')) await engine.call('CreateTable', table)
  const activity = createActivity()
  const queues = createSqs({ endpoint: 'http://in.process', activity: new EventEmitter() })
  void activity
  return {
    dynamoDb: new DynamoDBClient(inProcess((action, input) => engine.call(action, input))),
    sqs: new SQSClient(inProcess((action, input) => queues.call(action, input))),
    wait: async (ms) => void (await sleep(ms)),
    close: () => queues.close(),
  }
}

export { AwsError }
