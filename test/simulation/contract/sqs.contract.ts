import {
  ChangeMessageVisibilityCommand,
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  type Message,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  type SendMessageBatchRequestEntry,
  SendMessageCommand,
  type SendMessageCommandInput,
} from '@aws-sdk/client-sqs'
import { expect, test } from '@jest/globals'
import { type Engine, maxReceiveCount, type Queues, visibilityTimeoutMs } from './engines.ts'

/** The operations of the tests on their queues. */
function handling({ sqs, wait, ...urls }: Queues) {
  const url = (queue: 'work' | 'dead' = 'work') => ({ QueueUrl: urls[queue] })
  const receive = async (queue?: 'work' | 'dead'): Promise<Message[]> => {
    const { Messages = [] } = await sqs.send(
      new ReceiveMessageCommand({
        ...url(queue),
        MaxNumberOfMessages: 10,
        MessageSystemAttributeNames: ['ApproximateReceiveCount', 'AWSTraceHeader'],
        MessageAttributeNames: ['All'],
      }),
    )
    return Messages
  }
  /** Receives until it has this many messages. */
  const receiveAll = async (count: number, queue?: 'work' | 'dead'): Promise<Message[]> => {
    const messages: Message[] = []
    for (let tries = 0; tries < 100 && messages.length < count; tries++) {
      messages.push(...(await receive(queue)))
      if (messages.length < count) await wait(50)
    }
    return messages
  }
  return {
    wait,
    receive,
    receiveAll,
    send: (MessageBody: string, input: Partial<SendMessageCommandInput> = {}) =>
      sqs.send(new SendMessageCommand({ ...url(), MessageBody, ...input })),
    sendBatch: (ids: readonly string[], entry: Partial<SendMessageBatchRequestEntry> = {}) =>
      sqs.send(
        new SendMessageBatchCommand({
          ...url(),
          Entries: ids.map((Id) => ({ Id, MessageBody: `body ${Id}`, ...entry })),
        }),
      ),
    only: async (queue?: 'work' | 'dead'): Promise<Message> => {
      const [message] = await receiveAll(1, queue)
      if (!message) throw new Error('There is no message')
      return message
    },
    remove: ({ ReceiptHandle }: Message) => sqs.send(new DeleteMessageCommand({ ...url(), ReceiptHandle })),
    hide: ({ ReceiptHandle }: Message, VisibilityTimeout: number) =>
      sqs.send(new ChangeMessageVisibilityCommand({ ...url(), ReceiptHandle, VisibilityTimeout })),
    counts: async () => {
      const { Attributes } = await sqs.send(
        new GetQueueAttributesCommand({
          ...url(),
          AttributeNames: [
            'ApproximateNumberOfMessages',
            'ApproximateNumberOfMessagesNotVisible',
            'ApproximateNumberOfMessagesDelayed',
          ],
        }),
      )
      return Attributes
    },
  }
}

const receives = ({ Attributes }: Message) => Attributes?.ApproximateReceiveCount

const nameOfFailure = async (work: Promise<unknown>) =>
  work.then(
    () => 'it succeeded',
    (error: Error) => error.name,
  )

/** The behaviour of SQS that the pipeline relies on, tested on every engine; concurrently, because queues take time. */
export function sqsContract(engine: () => Promise<Engine>): void {
  const queues = async () => handling(await (await engine()).newQueues())

  test.concurrent('a message has its attributes, is hidden while it is in flight, and is gone when deleted', async () => {
    const { wait, receive, send, only, remove } = await queues()
    const MessageAttributes = {
      reason: { DataType: 'String', StringValue: 'NOPE' },
      number: { DataType: 'Number', StringValue: '2' },
    }
    await send('hello', { MessageAttributes })

    const message = await only()

    expect(message).toMatchObject({ Body: 'hello', MessageAttributes })
    expect(receives(message)).toBe('1')
    expect(await receive()).toEqual([])
    await remove(message)
    await wait(visibilityTimeoutMs + 500)
    expect(await receive()).toEqual([])
  })

  test.concurrent('a message that is not deleted is visible again after its timeout, and counts its receives', async () => {
    const { wait, send, only, remove } = await queues()
    await send('again')
    await only()
    await wait(visibilityTimeoutMs + 200)

    const again = await only()

    expect(receives(again)).toBe('2')
    await remove(again)
  })

  test.concurrent('a message with an extended visibility timeout stays hidden, and one with a timeout of 0 is visible', async () => {
    const { wait, receive, send, only, hide } = await queues()
    await send('patience')
    const message = await only()
    await hide(message, 2 * (visibilityTimeoutMs / 1000))
    await wait(visibilityTimeoutMs + 500)
    expect(await receive()).toEqual([])
    await hide(message, 0)

    expect(receives(await only())).toBe('2')
  })

  test.concurrent('the visibility of a deleted message cannot be changed', async () => {
    const { send, only, remove, hide } = await queues()
    await send('gone')
    const message = await only()
    await remove(message)

    expect(await nameOfFailure(hide(message, 10))).toMatch(/InvalidParameterValue|MessageNotInflight/)
  })

  test.concurrent('a delayed message is not visible yet', async () => {
    const { wait, receive, send, only } = await queues()
    await send('later', { DelaySeconds: 1 })
    expect(await receive()).toEqual([])
    await wait(1200)

    expect((await only()).Body).toBe('later')
  })

  test.concurrent('a message that was received too often moves to the DLQ unchanged at its next receive', async () => {
    const { wait, receive, send, only } = await queues()
    const MessageAttributes = { number: { DataType: 'Number', StringValue: '7' } }
    const { MessageId } = await send('poison', { MessageAttributes })
    for (let count = 0; count < maxReceiveCount; count++) {
      await only()
      await wait(visibilityTimeoutMs + 200)
    }
    expect(await receive()).toEqual([])

    expect(await only('dead')).toMatchObject({ MessageId, Body: 'poison', MessageAttributes })
  })

  test.concurrent('a batch is accepted entry by entry; its ids are distinct and at most ten', async () => {
    const { receiveAll, sendBatch } = await queues()
    expect((await sendBatch(['0', '1'])).Successful?.map(({ Id }) => Id)).toEqual(['0', '1'])
    expect((await receiveAll(2)).map(({ Body }) => Body).sort()).toEqual(['body 0', 'body 1'])
    expect(await nameOfFailure(sendBatch(['0', '0']))).toMatch(/BatchEntryIdsNotDistinct/)
    expect(await nameOfFailure(sendBatch([...'0123456789a']))).toMatch(/TooManyEntriesInBatchRequest/)
  })

  test.concurrent("a message keeps its sender's trace as a system attribute, into the DLQ too", async () => {
    const { wait, receive, send, sendBatch, receiveAll, remove, only } = await queues()
    const StringValue = 'Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1'
    const MessageSystemAttributes = { AWSTraceHeader: { DataType: 'String' as const, StringValue } }
    const traceOf = ({ Attributes }: Message) => Attributes?.AWSTraceHeader
    await sendBatch(['0', '1'], { MessageSystemAttributes })
    const batch = await receiveAll(2)
    expect(batch.map(traceOf)).toEqual([StringValue, StringValue])
    for (const message of batch) await remove(message)

    await send('alone', { MessageSystemAttributes })
    for (let count = 0; count < maxReceiveCount; count++) {
      expect(traceOf(await only())).toBe(StringValue)
      await wait(visibilityTimeoutMs + 200)
    }
    expect(await receive()).toEqual([])

    expect(traceOf(await only('dead'))).toBe(StringValue)
  })

  test.concurrent.each([
    ['an empty attribute', { reason: { DataType: 'String', StringValue: '' } }],
    [
      'eleven attributes',
      Object.fromEntries([...'abcdefghijk'].map((name) => [name, { DataType: 'String', StringValue: name }])),
    ],
  ])('a message with %s is refused', async (_, MessageAttributes) => {
    const { send } = await queues()
    if ((await engine()).takesAnyMessage) return
    expect(await nameOfFailure(send('x', { MessageAttributes }))).toMatch(/InvalidParameterValue/)
  })

  test.concurrent('a queue counts its visible, in-flight and delayed messages', async () => {
    const { send, only, counts } = await queues()
    await send('in flight')
    await only()
    await send('visible')
    await send('delayed', { DelaySeconds: 60 })
    expect(await counts()).toMatchObject({
      ApproximateNumberOfMessages: '1',
      ApproximateNumberOfMessagesNotVisible: '1',
      ApproximateNumberOfMessagesDelayed: '1',
    })
  })
}
