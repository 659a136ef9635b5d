import { once } from 'node:events'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { type Activity, createActivity } from '../../../local/activity.ts'
import { createSqs, type Sqs } from '../../../local/services/sqs.ts'
import type { Message } from '../../../local/services/sqs-message.ts'
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
  /** Lets SQS move a message to the dead-letter queue itself: on the receive after the last that is allowed. */
  const deadLetter = async (body: string) => {
    await send(queue.url, body)
    await receive(queue.url, { VisibilityTimeout: 0 })
    await receive(queue.url)
  }

  test('tells queues apart whose names would be too long, by their ends', async () => {
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

  test('keeps the trace of the attribute, or else of the request', async () => {
    const AWSTraceHeader = { DataType: 'String', StringValue: 'Root=attribute' }
    await send(queue.url, 'a', { MessageSystemAttributes: { AWSTraceHeader } })
    await sqs.call('SendMessage', { QueueUrl: queue.url, MessageBody: 'b' }, 'Root=request')
    const Entries = [{ Id: '1', MessageBody: 'c', MessageSystemAttributes: { AWSTraceHeader } }]
    await sqs.call('SendMessageBatch', { QueueUrl: queue.url, Entries })
    const traces = (await receive(queue.url)).map(({ Attributes }) => Attributes?.AWSTraceHeader)
    expect(traces).toEqual(['Root=attribute', 'Root=request', 'Root=attribute'])
  })

  test('takes fractions of seconds, and counts a message as visible when its time has come', async () => {
    await send(queue.url, 'soon', { DelaySeconds: 0.05 })
    expect(await receive(queue.url)).toEqual([])
    const [message] = await receive(queue.url, { WaitTimeSeconds: 5 })
    expect(message?.Body).toBe('soon')
  })

  test('moves a message to the dead-letter queue with its id, and says so', async () => {
    const { MessageId } = await send(queue.url, 'poison')
    await receive(queue.url, { VisibilityTimeout: 0 })
    const moved = once(activity, 'happening')
    expect(await receive(queue.url)).toEqual([])
    expect((await moved)[0]).toEqual({
      type: 'message-moved',
      messageId: MessageId,
      from: queue.arn,
      to: dlq.arn,
    })
    const [message] = await receive(dlq.url)
    expect(message).toMatchObject({ MessageId, Attributes: { DeadLetterQueueSourceArn: queue.arn } })
  })

  test('names the error as AWS does', async () => {
    await expect(send('http://x/000000000000/none', 'x')).rejects.toMatchObject({ code: 'QueueDoesNotExist' })
  })

  describe('a message move task', () => {
    const start = (more: object = {}) => sqs.call('StartMessageMoveTask', { SourceArn: dlq.arn, ...more })
    const list = async () => (await sqs.call('ListMessageMoveTasks', { SourceArn: dlq.arn })).Results
    const finished = async (): Promise<unknown> => {
      const results = (await list()) as [{ Status: string }]
      if (results[0].Status !== 'RUNNING') return results
      await nextTurn()
      return finished()
    }

    test('moves messages back to where they came from, as new ones', async () => {
      await deadLetter('one')
      const moved = once(activity, 'happening')
      expect(await start()).toEqual({ TaskHandle: expect.any(String) })
      await moved
      expect(await finished()).toEqual([
        {
          Status: 'COMPLETED',
          SourceArn: dlq.arn,
          ApproximateNumberOfMessagesMoved: 1,
          ApproximateNumberOfMessagesToMove: 1,
          StartedTimestamp: expect.any(Number),
        },
      ])
      const [message] = await receive(queue.url)
      expect(message).toMatchObject({ Body: 'one', Attributes: { ApproximateReceiveCount: '1' } })
    })

    test('keeps message attributes and trace', async () => {
      const MessageAttributes = { reason: { DataType: 'String', StringValue: 'refused' } }
      const attributed = { QueueUrl: dlq.url, MessageBody: 'x', MessageAttributes }
      await sqs.call('SendMessage', attributed, 'Root=1')
      await start({ DestinationArn: queue.arn })
      await finished()
      const [message] = await receive(queue.url)
      expect(message).toMatchObject({ MessageAttributes, Attributes: { AWSTraceHeader: 'Root=1' } })
    })

    test('fails for a message that was sent to the dead-letter queue, unless it is told where to', async () => {
      await send(dlq.url, 'sent by hand')
      await start()
      const failed = [{ Status: 'FAILED', FailureReason: 'CouldNotDetermineMessageSource' }]
      expect(await finished()).toMatchObject(failed)
      expect(stateOf('dead')).toMatchObject({ visible: 1, inFlight: 0 })
      await start({ DestinationArn: queue.arn })
      expect(await finished()).toMatchObject([{ Status: 'COMPLETED', ApproximateNumberOfMessagesMoved: 1 }])
      expect(stateOf('q')).toMatchObject({ visible: 1 })
    })

    test('is refused for a queue that is no dead-letter queue, and while another runs', async () => {
      await expect(start({ SourceArn: queue.arn })).rejects.toThrow('Dead Letter Queue')
      await deadLetter('one')
      await deadLetter('two')
      await start({ MaxNumberOfMessagesPerSecond: 500 })
      await expect(start()).rejects.toMatchObject({ code: 'UnsupportedOperation' })
      await finished()
    })

    test('needs the permissions of what it does', () => {
      const actions = (input: object) =>
        sqs.permissions('StartMessageMoveTask', { SourceArn: dlq.arn, ...input }).map(({ action }) => action)
      const onSource = ['StartMessageMoveTask', 'ReceiveMessage', 'DeleteMessage', 'GetQueueAttributes']
      expect(actions({})).toEqual(onSource.map((action) => `sqs:${action}`))
      expect(actions({ DestinationArn: queue.arn })).toContain('sqs:SendMessage')
    })
  })
})
