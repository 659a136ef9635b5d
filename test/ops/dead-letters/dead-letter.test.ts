import { describe, expect, test } from '@jest/globals'
import type { DeadLetterQueue } from '../../../ops/cli/environment.ts'
import { parseDeadLetter, requireOneFilter, standingOf } from '../../../ops/dead-letters/dead-letter.ts'
import type { Filter } from '../../../ops/orders/listing.ts'
import { messageBody, storedOrder, without } from '../../builders.ts'
import { createOrders } from './queues.ts'

describe('the filter of a command that changes something', () => {
  const deliberate: (Filter & { all?: true })[] = [
    { order: 'ord_1' },
    { message: 'm-1' },
    { lane: 'warehouse', reason: 'TIME_OUT', olderThan: 1 },
    { all: true },
  ]
  test.each(deliberate)('may choose in one way: %j', (filter) => {
    expect(() => requireOneFilter(filter)).not.toThrow()
  })

  test('is required: nothing does not mean all', () => {
    expect(() => requireOneFilter({})).toThrow('Choose the messages: --order ID')
  })

  const muddled: (Filter & { all?: true })[] = [
    { order: 'ord_1', message: 'm-1' },
    { order: 'ord_1', lane: 'warehouse' },
    { all: true, reason: 'TIME_OUT' },
  ]
  test.each(muddled)('may not choose in two ways: %j', (filter) => {
    expect(() => requireOneFilter(filter)).toThrow('Choose the messages in only one way')
  })
})

describe('a message in a DLQ', () => {
  const stuck = createOrders().stuck({}, { number: 2 })
  const queue = { kind: 'dead-letter', url: 'dlq', targetUrl: 'queue' } as const
  const carriers = { lane: 'carrier', step: 'logistics' } as const
  const couriers = { lane: 'courier', step: 'logistics' } as const
  const listeners = { lane: 'notifyshop', step: undefined }
  const messageOf = (
    deadLetterNumber: number | undefined,
    order = storedOrder(),
    of: Pick<DeadLetterQueue, 'lane' | 'step'> = carriers,
  ) => ({
    ...parseDeadLetter({ Body: messageBody(order) }, { ...queue, ...of }),
    deadLetterNumber,
  })

  test.each([
    ['of the current dead-lettering belongs to its order', messageOf(2), stuck, 'of dead-lettered order'],
    ['of an earlier one is obsolete', messageOf(1), stuck, 'obsolete'],
    ['is obsolete once its order was redriven', messageOf(2), storedOrder(), 'obsolete'],
    ['that SQS moved belongs to its order', messageOf(undefined), stuck, 'of dead-lettered order'],
    ['that SQS moved is separate while its event is owed', messageOf(undefined), storedOrder(), 'other'],
    [
      'that SQS moved is obsolete once another event is owed',
      messageOf(undefined),
      storedOrder({ status: 'AWB_GENERATED' }),
      'obsolete',
    ],
    ['that belongs to no dead-lettering is separate', messageOf(0), stuck, 'other'],
    ['is separate if there is no order', messageOf(2), undefined, 'other'],
    ['of a listener is separate', messageOf(undefined, storedOrder(), listeners), stuck, 'other'],
    [
      'that SQS moved is obsolete if its order now goes to another vendor of the step',
      messageOf(undefined, storedOrder(), couriers),
      storedOrder(),
      'obsolete',
    ],
    [
      'of an order that an earlier release dead-lettered is separate',
      messageOf(2),
      without(stuck, 'deadLetterPartition', 'deadLetteredAt'),
      'other',
    ],
  ])('%s', (_, message, order, standing) => {
    expect(standingOf(message, order)).toBe(standing)
  })
})
