import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { EventBridgeClient } from '@aws-sdk/client-eventbridge'
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager'
import { SQSClient } from '@aws-sdk/client-sqs'
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb'
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb'
import type { Json } from '../models/aws-error.ts'
import type { Item } from '../models/expressions.ts'
import { callAws } from './aws.ts'
import { running } from './clock.ts'

/**
 * Replaces lambdas/runtime/aws-clients.ts: the SDK's own clients, whose calls go to the current world.
 * Time-outs and the SDK's retries are in aws.ts.
 */
interface Command {
  input: Json
}

const actionOf = (command: Command): string => command.constructor.name.replace(/Command$/, '')

const settings = { region: 'eu-west-1', credentials: { accessKeyId: 'x', secretAccessKey: 'x' } }

const onWire = <Client extends object>(client: Client, service: string): Client =>
  Object.assign(client, {
    send: (command: Command) => callAws(service, actionOf(command), command.input),
  })

/** The document client's names of commands whose plain names end in `Item`. */
const documentActions: Record<string, string> = {
  Get: 'GetItem',
  Put: 'PutItem',
  Update: 'UpdateItem',
  BatchGet: 'BatchGetItem',
  TransactWrite: 'TransactWriteItems',
}

const marshalled = (values: unknown) =>
  marshall(values, { removeUndefinedValues: true, convertClassInstanceToMap: true })
const maps = [
  'Item',
  'Key',
  'ExpressionAttributeValues',
  'ExclusiveStartKey',
  'Attributes',
  'LastEvaluatedKey',
]

function toWire(input: Json): Json {
  const wire = { ...input }
  for (const name of maps) if (wire[name] !== undefined) wire[name] = marshalled(wire[name])
  if (wire.TransactItems)
    wire.TransactItems = (wire.TransactItems as { Update: Json }[]).map(({ Update }) => ({
      Update: toWire(Update),
    }))
  if (wire.RequestItems) {
    const requests = Object.entries(wire.RequestItems as Record<string, { Keys: unknown[] }>)
    wire.RequestItems = Object.fromEntries(
      requests.map(([table, request]) => [table, { ...request, Keys: request.Keys.map(marshalled) }]),
    )
  }
  return wire
}

function fromWire(output: Json): Json {
  const documents = { ...output }
  for (const name of maps)
    if (documents[name] !== undefined) documents[name] = unmarshall(documents[name] as Item)
  const all = (items: unknown) => (items as Item[]).map((item) => unmarshall(item))
  if (documents.Items) documents.Items = all(documents.Items)
  for (const name of ['Responses', 'UnprocessedKeys'])
    if (documents[name]) {
      const tables = Object.entries(documents[name] as Record<string, Item[] | { Keys: Item[] }>)
      documents[name] = Object.fromEntries(
        tables.map(([table, of]) => [table, Array.isArray(of) ? all(of) : { ...of, Keys: all(of.Keys) }]),
      )
    }
  return documents
}

function isEmpty({ IndexName, ExpressionAttributeValues }: Json): boolean {
  const invocation = running.getStore()
  const partition = String((ExpressionAttributeValues as Json)[':partition'])
  const isRelays = IndexName === 'outbox' || IndexName === 'deadLetters'
  return isRelays && invocation !== undefined && !invocation.world.holds(IndexName, partition)
}

const client = onWire(new DynamoDBClient(settings), 'dynamodb')
const documents = Object.assign(DynamoDBDocumentClient.from(client), {
  send: async (command: Command) => {
    const action = actionOf(command)
    // The relay queries 16 shards of each consumer; empty ones are answered here to save time.
    if (action === 'Query' && isEmpty(command.input)) return { Items: [], Count: 0 }
    return fromWire(await callAws('dynamodb', documentActions[action] ?? action, toWire(command.input)))
  },
})
const eventBridge = onWire(new EventBridgeClient(settings), 'events')
const sqs = onWire(new SQSClient(settings), 'sqs')
const secretsManager = onWire(new SecretsManagerClient(settings), 'secretsmanager')

export const createDynamoDb = () => ({ client, documents })
export const createEventBridge = () => eventBridge
export const createSqs = () => sqs
export const createSecretsManager = () => secretsManager
export const systemClock = (): number => Date.now()
export const systemSleep = (ms: number): Promise<void> =>
  new Promise((resolve) => {
    const invocation = running.getStore()
    if (!invocation) throw new Error('A wait outside the simulation')
    invocation.world.timeline.after(ms, () => {
      if (!invocation.alive) return false
      resolve()
      return true
    })
  })
