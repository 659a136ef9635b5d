import type { Json } from '../models/aws-error.ts'
import type { FaultPointKind } from './fault-points.ts'

/** A call's name in the log, and the kind of faults that it allows. */
export interface Label {
  text: string
  kind: FaultPointKind
}

/** Shortens order ids for the log to their last four characters. */
export const short = (text: string): string => text.replace(/ord_[0-9a-f]{28}([0-9a-f]{4})/g, 'order …$1')

const stringAt = (json: unknown, ...path: string[]): string => {
  let value = json
  for (const name of path) value = (value as Json | undefined)?.[name]
  return typeof value === 'string' ? value : ''
}

/** The purpose of an order's update, recognized by the repository's expressions. */
function purposeOfUpdate(input: Json): string {
  const condition = String(input.ConditionExpression)
  const update = String(input.UpdateExpression)
  if (condition.includes('deadLettered')) return 'claim'
  if (condition.includes('#claim.#id')) return 'conclude'
  if (condition.includes('version = ')) return 'change'
  if (update.startsWith('REMOVE outboxEventId')) return 'clear mark'
  if (update.includes('outboxDueAt = :dueAt')) return 'push mark'
  return 'update'
}

/** The table of a DynamoDB call. None of our calls involves more than one. */
export function tableOf({ TableName, RequestItems = {}, TransactItems = [] }: Json): string {
  const [first] = TransactItems as { Update: Json }[]
  return String(TableName ?? first?.Update.TableName ?? Object.keys(RequestItems as Json)[0])
}

function dynamoDb(action: string, input: Json): Label {
  const table = tableOf(input)
  const read = action === 'GetItem' || action === 'Query' || action === 'BatchGetItem'
  const kind = read ? 'read' : 'write'
  if (table === 'orders') {
    const key = stringAt(input, 'Key', 'orderId', 'S') || stringAt(input, 'Item', 'orderId', 'S')
    const partition = stringAt(input, 'ExpressionAttributeValues', ':partition', 'S')
    const words: Record<string, string> = {
      GetItem: `get ${key}`,
      PutItem: `put ${key}`,
      UpdateItem: `${purposeOfUpdate(input)} ${key}`,
      BatchGetItem: 'get orders',
      TransactWriteItems: 'push marks',
      Query: `${input.Select === 'COUNT' ? 'count' : 'query'} ${partition}`,
    }
    return { text: words[action] ?? action, kind }
  }
  const verb = action.replace('Item', '').toLowerCase()
  if (table === 'circuits')
    return { text: `${verb} circuit of ${stringAt(input, 'Key', 'vendor', 'S')}`, kind }
  // Powertools hashes the key of its record.
  const lock = stringAt(input, 'Key', 'id', 'S') || stringAt(input, 'Item', 'id', 'S')
  return { text: `${verb} lock ${lock.replace(/^.*#/, '').slice(0, 4)}`, kind }
}

/** Names an AWS call. */
export function labelOf(service: string, action: string, input: Json): Label {
  if (service === 'dynamodb') return dynamoDb(action, input)
  if (service === 'events') {
    const entries = input.Entries as { DetailType: string; Detail: string }[]
    const about = entries.map(({ DetailType, Detail }) => `${DetailType} ${/ord_\w+/.exec(Detail)?.[0]}`)
    return { text: `publish ${about.join(' + ')}`, kind: 'batch' }
  }
  if (service === 'secretsmanager') return { text: 'read secret', kind: 'read' }
  const queue = String(input.QueueUrl).split('/').at(-1)
  const words: Record<string, Label> = {
    ChangeMessageVisibility: { text: `hide message in ${queue}`, kind: 'write' },
    SendMessage: {
      text: `send to ${queue} ${/ord_\w{32}/.exec(String(input.MessageBody))?.[0] ?? ''}`,
      kind: 'write',
    },
    SendMessageBatch: { text: `send batch to ${queue}`, kind: 'batch' },
    GetQueueAttributes: { text: `depth of ${queue}`, kind: 'read' },
  }
  return words[action] ?? { text: `${service} ${action}`, kind: 'write' }
}
