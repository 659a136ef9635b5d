import { expect, test } from '@jest/globals'
import { attentionMark, outboxPartitions, statusMark } from '../../../lambdas/domain/outbox.ts'
import { at, nonce, orderId, orderIdAt, t0 } from '../../builders.ts'

test.each([
  ['CREATED', 'logistics'],
  ['AWB_GENERATED', 'wms'],
  ['READY_FOR_FULFILLMENT', 'announcement'],
  ['CANCELLED', 'announcement'],
] as const)('the mark of an order that is %s is due in a partition of %s', (status, consumer) => {
  expect(statusMark({ orderId, nonce }, status, t0 + 60_000)).toEqual({
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

test('the orders of one consumer spread over 16 partitions, all of which the relay knows', () => {
  const ids = [...'0123456789abcdef'].map((shard) => orderIdAt(1, shard))

  const used = ids.map((id) => statusMark({ orderId: id, nonce }, 'CREATED', t0).outboxPartition)

  expect(used).toEqual(outboxPartitions('logistics'))
  expect(new Set(used).size).toBe(16)
})
