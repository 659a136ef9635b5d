import {
  BatchWriteItemCommand,
  DynamoDBClient,
  GetItemCommand,
  ListTablesCommand,
} from '@aws-sdk/client-dynamodb'
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb'
import { orderIdOf } from '../../lambdas/domain/identity.ts'
import { type Order, storedOrder } from '../../lambdas/domain/order.ts'
import { statusMark } from '../../lambdas/domain/outbox.ts'

/** https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchWriteItem.html */
const maxItems = 25
/** Batches on their way at once. */
const concurrency = 8

/** The orders table of an embedded cloud, for whoever puts orders there beside the API. */
export async function openOrders(url: string) {
  const client = new DynamoDBClient({
    endpoint: url,
    region: 'us-east-1',
    credentials: { accessKeyId: 'bench', secretAccessKey: 'bench' },
  })
  const { TableNames = [] } = await client.send(new ListTablesCommand({}))
  const TableName = TableNames.find((name) => name.includes('OrderTable'))
  if (TableName === undefined) throw new Error('The embedded cloud has no orders table')

  const write = (orders: readonly Order[]) =>
    client.send(
      new BatchWriteItemCommand({
        RequestItems: {
          [TableName]: orders.map((order) => ({
            PutRequest: { Item: marshall(order, { removeUndefinedValues: true }) },
          })),
        },
      }),
    )

  return {
    async read(orderId: string): Promise<Order> {
      const { Item = {} } = await client.send(new GetItemCommand({ TableName, Key: marshall({ orderId }) }))
      return storedOrder.parse(unmarshall(Item))
    },
    /** Writes `count` orders that `make` makes. */
    async fill(count: number, make: (index: number) => Order): Promise<void> {
      let next = 0
      const work = async (): Promise<void> => {
        while (next < count) {
          const first = next
          next = Math.min(count, first + maxItems)
          await write(Array.from({ length: next - first }, (_, index) => make(first + index)))
        }
      }
      await Promise.all(Array.from({ length: concurrency }, work))
    },
    close: () => client.destroy(),
  }
}

/** Another order like one that is finished. */
export function anotherLike(order: Order, reference: string): Order {
  return { ...order, orderId: orderIdOf(order.ownerId, { of: 'reference', value: reference }), reference }
}

/** The same order, on whose ORDER_CREATED nobody has acted: its mark has just come due. */
export function unconsumed({ awb, trackingUrl, wmsReference, expiresAt, ...order }: Order): Order {
  return {
    ...order,
    status: 'CREATED',
    timeline: order.timeline.slice(0, 1),
    statusAt: order.createdAt,
    ...statusMark(order.orderId, 'CREATED', Date.now()),
  }
}
