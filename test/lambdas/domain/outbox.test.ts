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
const partitionsOf = (shards: number): (string | undefined)[] =>
  ids.map((id) => {
    const order = { orderId: id, nonce, vendors, outboxShard: shardOf(id, shards) }
    return statusMark({ ...order, status: 'CREATED' }, t0).outboxPartition
  })

test.each([16, 17, 64])('the orders of one consumer spread evenly over %d partitions', (shards) => {
  const used = Map.groupBy(partitionsOf(shards), (partition) => partition)

  expect([...used.keys()].sort()).toEqual(outboxPartitions('carrier', shards).sort())
  const sizes = [...used.values()].map(({ length }) => length)
  expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1)
})

test('an order stays in its shard when there are more of them, and the relay goes on reading it', () => {
  const before = { orderId: ids[250] ?? '', nonce, vendors, outboxShard: shardOf(ids[250] ?? '', 16) }

  const { outboxPartition } = statusMark({ ...before, status: 'AWB_GENERATED' }, t0)

  expect(shardOf(before.orderId, 64)).not.toBe(before.outboxShard)
  expect(outboxPartition).toBe('warehouse#a')
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
