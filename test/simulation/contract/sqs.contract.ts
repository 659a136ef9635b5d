import {
  ChangeMessageVisibilityCommand,
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  type Message,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  SendMessageCommand,
  type SendMessageCommandInput,
} from '@aws-sdk/client-sqs'
import { afterEach, expect, test } from '@jest/globals'
import { type Engine, maxReceiveCount, visibilityTimeoutMs } from './engines.ts'

type Queue = 'work' | 'dead'

/** What the pipeline relies on in SQS, whoever plays it. */
export function sqsContract(engine: () => Engine): void {
  const url = (queue: Queue = 'work') => ({ QueueUrl: engine().queueUrl(queue) })
  const send = (MessageBody: string, input: Partial<SendMessageCommandInput> = {}) =>
    engine().sqs.send(new SendMessageCommand({ ...url(), MessageBody, ...input }))
  const receive = async (queue?: Queue): Promise<Message[]> => {
    const { Messages = [] } = await engine().sqs.send(
      new ReceiveMessageCommand({
        ...{ ...url(queue), MaxNumberOfMessages: 10 },
        ...{ MessageSystemAttributeNames: ['ApproximateReceiveCount'], MessageAttributeNames: ['All'] },
      }),
    )
    return Messages
  }
  /** The messages that there are, once the queue shows them all. */
  const receiveAll = async (count: number, queue?: Queue): Promise<Message[]> => {
    const messages: Message[] = []
    for (let tries = 0; tries < 100 && messages.length < count; tries++) {
      messages.push(...(await receive(queue)))
      if (messages.length < count) await engine().wait(50)
    }
    return messages
  }
  const only = async (queue?: Queue): Promise<Message> => {
    const [message] = await receiveAll(1, queue)
    if (!message) throw new Error('There is no message')
    return message
  }
  const remove = ({ ReceiptHandle }: Message, queue?: Queue) =>
    engine().sqs.send(new DeleteMessageCommand({ ...url(queue), ReceiptHandle }))
  const hide = ({ ReceiptHandle }: Message, VisibilityTimeout: number) =>
    engine().sqs.send(new ChangeMessageVisibilityCommand({ ...url(), ReceiptHandle, VisibilityTimeout }))
  const receives = ({ Attributes }: Message) => Attributes?.ApproximateReceiveCount
  const nameOfFailure = async (work: Promise<unknown>) =>
    work.then(
      () => 'it succeeded',
      (error: Error) => error.name,
    )

  afterEach(async () => {
    await engine().wait(visibilityTimeoutMs + 500)
    for (const queue of ['work', 'dead'] as const)
      for (let empty = 0; empty < 2; ) {
        const messages = await receive(queue)
        for (const message of messages) await remove(message, queue)
        empty = messages.length === 0 ? empty + 1 : 0
      }
  })

  test('a message comes with its attributes, is hidden while somebody has it, and is gone once deleted', async () => {
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
    await engine().wait(visibilityTimeoutMs + 500)
    expect(await receive()).toEqual([])
  })

  test('a message that is not deleted comes back after its visibility time-out, and counts its receives', async () => {
    await send('again')
    await only()
    await engine().wait(visibilityTimeoutMs + 200)

    const again = await only()

    expect(receives(again)).toBe('2')
    await remove(again)
  })

  test('a message that is hidden for longer stays away, and one that is hidden for no time is back', async () => {
    await send('patience')
    const message = await only()
    await hide(message, 2 * (visibilityTimeoutMs / 1000))
    await engine().wait(visibilityTimeoutMs + 500)
    expect(await receive()).toEqual([])
    await hide(message, 0)

    expect(receives(await only())).toBe('2')
  })

  test('a message is not hidden any more by who had it before', async () => {
    await send('mine')
    const message = await only()
    await remove(message)

    expect(await nameOfFailure(hide(message, 10))).toMatch(/InvalidParameterValue|MessageNotInflight/)
  })

  test('a delayed message is not there yet', async () => {
    await send('later', { DelaySeconds: 1 })
    expect(await receive()).toEqual([])
    await engine().wait(1200)

    expect((await only()).Body).toBe('later')
  })

  test('a message that was received too often moves to the DLQ at its next receive, as it is', async () => {
    const MessageAttributes = { number: { DataType: 'Number', StringValue: '7' } }
    const { MessageId } = await send('poison', { MessageAttributes })
    for (let count = 0; count < maxReceiveCount; count++) {
      await only()
      await engine().wait(visibilityTimeoutMs + 200)
    }
    expect(await receive()).toEqual([])

    expect(await only('dead')).toMatchObject({ MessageId, Body: 'poison', MessageAttributes })
  })

  test('a batch is taken in one by one; its ids are distinct and ten at the most', async () => {
    const batch = (...ids: string[]) =>
      engine().sqs.send(
        new SendMessageBatchCommand({
          ...url(),
          Entries: ids.map((Id) => ({ Id, MessageBody: `body ${Id}` })),
        }),
      )

    expect((await batch('0', '1')).Successful?.map(({ Id }) => Id)).toEqual(['0', '1'])
    expect((await receiveAll(2)).map(({ Body }) => Body).sort()).toEqual(['body 0', 'body 1'])
    expect(await nameOfFailure(batch('0', '0'))).toMatch(/BatchEntryIdsNotDistinct/)
    expect(await nameOfFailure(batch(...'0123456789a'))).toMatch(/TooManyEntriesInBatchRequest/)
  })

  test.each([
    ['an empty attribute', { reason: { DataType: 'String', StringValue: '' } }],
    [
      'eleven attributes',
      Object.fromEntries([...'abcdefghijk'].map((name) => [name, { DataType: 'String', StringValue: name }])),
    ],
  ])('a message with %s is refused', async (_, MessageAttributes) => {
    expect(await nameOfFailure(send('x', { MessageAttributes }))).toMatch(/InvalidParameterValue/)
  })

  test('a queue counts what is visible, in flight and delayed', async () => {
    await send('in flight')
    await only()
    await send('visible')
    await send('delayed', { DelaySeconds: 60 })
    const counts = async () => {
      const { Attributes } = await engine().sqs.send(
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
    }

    expect(await counts()).toMatchObject({
      ApproximateNumberOfMessages: '1',
      ApproximateNumberOfMessagesNotVisible: '1',
      ApproximateNumberOfMessagesDelayed: '1',
    })
  })
}
