import { marshall } from '@aws-sdk/util-dynamodb'
import { expect, test } from '@jest/globals'
import { createSampler } from '../../../local/console/sampler.ts'
import { until } from '../../until.ts'

const topology = {
  nodes: [],
  edges: [],
  routes: [],
  lanes: [
    {
      step: 'logistics',
      vendor: 'carrier',
      worker: 'w',
      queue: 'Carrier/Queue',
      vendorTimeoutMs: 1,
      ratePerSecond: 50,
    },
    {
      step: 'wms',
      vendor: 'warehouse',
      worker: 'v',
      queue: 'Warehouse/Queue',
      vendorTimeoutMs: 1,
      ratePerSecond: 50,
    },
  ],
  tables: { orders: 'orders', circuits: 'circuits' },
}

const queue = (name: string, visible: number, inFlight = 0, delayed = 0) => {
  const deadLetterQueue = name.endsWith('DeadLetterQueue')
  return { name, url: name, arn: name, visible, inFlight, delayed, deadLetterQueue }
}

test('orders, queues, dead letters and circuits are those of the tables and queues', async () => {
  const outbox = ['carrier#0', 'carrier#f', 'carrier#1', 'warehouse#0', 'announcement#0']
  const circuit = { vendor: 'carrier', state: 'open', since: 1, until: 2, reason: 'TIME_OUT' }
  const call = async (_action: string, { TableName }: Record<string, unknown>) => ({
    Items:
      TableName === 'orders'
        ? outbox.map((outboxPartition) => marshall({ outboxPartition }))
        : [marshall(circuit)],
  })
  const queues = () => [
    queue('Carrier/Queue', 0, 1, 0),
    queue('Carrier/DeadLetterQueue', 2, 1),
    queue('Warehouse/Queue', 0, 0, 1),
    queue('Warehouse/DeadLetterQueue', 1),
  ]
  const { sample } = createSampler({ topology, sqs: { queues }, dynamoDb: { call }, vendors: {} })

  // What is unfinished and in no queue counts as waiting only when it is seen twice.
  const { queues: sizes, dead, vendors } = await until(sample, (seen) => seen.vendors.carrier?.waiting === 2)

  expect(sizes['Carrier/Queue']).toEqual({ visible: 0, inFlight: 1, delayed: 0 })
  expect(dead).toBe(4)
  expect(vendors.carrier).toMatchObject({ unfinished: 3, waiting: 2, circuit })
  expect(vendors.warehouse).toMatchObject({ unfinished: 1, waiting: 0, circuit: undefined })
})
