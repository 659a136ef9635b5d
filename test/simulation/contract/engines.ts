import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import {
  CreateTableCommand,
  DeleteTableCommand,
  DynamoDBClient,
  waitUntilTableExists,
} from '@aws-sdk/client-dynamodb'
import { EventBridgeClient } from '@aws-sdk/client-eventbridge'
import { CreateQueueCommand, DeleteQueueCommand, SQSClient } from '@aws-sdk/client-sqs'
import * as z from 'zod'
import { createActivity } from '../../../local/activity.ts'
import { createDynamoDb } from '../../../local/services/dynamodb.ts'
import { createSqs } from '../../../local/services/sqs.ts'
import { createDynamoDbModel } from '../models/dynamodb.ts'
import { createSqsModel } from '../models/sqs.ts'
import { tableModels } from '../models/tables.ts'
import { arnOf, type Bus, embeddedBus, modelBus, provisionedBus, type Target } from './buses.ts'
import { inProcess } from './wire.ts'

/** An implementation of AWS's services, or AWS itself, with tables of the suite's own. */
export interface Engine {
  dynamoDb: DynamoDBClient
  tableName(name: string): string
  /** Waits, because on AWS an index lags behind its table; returns at once in the models. */
  wait(ms: number): Promise<void>
  newQueues(): Promise<Queues>
  newBus(): Promise<Bus>
  /** Whether the engine accepts messages that SQS refuses, as fauxqs does. */
  takesAnyMessage: boolean
  close(): Promise<void>
}

/** A queue and its DLQ, and a way to let time pass for them. */
export interface Queues {
  sqs: SQSClient
  work: string
  dead: string
  wait(ms: number): Promise<void>
}

/** The visibility timeout and the maximum receive count of the suite's queues. */
export const visibilityTimeoutMs = 1000
export const maxReceiveCount = 2

const key = (name: string) => ({ AttributeName: name, AttributeType: 'S' as const })
const hash = (AttributeName: string) => ({ AttributeName, KeyType: 'HASH' as const })
const range = (AttributeName: string) => ({ AttributeName, KeyType: 'RANGE' as const })

/** The suite's tables, as input of CreateTable. */
export const tables = (prefix: string) => [
  {
    TableName: `${prefix}orders`,
    KeySchema: [hash('orderId')],
    AttributeDefinitions: [
      'orderId',
      ...['ownerId', 'createdAt', 'outboxPartition', 'outboxDueAt', 'deadLetterPartition', 'deadLetteredAt'],
    ].map(key),
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
      {
        IndexName: 'deadLetters',
        KeySchema: [hash('deadLetterPartition'), range('deadLetteredAt')],
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

/** The simulation's models, under a clock that is advanced by hand. */
export async function models(): Promise<Engine> {
  const { service } = createDynamoDbModel(tableModels)
  return {
    dynamoDb: new DynamoDBClient(inProcess(service)),
    tableName: (name) => name,
    wait: async () => {},
    async newQueues() {
      let now = Date.UTC(2026, 10, 2)
      const deadLetterQueue = { name: 'dead', maxReceiveCount }
      const queues = { work: { visibilityTimeoutMs, deadLetterQueue }, dead: { visibilityTimeoutMs } }
      return {
        sqs: new SQSClient(inProcess(createSqsModel(queues, () => now).service)),
        work: 'http://in.process/0/work',
        dead: 'http://in.process/0/dead',
        wait: async (ms) => {
          now += ms
        },
      }
    },
    newBus: async () => modelBus(),
    takesAnyMessage: false,
    close: async () => {},
  }
}

const pass = async (ms: number): Promise<void> => void (await sleep(ms))

/** Creates a queue and its DLQ. */
async function createQueues(sqs: SQSClient): Promise<Queues> {
  const prefix = `contract-${randomUUID().slice(0, 8)}`
  const create = async (name: string, attributes: Record<string, string>): Promise<string> => {
    const Attributes = { VisibilityTimeout: `${visibilityTimeoutMs / 1000}`, ...attributes }
    const { QueueUrl } = await sqs.send(
      new CreateQueueCommand({ QueueName: `${prefix}-${name}`, Attributes }),
    )
    return z.parse(z.string(), QueueUrl)
  }
  const dead = await create('dead', {})
  const RedrivePolicy = JSON.stringify({ deadLetterTargetArn: await arnOf(sqs, dead), maxReceiveCount })
  return { sqs, dead, work: await create('work', { RedrivePolicy }), wait: pass }
}

type StartBus = (target: Target) => Promise<Bus>

/** An engine that creates tables and queues with unique names, and deletes them on `close`. */
async function provisioned(
  dynamoDb: DynamoDBClient,
  sqs: SQSClient,
  { takesAnyMessage, startBus, close }: Pick<Engine, 'takesAnyMessage' | 'close'> & { startBus: StartBus },
): Promise<Engine> {
  const prefix = `contract-${randomUUID().slice(0, 8)}-`
  const made: Queues[] = []
  const buses: Bus[] = []
  for (const table of tables(prefix)) {
    await dynamoDb.send(new CreateTableCommand(table))
    await waitUntilTableExists(
      { client: dynamoDb, maxWaitTime: 120, minDelay: 0.1 },
      { TableName: table.TableName },
    )
  }
  return {
    dynamoDb,
    takesAnyMessage,
    wait: pass,
    tableName: (name) => prefix + name,
    async newQueues() {
      const queues = await createQueues(sqs)
      made.push(queues)
      return queues
    },
    async newBus() {
      const queues = await createQueues(sqs)
      made.push(queues)
      const bus = await startBus({ sqs, url: queues.work, arn: await arnOf(sqs, queues.work) })
      buses.push(bus)
      return bus
    },
    async close() {
      for (const bus of buses) await bus.remove()
      for (const { work, dead } of made)
        for (const QueueUrl of [work, dead]) await sqs.send(new DeleteQueueCommand({ QueueUrl }))
      for (const { TableName } of tables(prefix)) await dynamoDb.send(new DeleteTableCommand({ TableName }))
      await close()
    },
  }
}

/** The engines of the embedded cloud: dynalite and fauxqs, wrapped by local/. */
export function embedded(): Promise<Engine> {
  const dynamoDb = createDynamoDb()
  const sqs = createSqs({ endpoint: 'http://in.process', activity: createActivity() })
  return provisioned(
    new DynamoDBClient(inProcess((action, input) => dynamoDb.call(action, input))),
    new SQSClient(inProcess((action, input) => sqs.call(action, input))),
    { takesAnyMessage: true, startBus: (target) => embeddedBus(sqs, target), close: () => sqs.close() },
  )
}

/**
 * AWS (`CONTRACT_ENDPOINT=aws`), or an endpoint that implements AWS's API. Region and credentials come from the
 * environment, as for any SDK client.
 */
export function atEndpoint(endpoint: string): Promise<Engine> {
  const settings = endpoint === 'aws' ? {} : { endpoint }
  const events = new EventBridgeClient(settings)
  return provisioned(new DynamoDBClient(settings), new SQSClient(settings), {
    takesAnyMessage: false,
    startBus: (target) => provisionedBus(events, target),
    close: async () => {},
  })
}
