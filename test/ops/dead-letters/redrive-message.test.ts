import { expect, test } from '@jest/globals'
import type { Order } from '../../../lambdas/domain/order.ts'
import { redriveMadeOf } from '../../../ops/dead-letters/redrive-message.ts'
import { at, orderId, storedOrder } from '../../builders.ts'

const workers = [
  { worker: 'logistics', queueUrl: 'queue', deadLetterQueueUrl: 'dlq', undeliveredQueueUrl: undefined },
]
const attention: Order['attention'] = {
  state: 'dead-lettered',
  step: 'logistics',
  reason: 'NOPE',
  attempts: 5,
  since: at(),
}

test("a message that is made from its order goes by the order's trace", () => {
  const redrive = redriveMadeOf(storedOrder({ deadLettered: 1, attention }), workers)

  expect(redrive).toMatchObject({
    orderId,
    targetUrl: 'queue',
    traceHeader: 'Root=1-0af76519-16cd43dd8448eb211c80319c;Parent=b7ad6b7169203331;Sampled=1',
  })
})

test('there is nothing to redrive of an order that is not dead-lettered', () => {
  expect(redriveMadeOf(storedOrder(), workers)).toBeUndefined()
})
