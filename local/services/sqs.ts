import { createHash } from 'node:crypto'
import { buildApp } from 'fauxqs'
import * as z from 'zod'
// fauxqs exports only its app, but its internal store is needed for timers and for events about moved messages.
// package.json pins the exact version, because any release may change this path.
import type { SqsStore as Store } from '../../node_modules/fauxqs/dist/sqs/sqsStore.js'
import type { Activity } from '../activity.ts'
import { AwsError, account, arnOf, type Json, nameOf, region, resource, shortened } from './aws-service.ts'

const { SqsStore }: { SqsStore: new () => Store } = await import(
  new URL('sqs/sqsStore.js', import.meta.resolve('fauxqs')).href
)

/** SQS's API, and what the other emulated services need of it. */
export type Sqs = ReturnType<typeof createSqs>

/** A message as ReceiveMessage returns it. */
export interface Message {
  MessageId: string
  ReceiptHandle: string
  Body: string
  MD5OfBody: string
  Attributes?: Record<string, string>
  MessageAttributes?: Record<string, { DataType: string; StringValue?: string }>
}

type Waiting = {
  messageId: string
  body: string
  sentTimestamp: number
  messageAttributes: Message['MessageAttributes']
}
type SpiedMessage = { status: 'published' | 'consumed' | 'dlq'; messageId: string; queueName: string }

const int = z.int().optional()
const queue = {
  VisibilityTimeout: int,
  DelaySeconds: int,
  ReceiveMessageWaitTimeSeconds: int,
  MaximumMessageSize: int,
  MessageRetentionPeriod: int,
  RedrivePolicy: z.strictObject({ deadLetterTargetArn: z.string(), maxReceiveCount: z.int() }).optional(),
}

/** Escapes characters beyond U+FFFF, which SQS accepts and fauxqs refuses. The JSON keeps its meaning. */
const escaped = (body: unknown) =>
  String(body).replace(/[\ud800-\udfff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16)}`)
const md5 = (body: unknown) => createHash('md5').update(String(body)).digest('hex')

/** Runs SQS on fauxqs, in process, and adds the attribute AWSTraceHeader, which fauxqs lacks. */
export const createSqs = ({ endpoint, activity }: { endpoint: string; activity: Activity }) => {
  const store = new SqsStore()
  // With an empty host, fauxqs builds queue URLs from the request's Host header.
  store.host = ''
  const engine = buildApp({ logger: false, defaultRegion: region, stores: { sqsStore: store } as never })
  const queues = new Map<string, { path: string; deadLetterQueueArn: string | undefined }>()
  const deadLetterQueues = new Set<string>()
  /** Trace headers by message id. */
  const traces = new Map<string, string>()
  store.spy = {
    addMessage: ({ status, messageId, queueName }: SpiedMessage) => {
      if (status === 'consumed') traces.delete(messageId)
      const to = queues.get(queueName)?.deadLetterQueueArn
      if (status === 'dlq' && to)
        activity.emit('activity', { type: 'message-moved', messageId, from: arnOf('sqs', queueName), to })
    },
  } as never

  const wire = { host: new URL(endpoint).host, 'content-type': 'application/x-amz-json-1.0' }
  const urlOf = (arnOrUrl: unknown) => `${endpoint}/${account}/${nameOf(arnOrUrl)}`

  const ask = async <T = Json>(action: string, input: Json): Promise<T> => {
    const headers = { ...wire, 'x-amz-target': `AmazonSQS.${action}` }
    const payload = JSON.stringify(input)
    const response = await engine.inject({ method: 'POST', url: '/', headers, payload })
    const output = response.body ? response.json() : {}
    if (response.statusCode < 300) return output
    throw new AwsError(output.__type.replace(/^.*#/, ''), output.message, response.statusCode)
  }

  /** Stores a sent message's trace: its AWSTraceHeader attribute, or else the request's trace header. */
  const remember = (MessageId: string, entry: Json | undefined, traceHeader?: string) => {
    const system = entry?.MessageSystemAttributes as { AWSTraceHeader?: { StringValue: string } } | undefined
    const trace = system?.AWSTraceHeader?.StringValue ?? traceHeader
    if (trace) traces.set(MessageId, trace)
  }

  const count = (name: string) => {
    const of = (attribute: '' | 'NotVisible' | 'Delayed') =>
      Number(store.getQueueByName(name)?.getAttribute(`ApproximateNumberOfMessages${attribute}`))
    return { visible: of(''), inFlight: of('NotVisible'), delayed: of('Delayed') }
  }

  const actions: Record<string, (input: Json, traceHeader?: string) => Promise<Json> | Json> = {
    ReceiveMessage: async (input) => {
      const output = await ask<{ Messages?: Message[] }>('ReceiveMessage', input)
      const names = [input.AttributeNames, input.MessageSystemAttributeNames].flat()
      if (!names.includes('All') && !names.includes('AWSTraceHeader')) return { ...output }
      for (const { MessageId, Attributes } of output.Messages ?? []) {
        const trace = traces.get(MessageId)
        if (trace && Attributes) Attributes.AWSTraceHeader = trace
      }
      return { ...output }
    },
    SendMessage: async (input, traceHeader) => {
      const MessageBody = escaped(input.MessageBody)
      const output = await ask<{ MessageId: string }>('SendMessage', { ...input, MessageBody })
      remember(output.MessageId, input, traceHeader)
      return { ...output, MD5OfMessageBody: md5(input.MessageBody) }
    },
    SendMessageBatch: async (input, traceHeader) => {
      const given = input.Entries as Json[]
      const Entries = given.map((entry) => ({ ...entry, MessageBody: escaped(entry.MessageBody) }))
      const output = await ask<{ Successful: Json[] }>('SendMessageBatch', { ...input, Entries })
      for (const sentOne of output.Successful) {
        const entry = given.find(({ Id }) => Id === sentOne.Id)
        remember(String(sentOne.MessageId), entry, traceHeader)
        sentOne.MD5OfMessageBody = md5(entry?.MessageBody)
      }
      return output
    },
  }

  const call = async (action: string, input: Json, traceHeader?: string): Promise<Json> => {
    // fauxqs processes its timers only on a receive, so counts would be stale otherwise.
    store.processAllTimers()
    return actions[action]?.(input, traceHeader) ?? ask(action, input)
  }

  return {
    call,
    /** Batch calls need the same permissions as single ones. */
    permissions: (action: string, { QueueUrl, QueueName }: Json) => [
      {
        action: `sqs:${action.replace(/Batch$/, '')}`,
        resource: arnOf('sqs', nameOf(QueueUrl ?? QueueName ?? '*')),
      },
    ],
    urlOf,
    pathOf: (arn: string) => queues.get(nameOf(arn))?.path,
    /** Marks the dead-letter queue of an EventBridge target, which no redrive policy names. */
    markAsDeadLetterQueue: (arn: string) => deadLetterQueues.add(arn),
    /** The deployed queues with their message counts. */
    queues: () => {
      store.processAllTimers()
      return [...queues].map(([name, { path }]) => {
        const arn = arnOf('sqs', name)
        return {
          name: path,
          url: urlOf(name),
          arn,
          ...count(name),
          deadLetterQueue: deadLetterQueues.has(arn),
        }
      })
    },
    peek: (url: string): Waiting[] => {
      store.processAllTimers()
      return store.getQueueByName(nameOf(url))?.inspectMessages().ready ?? []
    },
    resources: {
      'AWS::SQS::Queue': resource(
        queue,
        'SqsManagedSseEnabled',
        async ({ RedrivePolicy, ...attributes }, { name, path }) => {
          const QueueName = shortened(name, 80)
          const texts = Object.entries(attributes).map(([attribute, value]) => [attribute, String(value)])
          const redrive = RedrivePolicy && { RedrivePolicy: JSON.stringify(RedrivePolicy) }
          await ask('CreateQueue', { QueueName, Attributes: { ...Object.fromEntries(texts), ...redrive } })
          if (RedrivePolicy) deadLetterQueues.add(RedrivePolicy.deadLetterTargetArn)
          queues.set(QueueName, { path, deadLetterQueueArn: RedrivePolicy?.deadLetterTargetArn })
          return { ref: urlOf(QueueName), attributes: { Arn: arnOf('sqs', QueueName), QueueName } }
        },
      ),
    },
    close: () => engine.close(),
  }
}
