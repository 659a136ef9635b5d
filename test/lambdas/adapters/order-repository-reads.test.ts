import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { BatchGetCommand, DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { mockClient } from 'aws-sdk-client-mock'
import { createOrderRepository, type OrderRepository } from '../../../lambdas/adapters/order-repository.ts'
import { at, orderId, orderIdAt, storedOrder } from '../../builders.ts'
import { createDynamoDb, type DynamoDb } from '../dynamodb.ts'

/** Nothing that is read here is unreadable. */
const fail = (_item: unknown, error: Error) => {
  throw error
}

describe('reading', () => {
  let db: DynamoDb
  let repository: OrderRepository

  beforeEach(async () => {
    db = await createDynamoDb()
    repository = createOrderRepository(db.documents, 'orders')
  })

  test('an order is consistent', async () => {
    await db.put('orders', storedOrder())

    const order = await repository.get(orderId)

    expect(order).toEqual(storedOrder())
    expect(db.calls.map(({ input }) => input.ConsistentRead)).toEqual([true])
  })

  test('a missing order is not an error', async () => {
    expect(await repository.get(orderId)).toBeUndefined()
  })

  test('250 orders takes three consistent batches', async () => {
    const ids = Array.from({ length: 250 }, (_, index) => orderIdAt(index))
    for (const id of ids) await db.put('orders', storedOrder({ orderId: id }))

    const orders = await repository.getAll(ids, fail)

    expect(orders.map((order) => order.orderId).sort()).toEqual(ids)
    const requests = db.calls.map(({ input }) => input.RequestItems)
    expect(requests).toHaveLength(3)
    expect(requests).toEqual(
      requests.map(() => ({ orders: expect.objectContaining({ ConsistentRead: true }) })),
    )
  })

  test('no orders takes no call', async () => {
    expect(await repository.getAll([], fail)).toEqual([])
    expect(db.calls).toEqual([])
  })

  test("an owner's orders come newest first and page by page, without anyone else's", async () => {
    for (const index of [0, 1, 2]) {
      const own = { orderId: orderIdAt(index), createdAt: at(index) }
      await db.put('orders', storedOrder(own))
      await db.put('orders', storedOrder({ ...own, orderId: orderIdAt(index + 10), ownerId: 'other' }))
    }

    const unreadable: string[] = []
    const page = (from?: { createdAt: string; orderId: string }) =>
      repository.list('shop', { limit: 2, from }, (orderId) => unreadable.push(orderId))
    const first = await page()
    const second = await page(first.next)

    expect(first.orders.map((order) => order.orderId)).toEqual([orderIdAt(2), orderIdAt(1)])
    expect(first.next).toEqual({ createdAt: at(1), orderId: orderIdAt(1) })
    expect(second.orders.map((order) => order.orderId)).toEqual([orderIdAt(0)])
    expect(second.next).toBeUndefined()
    expect(unreadable).toEqual([])
  })
})

describe('reading when DynamoDB leaves keys unprocessed', () => {
  const documents = DynamoDBDocumentClient.from(new DynamoDBClient({}))
  const client = mockClient(documents)
  const repository = createOrderRepository(documents, 'orders')
  const [a, b] = [storedOrder({ orderId: orderIdAt(1) }), storedOrder({ orderId: orderIdAt(2) })]
  const unread = { UnprocessedKeys: { orders: { Keys: [{ orderId: b.orderId }] } } }

  afterEach(() => void client.reset())

  test('asks for them again', async () => {
    client
      .on(BatchGetCommand)
      .resolvesOnce({ Responses: { orders: [a] }, ...unread })
      .resolvesOnce({ Responses: { orders: [b] } })

    const orders = await repository.getAll([a.orderId, b.orderId], fail)

    expect(orders).toEqual([a, b])
    const asked = client.commandCalls(BatchGetCommand).map((call) => call.args[0].input.RequestItems)
    expect(asked[1]).toEqual({ orders: { Keys: [{ orderId: b.orderId }], ConsistentRead: true } })
  })

  test('gives up if a whole batch stays unread, and never treats it as empty', async () => {
    client.on(BatchGetCommand).resolves(unread)

    await expect(repository.getAll([b.orderId], fail)).rejects.toThrow('left a whole batch unprocessed')
  })
})
