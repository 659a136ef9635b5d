import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals'
import { type Activity, type ActivityEvent, createActivity } from '../../../local/activity.ts'
import { createEventBridge, type EventBridge } from '../../../local/services/event-bridge.ts'
import type { Message } from '../../../local/services/sqs.ts'
import { createSqs, type Sqs } from '../../../local/services/sqs.ts'
import { bringUp } from '../emulated.ts'

const entry = (more: object = {}) => ({
  Source: 'orders',
  DetailType: 'ORDER_CREATED',
  Detail: '{"id":1}',
  EventBusName: 'bus',
  ...more,
})

describe('EventBridge', () => {
  let activity: Activity
  let sqs: Sqs
  let eventBridge: EventBridge
  let arns: { queue: string; undelivered: string }
  /** The queues whose policies refuse rules. */
  let refused: string[]

  beforeEach(async () => {
    activity = createActivity()
    sqs = createSqs({ endpoint: 'http://127.0.0.1:1', activity })
    refused = []
    const maySend = async (_rule: string, queue: string) =>
      refused.includes(queue) ? 'not allowed' : undefined
    eventBridge = createEventBridge({ sqs, activity, iam: { maySend } })
    const arnOf = async (name: string) =>
      (await bringUp(sqs.resources, 'AWS::SQS::Queue', name, {})).attributes?.Arn ?? ''
    arns = { queue: await arnOf('q'), undelivered: await arnOf('undelivered') }
    await bringUp(eventBridge.resources, 'AWS::Events::EventBus', 'bus', { Name: 'bus' })
    await bringUp(eventBridge.resources, 'AWS::Events::Rule', 'rule', {
      EventBusName: 'bus',
      EventPattern: { source: ['orders'], 'detail-type': ['ORDER_CREATED'] },
      Targets: [{ Id: 't', Arn: arns.queue, DeadLetterConfig: { Arn: arns.undelivered } }],
    })
  })
  afterEach(async () => {
    jest.restoreAllMocks()
    eventBridge.close()
    await sqs.close()
  })

  const put = (...Entries: object[]) => eventBridge.call('PutEvents', { Entries }, 'Root=request')
  const received = async (arn: string): Promise<Message[]> => {
    const all = { MessageSystemAttributeNames: ['All'], MessageAttributeNames: ['All'] }
    const input = { QueueUrl: sqs.urlOf(arn), WaitTimeSeconds: 20, MaxNumberOfMessages: 10, ...all }
    return (await sqs.call('ReceiveMessage', input)).Messages as Message[]
  }
  const next = (type: ActivityEvent['type']): Promise<ActivityEvent> =>
    new Promise((resolve) => activity.on('activity', (what) => what.type === type && resolve(what)))

  test('answers before it delivers', async () => {
    const matched = next('event-matched')
    await put(entry())
    expect(sqs.peek(sqs.urlOf(arns.queue))).toEqual([])
    await matched
    expect(sqs.peek(sqs.urlOf(arns.queue))).toHaveLength(1)
  })

  test('sends an event that matches as a whole, with its trace', async () => {
    const { Entries } = await put(entry({ Resources: ['r'], TraceHeader: 'Root=entry' }), entry())
    const [first] = await received(arns.queue)
    const [second] = await received(arns.queue)
    expect(JSON.parse(first?.Body ?? '')).toEqual({
      version: '0',
      id: (Entries as { EventId: string }[])[0]?.EventId,
      'detail-type': 'ORDER_CREATED',
      source: 'orders',
      account: '000000000000',
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
      region: 'us-east-1',
      resources: ['r'],
      detail: { id: 1 },
    })
    expect(first?.Attributes?.AWSTraceHeader).toBe('Root=entry')
    expect(second?.Attributes?.AWSTraceHeader).toBe('Root=request')
  })

  test('sends no event that does not match or is on another bus', async () => {
    await put(
      entry({ DetailType: 'AWB_GENERATED' }),
      entry({ EventBusName: 'default' }),
      entry({ Detail: '{"id":2}' }),
    )
    const messages = await received(arns.queue)
    expect(messages.map(({ Body }) => JSON.parse(Body).detail)).toEqual([{ id: 2 }])
    expect(eventBridge.events.list()).toHaveLength(3)
  })

  test('refuses entries one by one', async () => {
    const wrong = [
      { Detail: 'x' },
      { Detail: '[]' },
      { Source: '' },
      { DetailType: undefined },
      { EventBusName: 'no' },
    ]
    const answer = await put(...wrong.map(entry), entry())
    expect(answer).toMatchObject({
      FailedEntryCount: 5,
      Entries: [
        { ErrorCode: 'MalformedDetail' },
        { ErrorCode: 'MalformedDetail' },
        { ErrorCode: 'InvalidArgument', ErrorMessage: expect.stringContaining('Source') },
        { ErrorCode: 'InvalidArgument', ErrorMessage: expect.stringContaining('DetailType') },
        { ErrorCode: 'ResourceNotFoundException' },
        { EventId: expect.any(String) },
      ],
    })
  })

  test('accepts up to ten entries', async () => {
    await expect(put(...Array.from({ length: 11 }, () => entry()))).rejects.toMatchObject({
      code: 'ValidationException',
    })
  })

  test("sends what the queue's policy refuses to the target's dead-letter queue, with the reason", async () => {
    refused = [arns.queue]
    const printed = jest.spyOn(console, 'error').mockImplementation(() => {})
    await put(entry())
    const [message] = await received(arns.undelivered)
    expect(message?.MessageAttributes).toMatchObject({
      ERROR_CODE: { StringValue: 'NO_PERMISSIONS' },
      ERROR_MESSAGE: { StringValue: 'not allowed' },
      TARGET_ARN: { StringValue: arns.queue },
    })
    expect(printed.mock.calls).toEqual([['local: not allowed (constructs: Stack/rule, Stack/q)']])
  })

  test('drops it if the dead-letter queue also refuses', async () => {
    refused = [arns.queue, arns.undelivered]
    jest.spyOn(console, 'error').mockImplementation(() => {})
    const dropped = next('event-dropped')
    await put(entry())
    expect(await dropped).toMatchObject({ target: arns.queue })
  })

  test('drops as many deliveries as requested', async () => {
    eventBridge.drop(1)
    const dropped = next('event-dropped')
    await put(entry({ Detail: '{"id":1}' }), entry({ Detail: '{"id":2}' }))
    const messages = await received(arns.queue)
    expect(await dropped).toMatchObject({ rule: 'Stack/rule' })
    expect(messages.map(({ Body }) => JSON.parse(Body).detail)).toEqual([{ id: 2 }])
  })

  test('refuses a target that it cannot deliver to', async () => {
    const Targets = [{ Id: 't', Arn: 'arn:aws:lambda:us-east-1:000000000000:function:f' }]
    const rule = bringUp(eventBridge.resources, 'AWS::Events::Rule', 'r', { EventPattern: {}, Targets })
    await expect(rule).rejects.toThrow('only SQS targets')
  })
})
