import { describe, expect, test } from '@jest/globals'
import { parseStepMessage } from '../../../lambdas/runtime/event-message.ts'
import { messageBody, nonce, orderId, sqsRecord, storedOrder } from '../../builders.ts'

const event = JSON.parse(messageBody(storedOrder()))
const parse = (body: unknown, about: Parameters<typeof sqsRecord>[1] = {}) =>
  parseStepMessage(sqsRecord(typeof body === 'string' ? body : JSON.stringify(body), about), 'carrier')

test('an event names its order and itself, whatever EventBridge adds to it', () => {
  const message = parse({ ...event, version: '0', account: '000000000000', resources: [] })

  expect(message).toEqual({
    eventId: `${orderId}:${nonce}:CREATED`,
    orderId,
    deadLetterNumber: undefined,
    receives: 1,
    messageId: 'message-1',
    receiptHandle: 'receipt-of-message-1',
  })
})

test('a message out of the DLQ has the number of its dead-lettering', () => {
  expect(parse(event, { deadLetterNumber: 3 })).toMatchObject({ deadLetterNumber: 3 })
})

test.each([0, -1, 1.5])('the number %d names no dead-lettering', (number) => {
  expect(parse(event, { deadLetterNumber: number })).toMatchObject({ deadLetterNumber: undefined })
})

describe('poison', () => {
  const detail = (change: object) => ({ ...event, detail: { ...event.detail, ...change } })

  test.each<[string, unknown, string]>([
    ['no JSON', '{', 'NOT_JSON'],
    ['empty', '', 'NOT_JSON'],
    ['no object', 'null', 'NOT_AN_EVENT'],
    ['without a detail', { 'detail-type': 'ORDER_CREATED' }, 'NOT_AN_EVENT'],
    ['without an event id', detail({ metadata: {} }), 'NOT_AN_EVENT'],
    ['with an empty event id', detail({ metadata: { eventId: '' } }), 'NOT_AN_EVENT'],
    ['with an order id that cannot exist', detail({ data: { orderId: 'ord_1' } }), 'NOT_AN_EVENT'],
    ["another step's event", detail({ data: { orderId, lane: 'warehouse' } }), 'WRONG_LANE'],
    ["another vendor's event of the same step", detail({ data: { orderId, lane: 'courier' } }), 'WRONG_LANE'],
    ["nobody's turn", detail({ data: { orderId } }), 'WRONG_LANE'],
  ])('is a message that is %s', (_, body, poison) => {
    expect(parse(body)).toEqual({ poison })
  })
})
