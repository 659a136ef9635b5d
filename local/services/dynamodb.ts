import { EventEmitter } from 'node:events'
import { createRequire } from 'node:module'
import { setImmediate as nextTurn } from 'node:timers/promises'
import * as z from 'zod'
import { AwsError, account, arnOf, type Json, nameOf, notEmulated, region, resource } from './aws-service.ts'

// Without pooling: each stored key would retain its whole 64 KiB pool, 1 GB for 10,000 orders.
Buffer.poolSize = 0

// dynalite's internals are called directly, because its own server would add an HTTP round trip to each call.
const require = createRequire(import.meta.url)
const engine = require('dynalite/db')
const validations = require('dynalite/validations')

/** The write whose condition was checked last. dynalite updates its indexes in the same turn of the event loop. */
let checked: Json = {}

/**
 * dynalite lacks ReturnValuesOnConditionCheckFailure. It checks conditions while it holds the item's lock, so the item
 * added here is consistent, as on AWS: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_PutItem.html
 */
const check = engine.checkConditional
engine.checkConditional = (data: Json, existing?: Json) => {
  checked = data
  const failure = check(data, existing)
  if (failure && existing && data.ReturnValuesOnConditionCheckFailure === 'ALL_OLD')
    failure.body.Item = existing
  return failure
}
for (const write of ['putItem', 'updateItem', 'deleteItem'])
  require(`dynalite/validations/${write}`).types.ReturnValuesOnConditionCheckFailure = { type: 'String' }

type Done = (error?: Error) => void
type Item = Record<string, { S?: string }> | undefined
/** Emits each write: the table's name, and the item before and after. */
export type Writes = EventEmitter<{ write: [string, Item, Item] }>

/** A transaction's write waits here with its item locked until all its writes have arrived or one has failed. */
const { updateIndexes } = engine
engine.updateIndexes = (...args: [{ writes: Writes }, { TableName: string }, Item, Item, Done]) => {
  const { hold } = checked as { hold?: (goOn: Done) => void }
  checked = {}
  const [{ writes }, { TableName }, before, after, done] = args
  const goOn: Done = (error) => {
    if (error) return done(error)
    writes.emit('write', TableName, before, after)
    updateIndexes(...args)
  }
  hold ? hold(goOn) : goOn()
}

const transaction = z.object({ TransactItems: z.array(z.strictObject({ Update: z.looseObject({}) })) })
const updatesOf = (input: Json) => transaction.parse(input).TransactItems.map(({ Update }) => Update)

const keySchema = { IndexName: z.string(), KeySchema: z.unknown(), Projection: z.unknown() }
const table = {
  KeySchema: z.unknown(),
  AttributeDefinitions: z.unknown(),
  GlobalSecondaryIndexes: z.array(z.strictObject(keySchema)).optional(),
  BillingMode: z.literal('PAY_PER_REQUEST'),
}

/** DynamoDB's API, and a stream of its writes. */
export type DynamoDb = ReturnType<typeof createDynamoDb>

const isActive = ({ Table }: Json) => (Table as { TableStatus: string }).TableStatus === 'ACTIVE'

/** Runs DynamoDB on dynalite, in process and in memory. */
export const createDynamoDb = () => {
  const writes: Writes = new EventEmitter()
  const store = Object.assign(engine.create({ createTableMs: 0 }), { writes })
  Object.assign(store.tableDb, { awsAccountId: account, awsRegion: region })
  // dynalite ends iterators by `return`, which they lack; without it each query would leak a snapshot of the tables.
  const values = store.db.values.bind(store.db)
  store.db.values = (options: object) => {
    const iterator = values(options)
    return Object.assign(iterator, { return: iterator.close })
  }

  const run = (action: string, input: Json, more: object = {}): Promise<Json> =>
    new Promise((resolve, reject) => {
      const fail = (error: { code?: string; body?: Record<string, string> }) => {
        if (error.code === 'MODULE_NOT_FOUND') return reject(notEmulated(`dynamodb:${action}`))
        if (!error.body) return reject(error)
        const { __type = '', message, Message, ...fields } = error.body
        reject(new AwsError(__type.replace(/^.*#/, ''), message ?? Message ?? '', 400, fields))
      }
      try {
        const name = validations.toLowerFirst(action)
        const { types, custom } = require(`dynalite/validations/${name}`)
        const data = validations.checkTypes(input, types)
        validations.checkValidations(data, types, custom, store)
        require(`dynalite/actions/${name}`)(
          store,
          Object.assign(data, more),
          (error: object | null, output: Json) => (error ? fail(error) : resolve(output)),
        )
      } catch (error) {
        fail(error as object)
      }
    })

  /** Writes all items or none. Locks are taken in the order of the keys, so transactions cannot deadlock. */
  async function transact(input: Json): Promise<Json> {
    const items = updatesOf(input).map((update) => ({
      update,
      key: JSON.stringify(update.Key),
      Code: 'None',
    }))
    const held: Done[] = []
    const writes: Promise<unknown>[] = []
    for (const item of items.toSorted((a, b) => (a.key < b.key ? -1 : 1))) {
      const { promise: isHere, resolve } = Promise.withResolvers<void>()
      const hold = (goOn: Done) => resolve(void held.push(goOn))
      const fail = (error: AwsError) => {
        item.Code = error.code.replace('Exception', '')
        resolve()
      }
      writes.push(run('UpdateItem', item.update, { hold }).catch(fail))
      await isHere
    }
    const CancellationReasons = items.map(({ Code }) => ({ Code }))
    const failure = items.some(({ Code }) => Code !== 'None')
      ? new AwsError('TransactionCanceledException', 'Transaction cancelled', 400, { CancellationReasons })
      : undefined
    for (const goOn of held) goOn(failure)
    await Promise.all(writes)
    if (failure) throw failure
    return {}
  }

  const call = (action: string, input: Json): Promise<Json> =>
    action === 'TransactWriteItems' ? transact(input) : run(action, input)

  const permissions = (action: string, input: Json): { action: string; resource: string }[] => {
    // IAM checks a transaction's individual writes.
    if (action === 'TransactWriteItems')
      return updatesOf(input).flatMap((update) => permissions('UpdateItem', update))
    const { TableName, IndexName, RequestItems } = input
    return (RequestItems ? Object.keys(RequestItems) : [TableName]).map((name) => ({
      action: `dynamodb:${action}`,
      resource: arnOf('dynamodb', `table/${nameOf(name)}${IndexName ? `/index/${IndexName}` : ''}`),
    }))
  }

  return {
    call,
    writes,
    permissions,
    resources: {
      'AWS::DynamoDB::Table': resource(
        table,
        'TimeToLiveSpecification PointInTimeRecoverySpecification SSESpecification DeletionProtectionEnabled',
        async (properties, { name: TableName }) => {
          await call('CreateTable', { TableName, ...properties })
          while (!isActive(await call('DescribeTable', { TableName }))) await nextTurn()
          return { ref: TableName, attributes: { Arn: arnOf('dynamodb', `table/${TableName}`) } }
        },
      ),
    },
  }
}
