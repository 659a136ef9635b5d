import { EventEmitter, once } from 'node:events'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { createActivity } from '../../../local/activity.ts'
import { createEventSourceMappings, failedIds } from '../../../local/services/event-source-mapping.ts'
import type { Invoked } from '../../../local/services/lambda-instances.ts'
import { createSqs, type Sqs } from '../../../local/services/sqs.ts'
import { bringUp, permissive } from '../emulated.ts'

interface Event {
  Records: {
    messageId: string
    body: string
    attributes: Record<string, string>
    messageAttributes: object
  }[]
}

const bodies = ({ Records }: Event) => Records.map(({ body }) => body)

describe('an event source mapping', () => {
  let sqs: Sqs
  let mappings: ReturnType<typeof createEventSourceMappings>
  let QueueUrl: string
  let queueArn: string
  let concurrency: number
  /** Emits each invocation with a callback for its result. */
  const invocations = new EventEmitter<{ invocation: [Event, (result: Invoked) => void] }>()

  beforeEach(async () => {
    sqs = createSqs({ endpoint: 'http://127.0.0.1:1', activity: createActivity() })
    concurrency = 1
    const lambda = {
      name: 'f',
      file: 'f',
      path: 'F/Function',
      retire: () => {},
      arn: 'arn:f',
      roleArn: 'r',
      kill: () => 0,
      get concurrency() {
        return concurrency
      },
      invoke: (event: unknown) =>
        new Promise<Invoked>((resolve) => invocations.emit('invocation', event as Event, resolve)),
    }
    mappings = createEventSourceMappings({ sqs, lambda: { get: () => lambda }, iam: permissive })
    const { ref, attributes } = await bringUp(sqs.resources, 'AWS::SQS::Queue', 'q', {
      VisibilityTimeout: 60,
    })
    QueueUrl = ref
    queueArn = attributes?.Arn ?? ''
  })
  afterEach(async () => {
    mappings.close()
    await sqs.close()
    invocations.removeAllListeners()
  })

  const map = (properties: object = {}) =>
    bringUp(mappings.resources, 'AWS::Lambda::EventSourceMapping', 'm', {
      EventSourceArn: queueArn,
      FunctionName: 'f',
      FunctionResponseTypes: ['ReportBatchItemFailures'],
      ...properties,
    })
  const send = (MessageBody: string, more: object = {}) =>
    sqs.call('SendMessage', { QueueUrl, MessageBody, ...more })
  const next = async (): Promise<[Event, (payload: unknown, failed?: boolean) => void]> => {
    const [event, end] = await once(invocations, 'invocation')
    return [event, (payload, failed = false) => end({ payload, failed })]
  }
  /** Waits until the mapping has handled a result: it deletes messages before it invokes again. */
  const settled = async () => {
    const pending = next()
    await send('settled')
    const [, end] = await pending
    return { state: sqs.queues()[0], end }
  }

  test('passes an arriving message on at once, with all its attributes', async () => {
    await map()
    const pending = next()
    await send('hello', {
      MessageAttributes: { kind: { DataType: 'String', StringValue: 'x' } },
      MessageSystemAttributes: { AWSTraceHeader: { DataType: 'String', StringValue: 'Root=1-2-3' } },
    })
    const [{ Records }, end] = await pending
    end(null)
    expect(Records).toEqual([
      {
        messageId: expect.any(String),
        receiptHandle: expect.any(String),
        body: 'hello',
        attributes: {
          ApproximateReceiveCount: '1',
          ApproximateFirstReceiveTimestamp: expect.stringMatching(/^\d{13}$/),
          SentTimestamp: expect.stringMatching(/^\d{13}$/),
          SenderId: expect.any(String),
          AWSTraceHeader: 'Root=1-2-3',
        },
        messageAttributes: {
          kind: { dataType: 'String', stringValue: 'x' },
        },
        md5OfBody: '5d41402abc4b2a76b9719d911017c592',
        eventSource: 'aws:sqs',
        eventSourceARN: queueArn,
        awsRegion: 'us-east-1',
      },
    ])
  })

  test('deletes what succeeded; what failed stays invisible', async () => {
    await Promise.all([send('good'), send('bad')])
    const pending = next()
    await map()
    const [{ Records }, end] = await pending
    const bad = Records.find(({ body }) => body === 'bad')
    end({ batchItemFailures: [{ itemIdentifier: bad?.messageId }] })
    const { state } = await settled()
    expect(state).toMatchObject({ visible: 0, inFlight: 2 })
  })

  test('a failed message comes back when the visibility that the function has set ends', async () => {
    await send('again')
    const pending = next()
    await map()
    const [{ Records }, end] = await pending
    const [record] = Records as unknown as [{ messageId: string; receiptHandle: string }]
    const { receiptHandle: ReceiptHandle, messageId: itemIdentifier } = record
    await sqs.call('ChangeMessageVisibility', { QueueUrl, ReceiptHandle, VisibilityTimeout: 0.05 })
    const returned = next()
    end({ batchItemFailures: [{ itemIdentifier }] })
    const [{ Records: second }] = await returned
    expect(second[0]).toMatchObject({
      messageId: itemIdentifier,
      attributes: { ApproximateReceiveCount: '2' },
    })
  })

  test('keeps the whole batch when the function fails', async () => {
    await Promise.all([send('a'), send('b')])
    const pending = next()
    await map()
    const [, end] = await pending
    end({ errorMessage: 'out of time' }, true)
    const { state } = await settled()
    expect(state).toMatchObject({ visible: 0, inFlight: 3 })
  })

  test('receives up to its batch size', async () => {
    await Promise.all(['1', '2', '3'].map((body) => send(body)))
    const pending = next()
    await map({ BatchSize: 2 })
    const [event] = await pending
    expect(bodies(event)).toHaveLength(2)
  })

  test('runs as many batches at a time as its maximum concurrency and the function allow', async () => {
    concurrency = 2
    await Promise.all(['1', '2', '3'].map((body) => send(body)))
    const first = next()
    await map({ BatchSize: 1, ScalingConfig: { MaximumConcurrency: 9 } })
    const [, end] = await first
    await next()
    expect(sqs.queues()[0]).toMatchObject({ visible: 1, inFlight: 2 })
    const third = next()
    end(null)
    expect(bodies((await third)[0])).toEqual(['3'])
  })

  test('refuses a property that it does not emulate', async () => {
    await expect(map({ FilterCriteria: {} })).rejects.toThrow('FilterCriteria')
  })
})

describe('a partial batch response', () => {
  const batch = ['a', 'b']
  const item = (itemIdentifier: unknown) => ({ batchItemFailures: [{ itemIdentifier }] })
  test.each<[string, unknown, string[]]>([
    ['null', null, []],
    ['nothing', undefined, []],
    ['an empty object', {}, []],
    ['an empty list', { batchItemFailures: [] }, []],
    ['a null list', { batchItemFailures: null }, []],
    ['one id', item('b'), ['b']],
    ['an empty id', item(''), batch],
    ['a null id', item(null), batch],
    ['an id under another name', { batchItemFailures: [{ id: 'b' }] }, batch],
    ['an id that is not in the batch', item('c'), batch],
    ['text', 'ok', batch],
  ])('%s', (_what, response, failed) => {
    expect([...failedIds(response, batch)]).toEqual(failed)
  })
})
