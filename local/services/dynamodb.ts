import { createRequire } from 'node:module'
import * as z from 'zod'
import {
  AwsError,
  type AwsService,
  account,
  arnOf,
  type Deploy,
  type Json,
  region,
  resource,
} from './aws-service.ts'

// dynalite's own server would cost an HTTP hop per call; its parts are called as that server calls them.
const require = createRequire(import.meta.url)
const engine = require('dynalite/db')
const validations = require('dynalite/validations')

const writes = ['putItem', 'updateItem', 'deleteItem']

/**
 * dynalite lacks ReturnValuesOnConditionCheckFailure. It checks conditions inside the item's lock, so that adding the
 * item there is atomic, as on AWS:
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/WorkingWithItems.html
 */
const addReturnValuesOnConditionCheckFailure = (): void => {
  if (engine.checkConditional.returnsItem) return
  for (const write of writes)
    require(`dynalite/validations/${write}`).types.ReturnValuesOnConditionCheckFailure = {
      type: 'String',
      enum: ['ALL_OLD', 'NONE'],
    }
  const check = engine.checkConditional
  engine.checkConditional = (data: Json, existing: Json | undefined) => {
    const failure = check(data, existing)
    if (failure && existing && data.ReturnValuesOnConditionCheckFailure === 'ALL_OLD')
      failure.body = { ...failure.body, Item: existing }
    return failure
  }
  engine.checkConditional.returnsItem = true
}

const noEffect = z.unknown().optional()
const table = z.strictObject({
  TableName: z.string().optional(),
  KeySchema: z.array(z.unknown()),
  AttributeDefinitions: z.array(z.unknown()),
  GlobalSecondaryIndexes: z
    .array(
      z.strictObject({
        IndexName: z.string(),
        KeySchema: z.array(z.unknown()),
        Projection: z.unknown(),
        ContributorInsightsSpecification: noEffect,
        OnDemandThroughput: noEffect,
      }),
    )
    .optional(),
  BillingMode: z.literal('PAY_PER_REQUEST'),
  TimeToLiveSpecification: noEffect,
  PointInTimeRecoverySpecification: noEffect,
  SSESpecification: noEffect,
  ContributorInsightsSpecification: noEffect,
  DeletionProtectionEnabled: noEffect,
  TableClass: noEffect,
  OnDemandThroughput: noEffect,
  Tags: noEffect,
})

const withoutPackage = (type: string) => type.replace(/^.*#/, '')

/** DynamoDB on dynalite, in process and in memory. */
export const createDynamoDb = (): AwsService & { resources: Record<string, Deploy> } => {
  addReturnValuesOnConditionCheckFailure()
  const store = engine.create({ createTableMs: 0 })
  Object.assign(store.tableDb, { awsAccountId: account, awsRegion: region })

  const call = (action: string, input: Json): Promise<Json> =>
    new Promise((resolve, reject) => {
      const fail = (error: { body?: Record<string, string> }) => {
        if (!error.body) return reject(error)
        const { __type = '', message, Message, ...fields } = error.body
        reject(new AwsError(withoutPackage(__type), message ?? Message ?? '', 400, fields))
      }
      try {
        const name = validations.toLowerFirst(action)
        const { types, custom } = require(`dynalite/validations/${name}`)
        const data = validations.checkTypes(input, types)
        validations.checkValidations(data, types, custom, store)
        require(`dynalite/actions/${name}`)(store, data, (error: Error | null, output: Json) =>
          error ? fail(error as never) : resolve(output),
        )
      } catch (error) {
        if ((error as { code?: string }).code === 'MODULE_NOT_FOUND')
          reject(new AwsError('UnknownOperationException', `local/ does not emulate dynamodb:${action}`))
        else fail(error as never)
      }
    })

  return {
    call,
    permissions: (action, input) => {
      const batch = typeof input.RequestItems === 'object' ? Object.keys(input.RequestItems ?? {}) : undefined
      const index = typeof input.IndexName === 'string' ? `/index/${input.IndexName}` : ''
      return (batch ?? [String(input.TableName)]).map((name) => ({
        action: `dynamodb:${action}`,
        resource: arnOf('dynamodb', `table/${name.replace(/^.*:table\//, '')}${index}`),
      }))
    },
    resources: {
      'AWS::DynamoDB::Table': resource(table, async (properties, { name }) => {
        const { KeySchema, AttributeDefinitions, BillingMode } = properties
        const GlobalSecondaryIndexes = properties.GlobalSecondaryIndexes?.map(
          ({ IndexName, KeySchema, Projection }) => ({ IndexName, KeySchema, Projection }),
        )
        const TableName = properties.TableName ?? name
        await call('CreateTable', {
          TableName,
          KeySchema,
          AttributeDefinitions,
          BillingMode,
          ...(GlobalSecondaryIndexes && { GlobalSecondaryIndexes }),
        })
        return { ref: TableName, attributes: { Arn: arnOf('dynamodb', `table/${TableName}`) } }
      }),
    },
  }
}
