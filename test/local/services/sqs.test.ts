import { once } from 'node:events'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { type Activity, createActivity } from '../../../local/activity.ts'
import type { Message } from '../../../local/services/sqs.ts'
import { createSqs, type Sqs } from '../../../local/services/sqs.ts'
import { bringUp } from '../emulated.ts'

describe('SQS', () => {
  let sqs: Sqs
  let activity: Activity
  let queue: { url: string; arn: string }
  let dlq: { url: string; arn: string }

  beforeEach(async () => {
    activity = createActivity()
    sqs = createSqs({ endpoint: 'http://127.0.0.1:1234', activity })
    const create = async (name: string, properties: object) => {
      const { ref: url, attributes } = await bringUp(sqs.resources, 'AWS::SQS::Queue', name, properties)
      return { url, arn: attributes?.Arn ?? '' }
    }
    dlq = await create('dead', {})
    queue = await create('q', { RedrivePolicy: { deadLetterTargetArn: dlq.arn, maxReceiveCount: 1 } })
  })
  afterEach(() => sqs.close())

  const send = (QueueUrl: string, MessageBody: string, more: object = {}) =>
    sqs.call('SendMessage', { QueueUrl, MessageBody, ...more })
  const receive = async (QueueUrl: string, more: object = {}): Promise<Message[]> => {
    const all = {
      MessageSystemAttributeNames: ['All'],
      MessageAttributeNames: ['All'],
      MaxNumberOfMessages: 10,
    }
    const { Messages } = await sqs.call('ReceiveMessage', { QueueUrl, ...all, ...more })
    return (Messages ?? []) as Message[]
  }
  const stateOf = (name: string) => sqs.queues().find(({ arn }) => arn.endsWith(`:${name}`))

  test('shortens names that are too long, and keeps them distinct by their ends', async () => {
    for (const end of ['0A1B2C3D', '4E5F6A7B'])
      await bringUp(sqs.resources, 'AWS::SQS::Queue', `${'long'.repeat(20)}${end}`, {})

    const names = sqs.queues().map(({ arn }) => arn.replace(/.*:/, ''))
    expect(names.slice(2)).toEqual([`${'long'.repeat(18)}0A1B2C3D`, `${'long'.repeat(18)}4E5F6A7B`])
  })

  test('lists its queues by construct path, with URLs on our own host', async () => {
    await send(queue.url, 'x')
    await send(queue.url, 'later', { DelaySeconds: 60 })
    expect(stateOf('q')).toEqual({
      name: 'Stack/q',
      url: 'http://127.0.0.1:1234/000000000000/q',
      arn: queue.arn,
      visible: 1,
      inFlight: 0,
      delayed: 1,
      deadLetterQueue: false,
    })
    expect(stateOf('dead')).toMatchObject({ deadLetterQueue: true })
    expect(await sqs.call('GetQueueUrl', { QueueName: 'q' })).toEqual({ QueueUrl: queue.url })
    expect(await sqs.call('ListQueues', {})).toEqual({ QueueUrls: [dlq.url, queue.url] })
  })

  test("keeps a message's trace from its attribute, or else from the request", async () => {
    const AWSTraceHeader = { DataType: 'String', StringValue: 'Root=attribute' }
    await send(queue.url, 'a', { MessageSystemAttributes: { AWSTraceHeader } })
    await sqs.call('SendMessage', { QueueUrl: queue.url, MessageBody: 'b' }, 'Root=request')
    const Entries = [{ Id: '1', MessageBody: 'c', MessageSystemAttributes: { AWSTraceHeader } }]
    await sqs.call('SendMessageBatch', { QueueUrl: queue.url, Entries })
    const traces = (await receive(queue.url)).map(({ Attributes }) => Attributes?.AWSTraceHeader)
    expect(traces).toEqual(['Root=attribute', 'Root=request', 'Root=attribute'])
  })

  test('accepts fractions of seconds, and counts a message as visible when its delay has passed', async () => {
    await send(queue.url, 'soon', { DelaySeconds: 0.05 })
    expect(await receive(queue.url)).toEqual([])
    const [message] = await receive(queue.url, { WaitTimeSeconds: 5 })
    expect(message?.Body).toBe('soon')
  })

  test('moves a message to the dead-letter queue with its id, and reports it', async () => {
    const { MessageId } = await send(queue.url, 'poison')
    await receive(queue.url, { VisibilityTimeout: 0 })
    const moved = once(activity, 'activity')
    expect(await receive(queue.url)).toEqual([])
    expect((await moved)[0]).toEqual({
      type: 'message-moved',
      messageId: MessageId,
      from: queue.arn,
      to: dlq.arn,
    })
    const [message] = await receive(dlq.url)
    expect(message).toMatchObject({ MessageId })
  })

  test('names the error as AWS does', async () => {
    await expect(send('http://x/000000000000/none', 'x')).rejects.toMatchObject({ code: 'QueueDoesNotExist' })
  })
})
