import {
  ChangeMessageVisibilityCommand,
  GetQueueAttributesCommand,
  SendMessageBatchCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs'
import { beforeEach, describe, expect, test } from '@jest/globals'
import { mockClient } from 'aws-sdk-client-mock'
import { createStepQueue } from '../../../lambdas/adapters/step-queue.ts'

const client = new SQSClient({})
const sqs = mockClient(client)
const queueWith = (waitUnitMs: number) =>
  createStepQueue(client, { queueUrl: 'queue', deadLetterQueueUrl: 'dlq', waitUnitMs })
const queue = queueWith(1000)

const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'
const AWSTraceHeader = {
  DataType: 'String',
  StringValue: 'Root=1-0af76519-16cd43dd8448eb211c80319c;Parent=b7ad6b7169203331;Sampled=1',
}

beforeEach(() => void sqs.reset())

describe('a message that comes back', () => {
  test.each([
    ['a whole unit', 1000, 5000, 5],
    ['up to the next unit, never too early', 1000, 4001, 5],
    ['nothing', 1000, 0, 0],
    ['nothing, where its time is past', 1000, -7, 0],
    ['fractions of a second, where the queue knows them', 50, 120, 0.15],
    ['at most 12 hours', 1000, 99 * 3_600_000, 43_200],
  ])('is hidden for %s', async (_, waitUnitMs, inMs, seconds) => {
    await queueWith(waitUnitMs).hideFor('receipt', inMs)

    expect(sqs.commandCalls(ChangeMessageVisibilityCommand).map((call) => call.args[0].input)).toEqual([
      { QueueUrl: 'queue', ReceiptHandle: 'receipt', VisibilityTimeout: seconds },
    ])
  })
})

describe('a dead letter', () => {
  const facts = {
    orderId: 'o',
    step: 'wms',
    kind: 'permanent',
    reason: 'NOPE',
    attempts: 0,
    deadLetterNumber: 3,
  }

  test('says everything about itself in at most ten attributes', async () => {
    await queue.deadLetter('body', { ...facts, trace: 't' })

    const text = (StringValue: string) => ({ DataType: 'String', StringValue })
    const number = (StringValue: string) => ({ DataType: 'Number', StringValue })
    expect(sqs.commandCalls(SendMessageCommand).map((call) => call.args[0].input)).toEqual([
      {
        QueueUrl: 'dlq',
        MessageBody: 'body',
        MessageAttributes: {
          orderId: text('o'),
          step: text('wms'),
          kind: text('permanent'),
          reason: text('NOPE'),
          attempts: number('0'),
          deadLetterNumber: number('3'),
          trace: text('t'),
        },
      },
    ])
  })

  test("goes by its order's trace, so that a redrive does too", async () => {
    await queue.deadLetter('body', { ...facts, trace: traceparent })

    const { MessageSystemAttributes } = sqs.commandCalls(SendMessageCommand)[0]?.args[0].input ?? {}
    expect(MessageSystemAttributes).toEqual({ AWSTraceHeader })
  })

  test('has no empty attribute, which SQS would refuse with the message', async () => {
    await queue.deadLetter('body', { ...facts, reason: '', trace: '' })

    const { MessageAttributes = {} } = sqs.commandCalls(SendMessageCommand)[0]?.args[0].input ?? {}
    expect(Object.values(MessageAttributes).filter(({ StringValue }) => !StringValue)).toEqual([])
  })

  test('of no order says so', async () => {
    await queue.deadLetter('body', { step: 'wms', kind: 'poison', reason: 'NOT_JSON' })

    const { MessageAttributes } = sqs.commandCalls(SendMessageCommand)[0]?.args[0].input ?? {}
    expect(MessageAttributes).toMatchObject({
      orderId: { StringValue: 'unknown' },
      trace: { StringValue: 'unknown' },
      attempts: { StringValue: '0' },
      deadLetterNumber: { StringValue: '0' },
    })
  })
})

describe('messages that are sent', () => {
  test("go by one call, each by its order's trace and after its delay, which is at most 15 minutes", async () => {
    sqs.on(SendMessageBatchCommand).resolves({})

    const refused = await queue.send([
      { body: 'a', delayMs: 0, trace: traceparent },
      { body: 'b', delayMs: 1500, trace: traceparent },
      { body: 'c', delayMs: 3_600_000, trace: 'no trace' },
    ])

    expect(refused).toEqual(new Set())
    expect(sqs.commandCalls(SendMessageBatchCommand).map((call) => call.args[0].input)).toEqual([
      {
        QueueUrl: 'queue',
        Entries: [
          { Id: '0', MessageBody: 'a', DelaySeconds: 0, MessageSystemAttributes: { AWSTraceHeader } },
          { Id: '1', MessageBody: 'b', DelaySeconds: 2, MessageSystemAttributes: { AWSTraceHeader } },
          { Id: '2', MessageBody: 'c', DelaySeconds: 900 },
        ],
      },
    ])
  })

  test('and were not accepted are named by their index', async () => {
    const failure = { SenderFault: false, Code: 'InternalError' }
    sqs.on(SendMessageBatchCommand).resolves({ Failed: [{ ...failure, Id: '1' }] })

    const refused = await queue.send([
      { body: 'a', delayMs: 0, trace: traceparent },
      { body: 'b', delayMs: 0, trace: traceparent },
    ])

    expect(refused).toEqual(new Set([1]))
  })
})

test('the depth is what is visible, in flight and delayed', async () => {
  const attributes: Record<string, string> = {
    ApproximateNumberOfMessages: '5',
    ApproximateNumberOfMessagesNotVisible: '20',
    ApproximateNumberOfMessagesDelayed: '300',
  }
  // SQS returns only the attributes that are requested.
  sqs.on(GetQueueAttributesCommand).callsFake(({ AttributeNames = [] }) => ({
    Attributes: Object.fromEntries(AttributeNames.map((name: string) => [name, attributes[name]])),
  }))

  expect(await queue.depth()).toBe(325)
})
