import { createRequire } from 'node:module'
import { setImmediate as nextTurn } from 'node:timers/promises'
import * as z from 'zod'
import { AwsError, account, arnOf, type Json, nameOf, notEmulated, region, resource } from './aws-service.ts'

// Each stored key would keep alive the 64 KiB that Node cut it from: a gigabyte for 10,000 orders.
Buffer.poolSize = 0

// dynalite's own server would cost an HTTP hop per call; its parts are called as that server calls them.
const require = createRequire(import.meta.url)
const engine = require('dynalite/db')
const validations = require('dynalite/validations')

/**
 * dynalite lacks ReturnValuesOnConditionCheckFailure. It checks conditions inside the item's lock, so that adding the
 * item there is atomic, as on AWS: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_PutItem.html
 */
const check = engine.checkConditional
engine.checkConditional = (data: Json, existing?: Json) => {
  const failure = check(data, existing)
  if (failure && existing && data.ReturnValuesOnConditionCheckFailure === 'ALL_OLD')
    failure.body.Item = existing
  return failure
}
for (const write of ['putItem', 'updateItem', 'deleteItem'])
  require(`dynalite/validations/${write}`).types.ReturnValuesOnConditionCheckFailure = { type: 'String' }

const keySchema = { IndexName: z.string(), KeySchema: z.unknown(), Projection: z.unknown() }
const table = {
  KeySchema: z.unknown(),
  AttributeDefinitions: z.unknown(),
  GlobalSecondaryIndexes: z.array(z.strictObject(keySchema)).optional(),
  BillingMode: z.literal('PAY_PER_REQUEST'),
}

const isActive = ({ Table }: Json) => (Table as { TableStatus: string }).TableStatus === 'ACTIVE'

/** DynamoDB on dynalite, in process and in memory. */
export const createDynamoDb = () => {
  const store = engine.create({ createTableMs: 0 })
  Object.assign(store.tableDb, { awsAccountId: account, awsRegion: region })

  const call = (action: string, input: Json): Promise<Json> =>
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
        require(`dynalite/actions/${name}`)(store, data, (error: object | null, output: Json) =>
          error ? fail(error) : resolve(output),
        )
      } catch (error) {
        fail(error as object)
      }
    })

  return {
    call,
    permissions: (action: string, { TableName, IndexName, RequestItems }: Json) =>
      (RequestItems ? Object.keys(RequestItems) : [TableName]).map((name) => ({
        action: `dynamodb:${action}`,
        resource: arnOf('dynamodb', `table/${nameOf(name)}${IndexName ? `/index/${IndexName}` : ''}`),
      })),
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
