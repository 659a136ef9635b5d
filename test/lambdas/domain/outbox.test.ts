import { expect, test } from '@jest/globals'
import { attentionMark, outboxPartitions, shardOf, statusMark } from '../../../lambdas/domain/outbox.ts'
import { at, nonce, orderId, orderIdAt, t0, vendors } from '../../builders.ts'

test.each([
  ['CREATED', 'carrier'],
  ['AWB_GENERATED', 'warehouse'],
  ['READY_FOR_FULFILLMENT', 'announcement'],
  ['CANCELLED', 'announcement'],
] as const)('the mark of an order that is %s is due in a partition of %s', (status, consumer) => {
  expect(statusMark({ orderId, nonce, vendors, status }, t0 + 60_000)).toEqual({
    outboxEventId: `${orderId}:${nonce}:${status}`,
    outboxPartition: `${consumer}#f`,
    outboxDueAt: at(60_000),
    outboxSends: 0,
    outboxClaimed: false,
  })
})

test('the mark of a dead letter is due among the announcements, with step and number in its id', () => {
  expect(attentionMark({ orderId, nonce }, 'wms', 2, t0)).toMatchObject({
    outboxEventId: `${orderId}:${nonce}:NEEDS_ATTENTION:wms:2`,
    outboxPartition: 'announcement#f',
    outboxSends: 0,
  })
})

const ids = Array.from({ length: 256 }, (_, number) => orderIdAt(0, number.toString(16).padStart(2, '0')))
const shops = Array.from({ length: 400 }, (_, number) => `shop-${number}`)
const partitionsOf = (ownerId: string, shards: number): (string | undefined)[] =>
  ids.map((id) => {
    const outboxShard = shardOf({ ownerId, orderId: id }, shards)
    return statusMark({ orderId: id, nonce, vendors, outboxShard, status: 'CREATED' }, t0).outboxPartition
  })
const sizesOf = (partitions: (string | undefined)[]) =>
  [...Map.groupBy(partitions, (each) => each).values()].map(({ length }) => length)

test.each([16, 17, 64])('the orders of many shops spread over %d partitions of a lane', (shards) => {
  const partitions = shops.flatMap((shop) => partitionsOf(shop, shards))

  expect([...new Set(partitions)].sort()).toEqual(outboxPartitions('carrier', shards).sort())
  const even = partitions.length / shards
  expect(Math.max(...sizesOf(partitions))).toBeLessThan(1.75 * even)
})

test.each([16, 17, 64])('those of one shop spread evenly over four of %d', (shards) => {
  for (const shop of shops) expect(sizesOf(partitionsOf(shop, shards))).toEqual([64, 64, 64, 64])
})

test("an order in four is in a shard of another shop's flood, and of 64 shards one in sixteen", () => {
  const meet = (shards: number) => {
    const flooded = new Set(partitionsOf('flood', shards))
    const orders = shops.flatMap((shop) => partitionsOf(shop, shards))
    return orders.filter((partition) => flooded.has(partition)).length / orders.length
  }

  expect(meet(16)).toBeCloseTo(1 / 4, 1)
  expect(meet(64)).toBeCloseTo(1 / 16, 1)
})

test('an order stays in its shard when there are more of them, and the relay goes on reading it', () => {
  const order = { ownerId: 'shop-1', orderId, nonce, vendors, status: 'AWB_GENERATED' } as const
  const outboxShard = shardOf(order, 16)

  const { outboxPartition } = statusMark({ ...order, outboxShard }, t0)

  expect(shardOf(order, 64)).not.toBe(outboxShard)
  expect(outboxPartition).toBe(`warehouse#${outboxShard.toString(16)}`)
  expect(outboxPartitions('warehouse', 64)).toContain(outboxPartition)
})

test('an order that was written before it had a shard is in the one that its id ends in', () => {
  expect(
    statusMark({ orderId: orderIdAt(1, 'c'), nonce, vendors, status: 'CREATED' }, t0).outboxPartition,
  ).toBe('carrier#c')
})

test.each([
  [16, 1],
  [64, 4],
  [17, 2],
])('%d shards in %d groups are read once', (shards, groups) => {
  const numbers = Array.from({ length: groups }, (_, group) => group)
  const read = numbers.flatMap((group) => outboxPartitions('warehouse', shards, group, groups))

  expect(read.sort()).toEqual(outboxPartitions('warehouse', shards).sort())
})
