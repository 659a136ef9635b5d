import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import * as z from 'zod'
import type { Iam } from '../iam.ts'
import { arnOf, region, resource } from './aws-service.ts'
import type { Lambda } from './lambda.ts'
import type { Message, Sqs } from './sqs.ts'

const mapping = z.strictObject({
  EventSourceArn: z.string().startsWith('arn:aws:sqs:', 'only queues are emulated as event sources'),
  FunctionName: z.string(),
  BatchSize: z.int().max(10, 'only batches of up to 10 are emulated').default(10),
  ScalingConfig: z.strictObject({ MaximumConcurrency: z.int().min(2) }).optional(),
  FunctionResponseTypes: z.array(z.literal('ReportBatchItemFailures')).default([]),
})

/** A message as a record of the function's event: https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html */
const recordOf = (message: Message, eventSourceARN: string) => ({
  messageId: message.MessageId,
  receiptHandle: message.ReceiptHandle,
  body: message.Body,
  attributes: message.Attributes,
  messageAttributes: Object.fromEntries(
    Object.entries(message.MessageAttributes ?? {}).map(([name, { StringValue, DataType }]) => [
      name,
      { stringValue: StringValue, dataType: DataType },
    ]),
  ),
  md5OfBody: message.MD5OfBody,
  eventSource: 'aws:sqs',
  eventSourceARN,
  awsRegion: region,
})

const partialResponse = z
  .object({ batchItemFailures: z.array(z.object({ itemIdentifier: z.string().min(1) })).nullish() })
  .nullish()

/**
 * The ids of the failed messages: none if the response is empty or null, all if it is malformed or names a message that
 * is not in the batch. https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html
 */
export const failedIds = (response: unknown, batch: string[]): Set<string> => {
  const { success, data } = partialResponse.safeParse(response)
  const failed = data?.batchItemFailures?.map(({ itemIdentifier }) => itemIdentifier) ?? []
  return new Set(success && failed.every((id) => batch.includes(id)) ? failed : batch)
}

/**
 * Polls queues and invokes their functions. A failed message stays invisible until its visibility timeout ends: the
 * queue's, or the one that the function has set for the message.
 */
export const createEventSourceMappings = (deps: {
  sqs: Pick<Sqs, 'call' | 'urlOf'>
  lambda: Pick<Lambda, 'get'>
  iam: Pick<Iam, 'authorize'>
}) => {
  const { sqs, lambda, iam } = deps
  const closing = new AbortController()
  const closed = once(closing.signal, 'abort')

  const poll = async (properties: z.output<typeof mapping>): Promise<void> => {
    const { EventSourceArn, BatchSize, FunctionResponseTypes } = properties
    const target = lambda.get(properties.FunctionName)
    const QueueUrl = sqs.urlOf(EventSourceArn)
    const concurrency = Math.min(properties.ScalingConfig?.MaximumConcurrency ?? Infinity, target.concurrency)
    const running = new Set<Promise<void>>()
    const all = { MessageSystemAttributeNames: ['All'], MessageAttributeNames: ['All'] }

    const receive = async (): Promise<Message[]> => {
      await iam.authorize(target, 'sqs:ReceiveMessage', EventSourceArn)
      closing.signal.throwIfAborted()
      const input = { QueueUrl, MaxNumberOfMessages: BatchSize, WaitTimeSeconds: 20, ...all }
      return ((await sqs.call('ReceiveMessage', input)).Messages as Message[] | undefined) ?? []
    }

    const process = async (batch: Message[]): Promise<void> => {
      const Records = batch.map((message) => recordOf(message, EventSourceArn))
      const { payload, failed } = await target.invoke({ Records }, batch[0]?.Attributes?.AWSTraceHeader)
      if (failed) return
      const ids = batch.map(({ MessageId }) => MessageId)
      const failures = FunctionResponseTypes.length ? failedIds(payload, ids) : new Set()
      const done = batch.filter(({ MessageId }) => !failures.has(MessageId))
      if (!done.length) return
      await iam.authorize(target, 'sqs:DeleteMessage', EventSourceArn)
      const Entries = done.map(({ MessageId: Id, ReceiptHandle }) => ({ Id, ReceiptHandle }))
      await sqs.call('DeleteMessageBatch', { QueueUrl, Entries })
    }

    const guarded = async (work: () => Promise<void>): Promise<void> => {
      try {
        await work()
      } catch (error) {
        if (closing.signal.aborted) return
        console.error(`local: event source mapping of ${target.path}: ${error}`)
        await sleep(1000, undefined, { signal: closing.signal }).catch(() => {})
      }
    }

    while (!closing.signal.aborted) {
      if (running.size >= concurrency) await Promise.race([...running, closed])
      else
        await guarded(async () => {
          const batch = await receive()
          if (!batch.length) return
          const work = guarded(() => process(batch)).finally(() => running.delete(work))
          running.add(work)
        })
    }
  }

  return {
    resources: {
      'AWS::Lambda::EventSourceMapping': resource(mapping.shape, '', (properties, { logicalId }) => {
        void poll(properties)
        return { ref: logicalId, attributes: { Id: logicalId, Arn: arnOf('lambda', `esm:${logicalId}`) } }
      }),
    },
    close: () => closing.abort(),
  }
}
