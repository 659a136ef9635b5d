import { ConditionalCheckFailedException, TransactionCanceledException } from '@aws-sdk/client-dynamodb'
import {
  BatchGetCommand,
  DeleteCommand,
  DynamoDBDocumentClient,
  GetCommand,
  PutCommand,
  QueryCommand,
  type QueryCommandInput,
  type QueryCommandOutput,
  TransactWriteCommand,
  UpdateCommand,
  type UpdateCommandInput,
} from '@aws-sdk/lib-dynamodb'
import { unmarshall } from '@aws-sdk/util-dynamodb'
import { beforeAll, expect, test } from '@jest/globals'
import type { Engine } from './engines.ts'

type Update = Omit<UpdateCommandInput, 'TableName' | 'Key'>

/** The behaviour of DynamoDB that the pipeline relies on, tested on every engine. */
export function dynamoDbContract(start: () => Promise<Engine>): void {
  let engine: Engine
  beforeAll(async () => {
    engine = await start()
  }, 180_000)
  const table = () => ({ TableName: engine.tableName('orders') })
  const documents = () => DynamoDBDocumentClient.from(engine.dynamoDb)
  let serial = 0
  const fresh = () => `o${++serial}`

  const put = (Item: Record<string, unknown>) => documents().send(new PutCommand({ ...table(), Item }))
  const get = async (orderId: string) =>
    (await documents().send(new GetCommand({ ...table(), Key: { orderId }, ConsistentRead: true }))).Item
  const update = (orderId: string, input: Update) =>
    documents().send(new UpdateCommand({ ...table(), Key: { orderId }, ...input }))
  const failureOf = async (work: Promise<unknown>): Promise<Error> => {
    const error = await work.then(
      () => undefined,
      (thrown: unknown) => thrown,
    )
    if (error instanceof Error) return error
    throw new Error('It did not fail')
  }
  const nameOfFailure = async (work: Promise<unknown>) => (await failureOf(work)).name
  /** Whether a conditional write on the item succeeds. */
  const meets = async (
    item: Record<string, unknown>,
    ConditionExpression: string,
    values: object,
    names = {},
  ) => {
    const orderId = fresh()
    await put({ ...item, orderId })
    const changed = update(orderId, {
      UpdateExpression: 'SET checked = :yes',
      ConditionExpression,
      ExpressionAttributeValues: { ':yes': true, ...values },
      ...(Object.keys(names).length > 0 && { ExpressionAttributeNames: names }),
    })
    return changed.then(
      () => true,
      (error) => {
        if (error instanceof ConditionalCheckFailedException) return false
        throw error
      },
    )
  }

  test('a conditional put writes once, and a second one gets the existing item', async () => {
    const orderId = fresh()
    const once = (total: number) =>
      documents().send(
        new PutCommand({
          ...table(),
          Item: { orderId, total },
          ConditionExpression: 'attribute_not_exists(orderId)',
          ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
        }),
      )

    await once(1)
    const error = await failureOf(once(2))

    expect(error).toBeInstanceOf(ConditionalCheckFailedException)
    const { Item = {} } = error as ConditionalCheckFailedException
    expect(unmarshall(Item)).toEqual({ orderId, total: 1 })
    expect(await get(orderId)).toEqual({ orderId, total: 1 })
  })

  test('a failed condition returns no item if none was asked for or none exists', async () => {
    const ConditionExpression = 'attribute_exists(orderId)'
    const missing = update(fresh(), {
      UpdateExpression: 'SET x = :x',
      ConditionExpression,
      ExpressionAttributeValues: { ':x': 1 },
      ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
    })
    const orderId = fresh()
    await put({ orderId })
    const unasked = update(orderId, {
      UpdateExpression: 'SET x = :x',
      ConditionExpression: 'attribute_not_exists(orderId)',
      ExpressionAttributeValues: { ':x': 1 },
    })

    expect(await failureOf(missing)).not.toHaveProperty('Item', expect.anything())
    expect(await failureOf(unasked)).not.toHaveProperty('Item', expect.anything())
  })

  test('an update sets, counts, appends and removes, and every clause sees the old item', async () => {
    const orderId = fresh()
    await put({ orderId, version: 1, log: ['a'], gone: 1, kept: 'k', a: 1, b: 2 })

    const { Attributes } = await update(orderId, {
      UpdateExpression:
        'SET #log = list_append(#log, :more), kept = if_not_exists(kept, :new), fresh = if_not_exists(fresh, :new), a = b, b = a, c = version + :one REMOVE gone, never ADD version :one, hits :one',
      ExpressionAttributeNames: { '#log': 'log' },
      ExpressionAttributeValues: { ':more': ['b'], ':new': 'n', ':one': 1 },
      ReturnValues: 'ALL_NEW',
    })

    const expected = {
      orderId,
      version: 2,
      log: ['a', 'b'],
      kept: 'k',
      fresh: 'n',
      a: 2,
      b: 1,
      c: 2,
      hits: 1,
    }
    expect(Attributes).toEqual(expected)
    expect(await get(orderId)).toEqual(expected)
  })

  test('an update returns the old item, and creates one if none exists', async () => {
    const orderId = fresh()
    const input: Update = {
      UpdateExpression: 'ADD hits :one',
      ExpressionAttributeValues: { ':one': 1 },
      ReturnValues: 'ALL_OLD',
    }

    expect((await update(orderId, input)).Attributes).toBeUndefined()
    expect((await update(orderId, input)).Attributes).toEqual({ orderId, hits: 1 })
    expect(await get(orderId)).toEqual({ orderId, hits: 2 })
  })

  test.each<[string, Update]>([
    [
      'one attribute is written twice',
      { UpdateExpression: 'SET a = :a REMOVE a', ExpressionAttributeValues: { ':a': 1 } },
    ],
    ['a placeholder is not used', { UpdateExpression: 'REMOVE a', ExpressionAttributeValues: { ':a': 1 } }],
    ['a placeholder is not defined', { UpdateExpression: 'SET a = :a' }],
    [
      'something is appended to what is not there',
      { UpdateExpression: 'SET a = list_append(a, :a)', ExpressionAttributeValues: { ':a': [1] } },
    ],
    ['a copied attribute is not there', { UpdateExpression: 'SET a = b' }],
  ])('an update is refused where %s', async (_, input) => {
    const orderId = fresh()
    await put({ orderId })
    expect(await nameOfFailure(update(orderId, input))).toBe('ValidationException')
    expect(await get(orderId)).toEqual({ orderId })
  })

  const claim = { claim: { id: 'me', until: '2026-01-02' } }
  test.each<[boolean, Record<string, unknown>, string, object]>([
    [true, {}, 'attribute_not_exists(a)', {}],
    [false, { a: 1 }, 'attribute_not_exists(a)', {}],
    [true, claim, 'claim.id = :v', { ':v': 'me' }],
    [false, {}, 'claim.id = :v', { ':v': 'me' }],
    [true, claim, 'attribute_not_exists(a) AND claim.id = :v', { ':v': 'me' }],
    [true, { a: 1, b: 1 }, 'a = :v OR b = :w AND a = :w', { ':v': 1, ':w': 2 }],
    [false, { a: 1, b: 1 }, '(a = :v OR b = :w) AND a = :w', { ':v': 1, ':w': 2 }],
    [true, { a: '2026-01-02' }, 'a < :v', { ':v': '2026-01-02T00' }],
    [true, { a: 2 }, 'a <= :v', { ':v': 2 }],
    [false, { a: 10 }, 'a < :v', { ':v': 9 }],
    [true, { a: 10 }, 'a > :v', { ':v': 9 }],
    [false, { a: '10' }, 'a > :v', { ':v': 9 }],
    [false, {}, 'a < :v', { ':v': 9 }],
    [true, {}, 'a <> :v', { ':v': 9 }],
    [true, { a: 8 }, 'a <> :v', { ':v': 9 }],
    [true, { a: 1 }, 'NOT a = :v', { ':v': 2 }],
    [true, { a: 1, b: 2 }, 'a < b', {}],
  ])('it is %s of %j that %s %j', async (expected, item, condition, values) => {
    expect(
      await meets(
        item,
        condition.replaceAll('claim.', '#claim.'),
        values,
        condition.includes('claim.') ? { '#claim': 'claim' } : {},
      ),
    ).toBe(expected)
  })

  const query = async (outboxPartition: string, input: Partial<QueryCommandInput> = {}) => {
    const {
      KeyConditionExpression = 'outboxPartition = :p',
      ExpressionAttributeValues: values,
      ...rest
    } = input
    return documents().send(
      new QueryCommand({
        ...table(),
        IndexName: 'outbox',
        KeyConditionExpression,
        ExpressionAttributeValues: { ':p': outboxPartition, ...values },
        ...rest,
      }),
    )
  }
  /** Retries, because on AWS an index lags behind its table. */
  const until = async (work: () => Promise<boolean>) => {
    for (let tries = 0; tries < 50 && !(await work()); tries++) await engine.wait(100)
  }

  test('an index is sparse, sorted and keys-only, and drops an item that loses a key', async () => {
    const [a, b, c] = [fresh(), fresh(), fresh()]
    const outboxPartition = `p-${a}`
    await put({ orderId: a, outboxPartition, outboxDueAt: '3', other: 1 })
    await put({ orderId: b, outboxPartition, outboxDueAt: '1' })
    await put({ orderId: c, outboxPartition })
    await until(async () => (await query(outboxPartition)).Count === 2)

    expect((await query(outboxPartition)).Items).toEqual([
      { orderId: b, outboxPartition, outboxDueAt: '1' },
      { orderId: a, outboxPartition, outboxDueAt: '3' },
    ])
    await update(b, { UpdateExpression: 'REMOVE outboxPartition' })
    await until(async () => (await query(outboxPartition)).Count === 1)
    expect(await query(outboxPartition, { Select: 'COUNT' })).toMatchObject({ Count: 1, ScannedCount: 1 })
    expect((await query(outboxPartition, { Select: 'COUNT' })).Items).toBeUndefined()
  })

  test('a query reads by its key condition, in either order, page by page', async () => {
    const ids = [fresh(), fresh(), fresh()]
    const outboxPartition = `p-${ids[0]}`
    for (const [index, orderId] of ids.entries())
      await put({ orderId, outboxPartition, outboxDueAt: `${index}` })
    await until(async () => (await query(outboxPartition)).Count === 3)
    const idsOf = ({ Items = [] }: QueryCommandOutput) => Items.map(({ orderId }) => orderId)

    const due = {
      KeyConditionExpression: 'outboxPartition = :p AND outboxDueAt <= :now',
      ExpressionAttributeValues: { ':now': '1' },
    }
    expect(idsOf(await query(outboxPartition, due))).toEqual(ids.slice(0, 2))
    const newest = await query(outboxPartition, { ScanIndexForward: false, Limit: 2 })
    expect(idsOf(newest)).toEqual([ids[2], ids[1]])
    expect(newest.LastEvaluatedKey).toEqual({ orderId: ids[1], outboxPartition, outboxDueAt: '1' })
    const rest = await query(outboxPartition, {
      ScanIndexForward: false,
      Limit: 2,
      ExclusiveStartKey: newest.LastEvaluatedKey,
    })
    expect(idsOf(rest)).toEqual([ids[0]])
    expect(rest.LastEvaluatedKey).toBeUndefined()
  })

  test('a batch reads the items that exist, and is refused if it has a key twice', async () => {
    const [a, b] = [fresh(), fresh()]
    await put({ orderId: a })
    const TableName = engine.tableName('orders')
    const read = (...orderIds: string[]) =>
      documents().send(
        new BatchGetCommand({
          RequestItems: {
            [TableName]: { Keys: orderIds.map((orderId) => ({ orderId })), ConsistentRead: true },
          },
        }),
      )

    expect((await read(a, b)).Responses?.[TableName]).toEqual([{ orderId: a }])
    expect(await nameOfFailure(read(a, a))).toBe('ValidationException')
  })

  test('a missing item can be read and deleted', async () => {
    const orderId = fresh()
    expect(await get(orderId)).toBeUndefined()
    await documents().send(new DeleteCommand({ ...table(), Key: { orderId } }))
    await put({ orderId })
    await documents().send(new DeleteCommand({ ...table(), Key: { orderId } }))
    expect(await get(orderId)).toBeUndefined()
  })

  test('a transaction writes all items, or none if a condition fails, and says which', async () => {
    const [a, b] = [fresh(), fresh()]
    for (const orderId of [a, b]) await put({ orderId, due: 1 })
    const move = (orderId: string, from: number, to: number) => ({
      Update: {
        ...table(),
        Key: { orderId },
        UpdateExpression: 'SET due = :to',
        ConditionExpression: 'due = :from',
        ExpressionAttributeValues: { ':from': from, ':to': to },
      },
    })
    const transact = (...TransactItems: ReturnType<typeof move>[]) =>
      documents().send(new TransactWriteCommand({ TransactItems }))

    await transact(move(b, 1, 2), move(a, 1, 2))
    const failure = await failureOf(transact(move(a, 2, 3), move(b, 1, 3)))

    expect(failure).toBeInstanceOf(TransactionCanceledException)
    const reasons = failure instanceof TransactionCanceledException ? failure.CancellationReasons : []
    expect(reasons?.map(({ Code }) => Code)).toEqual(['None', 'ConditionalCheckFailed'])
    expect([await get(a), await get(b)]).toEqual([
      { orderId: a, due: 2 },
      { orderId: b, due: 2 },
    ])
  })
}
