import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { beforeEach, describe, expect, test } from '@jest/globals'
import { createDynamoDb } from '../../../local/services/dynamodb.ts'
import { until } from '../../until.ts'
import { bringUp } from '../emulated.ts'

const TableName = 'orders'
const key = (id: string) => ({ id: { S: id } })

describe('DynamoDB', () => {
  let dynamoDb: ReturnType<typeof createDynamoDb>

  beforeEach(async () => {
    dynamoDb = createDynamoDb()
    await bringUp(dynamoDb.resources, 'AWS::DynamoDB::Table', TableName, {
      KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
      AttributeDefinitions: [
        { AttributeName: 'id', AttributeType: 'S' },
        { AttributeName: 'due', AttributeType: 'S' },
      ],
      GlobalSecondaryIndexes: [
        {
          IndexName: 'byDue',
          KeySchema: [{ AttributeName: 'due', KeyType: 'HASH' }],
          Projection: { ProjectionType: 'KEYS_ONLY' },
        },
      ],
      BillingMode: 'PAY_PER_REQUEST',
      PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
    })
  })

  const put = (item: object, more: object = {}) =>
    dynamoDb.call('PutItem', {
      TableName,
      Item: item,
      ConditionExpression: 'attribute_not_exists(id)',
      ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
      ...more,
    })

  test('a failed condition returns the item, when asked to', async () => {
    const item = { ...key('1'), status: { S: 'CREATED' } }
    await put(item)
    await expect(put(key('1'))).rejects.toMatchObject({
      code: 'ConditionalCheckFailedException',
      fields: { Item: item },
    })
    await expect(put(key('1'), { ReturnValuesOnConditionCheckFailure: 'NONE' })).rejects.toMatchObject({
      fields: {},
    })
  })

  test('does not leak memory when an item is written and queried many times', async () => {
    setFlagsFromString('--expose-gc')
    const collectGarbage = runInNewContext('gc')
    const writeAndQuery = async (count: number) => {
      for (let n = 0; n < count; n++) {
        await put({ ...key('1'), text: { S: `${n}`.padEnd(50_000) } }, { ConditionExpression: undefined })
        await dynamoDb.call('Query', {
          TableName,
          KeyConditionExpression: 'id = :id',
          ExpressionAttributeValues: { ':id': { S: '1' } },
        })
      }
    }
    const memory = () => {
      collectGarbage()
      const { heapUsed, arrayBuffers } = process.memoryUsage()
      return heapUsed + arrayBuffers
    }

    await writeAndQuery(20)
    const before = memory()
    await writeAndQuery(200)
    // Freed buffers still count for a moment.
    await until(memory, (after) => after - before < 100 * 50_000, { withinMs: 10_000 })
  })

  test('transactions on the same items wait for each other, in any order of items', async () => {
    const ids = ['1', '2', '3']
    for (const id of ids) await put({ ...key(id), n: { N: '0' } })
    const countAll = (order: string[]) =>
      dynamoDb.call('TransactWriteItems', {
        TransactItems: order.map((id) => ({
          Update: {
            TableName,
            Key: key(id),
            UpdateExpression: 'ADD n :one',
            ExpressionAttributeValues: { ':one': { N: '1' } },
          },
        })),
      })

    await Promise.all([countAll(ids), countAll(ids.toReversed()), countAll(ids)])

    for (const id of ids)
      expect(await dynamoDb.call('GetItem', { TableName, Key: key(id) })).toMatchObject({
        Item: { n: { N: '3' } },
      })
  })

  test('returns the item that failed the condition, even during concurrent writes', async () => {
    let refusals = 0
    const counters = 8
    const count = async () => {
      // Each try can fail at most once per concurrent counter.
      for (let tries = 0; tries < counters; tries++) {
        const { Item } = (await dynamoDb.call('GetItem', { TableName, Key: key('n') })) as never
        const { n } = (Item ?? { n: { N: '0' } }) as { n: { N: string } }
        try {
          return await dynamoDb.call('UpdateItem', {
            TableName,
            Key: key('n'),
            UpdateExpression: 'SET n = :next',
            ConditionExpression: 'n = :read OR attribute_not_exists(n)',
            ExpressionAttributeValues: { ':read': n, ':next': { N: String(Number(n.N) + 1) } },
            ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
          })
        } catch (error) {
          const { Item: found } = (error as { fields: { Item: { n: { N: string } } } }).fields
          expect(found.n.N).not.toBe(n.N)
          refusals += 1
        }
      }
      throw new Error('Refused more often than there are others')
    }
    await Promise.all(Array.from({ length: counters }, count))
    expect(refusals).toBeGreaterThan(0)
    expect(await dynamoDb.call('GetItem', { TableName, Key: key('n') })).toMatchObject({
      Item: { n: { N: `${counters}` } },
    })
  })

  test('an index holds only the items that have its key', async () => {
    await put({ ...key('1'), due: { S: 'now' } })
    await put(key('2'))
    const query = {
      TableName,
      IndexName: 'byDue',
      KeyConditionExpression: 'due = :due',
      ExpressionAttributeValues: { ':due': { S: 'now' } },
    }
    expect(await dynamoDb.call('Query', query)).toMatchObject({ Count: 1, Items: [key('1')] })
  })

  test('names what a call needs: the table, its index, or each table of a batch', () => {
    const arn = 'arn:aws:dynamodb:us-east-1:000000000000:table/'
    expect(dynamoDb.permissions('Query', { TableName, IndexName: 'byDue' })).toEqual([
      { action: 'dynamodb:Query', resource: `${arn}orders/index/byDue` },
    ])
    expect(dynamoDb.permissions('BatchGetItem', { RequestItems: { a: {}, b: {} } })).toEqual([
      { action: 'dynamodb:BatchGetItem', resource: `${arn}a` },
      { action: 'dynamodb:BatchGetItem', resource: `${arn}b` },
    ])
  })

  test('refuses a call that is not emulated, and an invalid one with the reason', async () => {
    await expect(dynamoDb.call('ExecuteStatement', {})).rejects.toMatchObject({
      code: 'UnknownOperationException',
    })
    await expect(dynamoDb.call('GetItem', { TableName: 'none', Key: key('1') })).rejects.toMatchObject({
      code: 'ResourceNotFoundException',
    })
  })
})
