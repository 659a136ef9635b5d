import { beforeEach, expect, test } from '@jest/globals'
import type { SQSRecord } from 'aws-lambda'
import type { DeadLetterFacts, StepQueue } from '../../../lambdas/adapters/step-queue.ts'
import { createListener, type EventHandlers } from '../../../lambdas/runtime/listener.ts'
import { createLock } from '../../../lambdas/runtime/lock.ts'
import { lambdaContext, nonce, orderId, orderIdAt, sqsRecord, storedOrder } from '../../builders.ts'
import { createTelemetryRecord } from '../doubles.ts'
import { createDynamoDb, type DynamoDb } from '../dynamodb.ts'

let db: DynamoDb
let record: ReturnType<typeof createTelemetryRecord>
let hidden: [string, number][]
let deadLetters: [string, DeadLetterFacts][]
let heard: string[]
beforeEach(async () => {
  db = await createDynamoDb()
  record = createTelemetryRecord()
  hidden = []
  deadLetters = []
  heard = []
})

/** Has a listener of this name work off one batch. */
const listen = (
  handlers: EventHandlers,
  records: SQSRecord[],
  name = 'notify-shop',
  deadLetter: StepQueue['deadLetter'] = async (body, facts) => void deadLetters.push([body, facts]),
) => {
  const listener = createListener(
    {
      name,
      lock: createLock(db.client, { tableName: 'locks', expiresAfterSeconds: 3600, keyPrefix: name }),
      queue: {
        hideFor: async (receiptHandle, inMs) => void hidden.push([receiptHandle, inMs]),
        deadLetter,
      },
      telemetry: record.telemetry,
      maxReceiveCount: 10,
      waitUnitMs: 1000,
    },
    handlers,
  )
  return listener({ Records: records }, lambdaContext())
}
const hears: EventHandlers = {
  ORDER_CREATED: async ({ metadata }) => void heard.push(metadata.eventId),
}
const fails: EventHandlers = {
  ORDER_CREATED: async () => {
    throw new Error('The shop is closed')
  },
}
const failures = (...messageIds: string[]) => ({
  batchItemFailures: messageIds.map((itemIdentifier) => ({ itemIdentifier })),
})
const allHandled = failures()
const created = storedOrder()
const eventId = `${orderId}:${nonce}:CREATED`
const ids = { detailType: 'ORDER_CREATED', orderId, eventId, correlationId: 'correlation-1' }

test('each event goes to the handler of its detail-type, and leaves one log line with its ids', async () => {
  const awb = 'AWB-1'
  const ready = storedOrder({ status: 'READY_FOR_FULFILLMENT', awb, wmsReference: 'W-1' })
  const reads: EventHandlers = {
    ...hears,
    READY_FOR_FULFILLMENT: async ({ data }) => void heard.push(`${data.awb} ${data.wmsReference}`),
  }

  expect(await listen(reads, [sqsRecord(created), sqsRecord(ready, { messageId: 'message-2' })])).toEqual(
    allHandled,
  )

  expect(heard).toEqual([eventId, 'AWB-1 W-1'])
  expect(record.lines).toHaveLength(2)
  expect(record.lines).toContainEqual({
    level: 'info',
    message: 'Event handled',
    facts: { ...ids, messageId: 'message-1', receives: 1 },
  })
})

test('an event that is delivered again is not handled again', async () => {
  await listen(hears, [sqsRecord(created)])
  expect(await listen(hears, [sqsRecord(created, { messageId: 'message-2' })])).toEqual(allHandled)

  expect(heard).toEqual([eventId])
  expect(record.lines.map(({ message }) => message)).toEqual(['Event handled', 'Event was handled before'])
})

test('an event that is twice in a batch is handled once, and its copy comes back', async () => {
  const twice = [sqsRecord(created), sqsRecord(created, { messageId: 'message-2' })]
  const { batchItemFailures } = await listen(hears, twice)

  expect(heard).toEqual([eventId])
  expect(batchItemFailures).toHaveLength(1)
  expect(record.lines).toContainEqual(expect.objectContaining({ level: 'error' }))
})

test('each listener handles an event for itself', async () => {
  await listen(hears, [sqsRecord(created)], 'notify-shop')
  await listen(hears, [sqsRecord(created)], 'write-invoice')

  expect(heard).toEqual([eventId, eventId])
})

test('an event whose handler throws is logged with the error and retried; the others are handled', async () => {
  const other = storedOrder({ orderId: orderIdAt(2) })
  const picky: EventHandlers = {
    ORDER_CREATED: async ({ data }) => {
      if (data.orderId === orderId) throw new Error('The shop is closed')
      heard.push(data.orderId)
    },
  }

  const records = [sqsRecord(created), sqsRecord(other, { messageId: 'message-2' })]
  expect(await listen(picky, records)).toEqual(failures('message-1'))

  expect(heard).toEqual([other.orderId])
  expect(hidden).toEqual([['receipt-of-message-1', 1000]])
  expect(record.lines).toContainEqual({
    level: 'error',
    message: 'Event not handled',
    facts: { ...ids, messageId: 'message-1', receives: 1, error: new Error('The shop is closed') },
  })
})

test('an event that failed is handled when it comes back', async () => {
  await listen(fails, [sqsRecord(created)])
  expect(await listen(hears, [sqsRecord(created, { receives: 2 })])).toEqual(allHandled)

  expect(heard).toEqual([eventId])
})

test.each([
  [1, 1000],
  [2, 2000],
  [5, 16_000],
  [9, 256_000],
])('after its receive number %i an event waits for %i ms', async (receives, inMs) => {
  await listen(fails, [sqsRecord(created, { receives })])
  expect(hidden).toEqual([['receipt-of-message-1', inMs]])
})

test('an event that fails at its last receive is left to SQS at once, which dead-letters it', async () => {
  expect(await listen(fails, [sqsRecord(created, { receives: 10 })])).toEqual(failures('message-1'))

  expect(hidden).toEqual([['receipt-of-message-1', 0]])
})

const wrong = (change: object) => JSON.stringify({ ...JSON.parse(sqsRecord(created).body), ...change })
test.each([
  ['is not JSON', 'NOT_JSON', 'not json at all'],
  ['is no event', 'NOT_AN_EVENT', '{}'],
  ['lacks what its detail-type promises', 'NOT_AN_EVENT', wrong({ 'detail-type': 'AWB_GENERATED' })],
  [
    'is of a type that the listener has no handler for',
    'WRONG_DETAIL_TYPE',
    sqsRecord(storedOrder({ status: 'CANCELLED' })).body,
  ],
  [
    'has the name of an inherited property for a type',
    'WRONG_DETAIL_TYPE',
    wrong({ 'detail-type': 'toString' }),
  ],
])(
  'a message that %s is dead-lettered at once with the reason, and reaches no handler',
  async (_, reason, body) => {
    const deaf: EventHandlers = {
      ...hears,
      AWB_GENERATED: async ({ metadata }) => void heard.push(metadata.eventId),
    }

    const records = [sqsRecord(body), sqsRecord(created, { messageId: 'message-2' })]
    expect(await listen(deaf, records)).toEqual(allHandled)

    expect(heard).toEqual([eventId])
    expect(deadLetters).toEqual([
      [body, expect.objectContaining({ step: 'notify-shop', kind: 'poison', reason })],
    ])
    expect(record.lines).toContainEqual({
      level: 'error',
      message: 'Message dead-lettered',
      facts: { messageId: 'message-1', receives: 1, reason },
    })
  },
)

test('a poison message that the DLQ does not take comes back', async () => {
  const { batchItemFailures } = await listen(hears, [sqsRecord('{}')], 'notify-shop', async () => {
    throw new Error('SQS is away')
  })

  expect(batchItemFailures).toEqual([{ itemIdentifier: 'message-1' }])
  expect(hidden).toEqual([['receipt-of-message-1', 1000]])
})
