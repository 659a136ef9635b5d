import { AwsError, type Json, NotModelled, type Service } from './aws-error.ts'
import {
  assertAllUsed,
  compare,
  conditionOf,
  type Item,
  type Placeholders,
  Reader,
  type Value,
} from './expressions.ts'
import { updated } from './updates.ts'

/** A secondary index: its keys, and the other attributes that it projects (none if `undefined`). */
export interface IndexModel {
  hash: string
  range: string
  projects?: readonly string[]
}

/** A table: its key, which has no range, and its indexes. */
export interface TableModel {
  key: string
  indexes?: Record<string, IndexModel>
}

interface Table extends TableModel {
  items: Map<string, Item>
  /** The items in each index, by the table's key. They may lag behind the table. */
  views: Record<string, Map<string, Item>>
}

/** The parameters that are modelled. A call with any other throws NotModelled. */
const parameters: Record<string, readonly string[]> = {
  GetItem: ['Key', 'ConsistentRead'],
  PutItem: ['Item', 'ConditionExpression'],
  UpdateItem: ['Key', 'UpdateExpression', 'ConditionExpression', 'ReturnValues'],
  DeleteItem: ['Key', 'ConditionExpression'],
  Query: ['IndexName', 'KeyConditionExpression', 'Limit', 'ScanIndexForward', 'ExclusiveStartKey', 'Select'],
  BatchGetItem: ['RequestItems'],
  TransactWriteItems: ['TransactItems', 'ClientRequestToken'],
}
const common = [
  'TableName',
  'ExpressionAttributeNames',
  'ExpressionAttributeValues',
  'ReturnValuesOnConditionCheckFailure',
]

const validation = (message: string) => new AwsError('ValidationException', message)

/** Callbacks for each write that changed an item. */
export type OnWrite = (table: string, key: string, after: Item | undefined) => void

/**
 * DynamoDB as the pipeline uses it: conditional writes, consistent reads and queries of two indexes. Everything is
 * synchronous, so each call is atomic. `lag` delays index updates. Values are shared with the caller and never changed.
 */
export function createDynamoDbModel(
  schema: Record<string, TableModel>,
  options: { onWrite?: OnWrite; lag?: (apply: () => void) => void } = {},
) {
  const { onWrite, lag = (apply) => apply() } = options
  const tables = new Map<string, Table>(
    Object.entries(schema).map(([name, table]) => [
      name,
      {
        ...table,
        items: new Map(),
        views: Object.fromEntries(Object.keys(table.indexes ?? {}).map((index) => [index, new Map()])),
      },
    ]),
  )

  let revision = 0

  const tableOf = (name: unknown): Table => {
    const table = tables.get(String(name))
    if (!table) throw new AwsError('ResourceNotFoundException', `There is no table ${name}`)
    return table
  }

  const keyIn = (table: Table, key: Item): string => {
    const value = key[table.key]
    if (!value || !('S' in value) || value.S === '')
      throw validation(`The key ${table.key} is missing, empty or no string`)
    return value.S
  }

  /** An item's projection into an index; undefined if it lacks one of the keys, because indexes are sparse. */
  const projected = (table: Table, { hash, range, projects = [] }: IndexModel, item: Item | undefined) => {
    if (item?.[hash] === undefined || item[range] === undefined) return undefined
    const names = [table.key, hash, range, ...projects].filter((name) => item[name] !== undefined)
    return Object.fromEntries(names.map((name) => [name, item[name] as Value]))
  }

  function write(name: unknown, table: Table, key: string, after: Item | undefined): void {
    if (after === undefined) table.items.delete(key)
    else table.items.set(key, after)
    for (const [indexName, index] of Object.entries(table.indexes ?? {})) {
      const shown = projected(table, index, after)
      lag(() => {
        revision++
        if (shown === undefined) table.views[indexName]?.delete(key)
        else table.views[indexName]?.set(key, shown)
      })
    }
    onWrite?.(String(name), key, after)
  }

  const placeholdersOf = (input: Json): Placeholders => ({
    names: (input.ExpressionAttributeNames ?? {}) as Record<string, string>,
    values: (input.ExpressionAttributeValues ?? {}) as Item,
    used: new Set(),
  })

  function check(input: Json, before: Item | undefined, placeholders: Placeholders): void {
    if (input.ConditionExpression === undefined) return
    // Conditions treat a missing item as an empty one.
    if (conditionOf(String(input.ConditionExpression), placeholders)(before ?? {})) return
    const returns = input.ReturnValuesOnConditionCheckFailure === 'ALL_OLD' && before !== undefined
    throw new AwsError(
      'ConditionalCheckFailedException',
      'The conditional request failed',
      returns ? { Item: before } : {},
    )
  }

  function query(input: Json): Json {
    const table = tableOf(input.TableName)
    const index = table.indexes?.[String(input.IndexName)]
    const view = table.views[String(input.IndexName)]
    if (!index || !view) throw new NotModelled('Queries of what is not a secondary index')
    const placeholders = placeholdersOf(input)
    const expression = String(input.KeyConditionExpression)
    const [hashName] = new Reader(expression, { ...placeholders, used: new Set() }).path()
    if (hashName !== index.hash) throw validation('The key condition must begin with the partition key')
    const matching = [...view.values()].filter(conditionOf(expression, placeholders))
    assertAllUsed(placeholders)
    const forward = input.ScanIndexForward !== false
    const order = (a: Item, b: Item) =>
      compare(a[index.range] as Value, b[index.range] as Value) ||
      compare(a[table.key] as Value, b[table.key] as Value) ||
      0
    const sorted = matching.sort(forward ? order : (a, b) => order(b, a))
    const start = input.ExclusiveStartKey as Item | undefined
    const from = start
      ? sorted.filter((item) => (forward ? order(item, start) : order(start, item)) > 0)
      : sorted
    const page = from.slice(0, (input.Limit as number | undefined) ?? Number.POSITIVE_INFINITY)
    const last = page.at(-1)
    const keyNames = [table.key, index.hash, index.range]
    const more = last !== undefined && input.Limit !== undefined && page.length === input.Limit
    return {
      ...(input.Select !== 'COUNT' && { Items: page }),
      Count: page.length,
      ScannedCount: page.length,
      ...(more && { LastEvaluatedKey: Object.fromEntries(keyNames.map((name) => [name, last[name]])) }),
    }
  }

  /** Checks an update's condition. @returns a function that executes the update */
  function prepareUpdate(input: Json): () => Json {
    const table = tableOf(input.TableName)
    const key = keyIn(table, input.Key as Item)
    const before = table.items.get(key)
    const placeholders = placeholdersOf(input)
    check(input, before, placeholders)
    const base = before ?? (input.Key as Item)
    const after = updated(base, String(input.UpdateExpression), placeholders)
    assertAllUsed(placeholders)
    return () => {
      write(input.TableName, table, key, after)
      if (input.ReturnValues === 'ALL_NEW') return { Attributes: after }
      if (input.ReturnValues === 'ALL_OLD') return before ? { Attributes: before } : {}
      if (input.ReturnValues !== undefined) throw new NotModelled(`ReturnValues ${input.ReturnValues}`)
      return {}
    }
  }

  /** Executes all of the updates or none. */
  function transact(input: Json): Json {
    const prepared = (input.TransactItems as { Update: Json }[]).map(({ Update }) => {
      try {
        return { write: prepareUpdate(Update), Code: 'None' }
      } catch (error) {
        if (!(error instanceof AwsError)) throw error
        return { write: () => {}, Code: error.code.replace('Exception', '') }
      }
    })
    const CancellationReasons = prepared.map(({ Code }) => ({ Code }))
    if (prepared.some(({ Code }) => Code !== 'None'))
      throw new AwsError('TransactionCanceledException', 'Transaction cancelled', { CancellationReasons })
    for (const { write: commit } of prepared) commit()
    return {}
  }

  const actions: Record<string, (input: Json) => Json> = {
    GetItem(input) {
      const table = tableOf(input.TableName)
      const Item = table.items.get(keyIn(table, input.Key as Item))
      return Item ? { Item: Item } : {}
    },
    PutItem(input) {
      const table = tableOf(input.TableName)
      const key = keyIn(table, input.Item as Item)
      const placeholders = placeholdersOf(input)
      check(input, table.items.get(key), placeholders)
      assertAllUsed(placeholders)
      write(input.TableName, table, key, input.Item as Item)
      return {}
    },
    UpdateItem: (input) => prepareUpdate(input)(),
    TransactWriteItems: transact,
    DeleteItem(input) {
      const table = tableOf(input.TableName)
      const key = keyIn(table, input.Key as Item)
      const placeholders = placeholdersOf(input)
      check(input, table.items.get(key), placeholders)
      if (table.items.has(key)) write(input.TableName, table, key, undefined)
      return {}
    },
    Query: query,
    BatchGetItem(input) {
      const requested = Object.entries(input.RequestItems as Record<string, { Keys: Item[] }>)
      const read = requested.map(([name, { Keys }]) => {
        const table = tableOf(name)
        if (Keys.length === 0 || Keys.length > 100) throw validation('1 to 100 keys can be read at once')
        if (new Set(Keys.map((key) => keyIn(table, key))).size < Keys.length)
          throw validation('Provided list of item keys contains duplicates')
        const found = Keys.map((key) => table.items.get(keyIn(table, key)))
        return [name, found.filter((item) => item !== undefined)]
      })
      return { Responses: Object.fromEntries(read), UnprocessedKeys: {} }
    },
  }

  const call = (action: string, input: Json): Json => {
    const understood = parameters[action]
    const run = actions[action]
    if (!run || !understood) throw new NotModelled(`dynamodb:${action}`)
    for (const [name, value] of Object.entries(input))
      if (value !== undefined && !understood.includes(name) && !common.includes(name))
        throw new NotModelled(`${name} in dynamodb:${action}`)
    return run(input)
  }

  return {
    call,
    service: (async (action, input) => call(action, input)) satisfies Service,
    /** The current items of a table. */
    items: (table: string): ReadonlyMap<string, Item> => tableOf(table).items,
    /** Changes whenever an index does. */
    get revision(): number {
      return revision
    },
    /** The current items of an index. */
    view: (table: string, index: string): ReadonlyMap<string, Item> =>
      tableOf(table).views[index] ?? new Map<string, Item>(),
  }
}
/** See {@link createDynamoDbModel}. */
export type DynamoDbModel = ReturnType<typeof createDynamoDbModel>
