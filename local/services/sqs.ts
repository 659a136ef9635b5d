import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { buildApp } from 'fauxqs'
import * as z from 'zod'
// fauxqs exports its app only; its store is what knows the queues' clocks and when a message has been moved or consumed.
import { SqsStore } from '../../node_modules/fauxqs/dist/sqs/sqsStore.js'
import type { Report } from '../activity.ts'
import {
  AwsError,
  type AwsService,
  account,
  arnOf,
  type Deploy,
  type Json,
  region,
  resource,
} from './aws-service.ts'

/** A message as ReceiveMessage answers it. */
export interface Message {
  MessageId: string
  ReceiptHandle: string
  Body: string
  MD5OfBody: string
  MD5OfMessageAttributes?: string
  Attributes?: Record<string, string>
  MessageAttributes?: Record<string, { DataType: string; StringValue?: string; BinaryValue?: string }>
}

/** A queue of the template and how full it is. */
export interface QueueState {
  name: string
  url: string
  arn: string
  visible: number
  inFlight: number
  delayed: number
  deadLetterQueue: boolean
}

/** SQS, with what the other emulated services need of it. */
export interface Sqs extends AwsService {
  resources: Record<string, Deploy>
  urlOf: (arn: string) => string
  queues: () => QueueState[]
  /** Somebody else's dead-letter queue: an EventBridge target's. */
  markAsDeadLetterQueue: (arn: string) => void
  close: () => Promise<void>
}

interface MoveTask {
  handle: string
  status: 'RUNNING' | 'COMPLETED' | 'CANCELLED' | 'FAILED'
  source: string
  destination?: string
  perSecond?: number
  moved: number
  toMove: number
  failureReason?: string
  startedAt: number
}

interface SpiedMessage {
  status: 'published' | 'consumed' | 'dlq'
  messageId: string
  queueName: string
}

const noEffect = z.unknown().optional()
const seconds = z.int().optional()
const queue = z.strictObject({
  QueueName: z.string().optional(),
  VisibilityTimeout: seconds,
  DelaySeconds: seconds,
  ReceiveMessageWaitTimeSeconds: seconds,
  MaximumMessageSize: seconds,
  MessageRetentionPeriod: seconds,
  RedrivePolicy: z.strictObject({ deadLetterTargetArn: z.string(), maxReceiveCount: z.int() }).optional(),
  RedriveAllowPolicy: noEffect,
  SqsManagedSseEnabled: noEffect,
  Tags: noEffect,
})

const nameOf = (urlOrArn: unknown) => String(urlOrArn).split(/[/:]/).at(-1) ?? ''

/** The IAM action of a call: the batch calls share the single ones' permissions. */
const iamAction = (action: string) => `sqs:${action.replace(/Batch$/, '')}`

/**
 * SQS on fauxqs, in process. On top: queue URLs on our own host, the AWSTraceHeader and DeadLetterQueueSourceArn
 * attributes, and message move tasks, all of which fauxqs lacks.
 */
export const createSqs = ({ endpoint, report }: { endpoint: string; report: Report }): Sqs => {
  const store = new SqsStore()
  const engine = buildApp({ logger: false, defaultRegion: region, stores: { sqsStore: store } as never })
  const queues = new Map<
    string,
    { path: string; url: string; arn: string; attributes: Record<string, string> }
  >()
  const deadLetterQueues = new Set<string>()
  /** Where a message was sent, and its trace: fauxqs keeps neither. */
  const sent = new Map<string, { queue: string; traceHeader?: string | undefined }>()
  const tasks: MoveTask[] = []
  store.spy = {
    addMessage: ({ status, messageId, queueName }: SpiedMessage) => {
      if (status === 'consumed') sent.delete(messageId)
      if (status === 'dlq') {
        const policy = JSON.parse(queues.get(queueName)?.attributes.RedrivePolicy ?? '{}')
        const from = arnOf('sqs', queueName)
        report({ type: 'message-moved', messageId, from, to: policy.deadLetterTargetArn })
      }
    },
  } as never

  const urlFor = (name: string) => `${endpoint}/${account}/${name}`
  const queueOf = (arn: string) => {
    const found = queues.get(nameOf(arn))
    if (!found) throw new AwsError('ResourceNotFoundException', `The queue ${arn} does not exist.`, 404)
    return found
  }

  const ask = async <T = Json>(action: string, input: Json): Promise<T> => {
    const response = await engine.inject({
      method: 'POST',
      url: '/',
      headers: { 'content-type': 'application/x-amz-json-1.0', 'x-amz-target': `AmazonSQS.${action}` },
      payload: JSON.stringify(input),
    })
    const output = response.body ? response.json() : {}
    if (response.statusCode < 300) return output
    const code = String(output.__type).replace(/^.*#/, '')
    const error = new AwsError(code, output.message, response.statusCode)
    error.queryCode = String(response.headers['x-amzn-query-error'] ?? code).replace(/;.*$/, '')
    throw error
  }

  const remember = (id: unknown, queueUrl: unknown, entry: Json, traceHeader: string | undefined) => {
    const system = entry.MessageSystemAttributes as { AWSTraceHeader?: { StringValue?: string } } | undefined
    sent.set(String(id), {
      queue: nameOf(queueUrl),
      traceHeader: system?.AWSTraceHeader?.StringValue ?? traceHeader,
    })
  }

  const receive = async (input: Json): Promise<Json> => {
    const { Messages } = await ask<{ Messages?: Message[] }>('ReceiveMessage', input)
    const names = [input.AttributeNames, input.MessageSystemAttributeNames].flat()
    const wants = (name: string) => names.includes('All') || names.includes(name)
    for (const message of Messages ?? []) {
      const origin = sent.get(message.MessageId)
      const attributes: Record<string, string> = { ...message.Attributes }
      if (origin?.traceHeader && wants('AWSTraceHeader')) attributes.AWSTraceHeader = origin.traceHeader
      if (origin && origin.queue !== nameOf(input.QueueUrl) && wants('DeadLetterQueueSourceArn'))
        attributes.DeadLetterQueueSourceArn = arnOf('sqs', origin.queue)
      if (Object.keys(attributes).length) message.Attributes = attributes
    }
    return Messages ? { Messages } : {}
  }

  const actions: Record<string, (input: Json, traceHeader?: string) => Promise<Json>> = {
    ReceiveMessage: receive,
    SendMessage: async (input, traceHeader) => {
      const output = await ask('SendMessage', input)
      remember(output.MessageId, input.QueueUrl, input, traceHeader)
      return output
    },
    SendMessageBatch: async (input, traceHeader) => {
      const output = await ask<{ Successful: { Id: string; MessageId: string }[] }>('SendMessageBatch', input)
      const entries = input.Entries as { Id: string }[]
      for (const { Id, MessageId } of output.Successful) {
        const entry = entries.find((candidate) => candidate.Id === Id)
        remember(MessageId, input.QueueUrl, { ...entry }, traceHeader)
      }
      return { ...output }
    },
    GetQueueUrl: async (input) => {
      await ask('GetQueueUrl', input)
      return { QueueUrl: urlFor(String(input.QueueName)) }
    },
    ListQueues: async (input) => {
      const output = await ask<{ QueueUrls?: string[] }>('ListQueues', input)
      return { ...output, QueueUrls: output.QueueUrls?.map((url) => urlFor(nameOf(url))) }
    },
    StartMessageMoveTask: async (input) => {
      const source = queueOf(String(input.SourceArn))
      if (!deadLetterQueues.has(source.arn))
        throw new AwsError(
          'InvalidParameterValueException',
          'Source queue must be configured as a Dead Letter Queue.',
        )
      if (tasks.some((task) => task.source === source.arn && task.status === 'RUNNING'))
        throw new AwsError(
          'UnsupportedOperation',
          'There is already a task running. Only one active task is allowed for a source queue arn at a given time.',
        )
      if (input.DestinationArn) queueOf(String(input.DestinationArn))
      const task: MoveTask = {
        handle: Buffer.from(JSON.stringify({ taskId: randomUUID(), sourceArn: source.arn })).toString(
          'base64',
        ),
        status: 'RUNNING',
        source: source.arn,
        moved: 0,
        toMove: counts(nameOf(source.arn)).visible,
        startedAt: Date.now(),
        ...(input.DestinationArn ? { destination: String(input.DestinationArn) } : {}),
        ...(input.MaxNumberOfMessagesPerSecond
          ? { perSecond: Number(input.MaxNumberOfMessagesPerSecond) }
          : {}),
      }
      tasks.unshift(task)
      void move(task)
      return { TaskHandle: task.handle }
    },
    ListMessageMoveTasks: async (input) => ({
      Results: tasks
        .filter((task) => task.source === input.SourceArn)
        .slice(0, Number(input.MaxResults ?? 1))
        .map((task) => ({
          ...(task.status === 'RUNNING' && { TaskHandle: task.handle }),
          Status: task.status,
          SourceArn: task.source,
          DestinationArn: task.destination,
          MaxNumberOfMessagesPerSecond: task.perSecond,
          ApproximateNumberOfMessagesMoved: task.moved,
          ApproximateNumberOfMessagesToMove: task.toMove,
          FailureReason: task.failureReason,
          StartedTimestamp: task.startedAt,
        })),
    }),
    CancelMessageMoveTask: async (input) => {
      const task = tasks.find(({ handle, status }) => handle === input.TaskHandle && status === 'RUNNING')
      if (!task) throw new AwsError('ResourceNotFoundException', 'Task does not exist.', 404)
      task.status = 'CANCELLED'
      return { ApproximateNumberOfMessagesMoved: task.moved }
    },
  }

  /**
   * Moved messages are new messages: a new id, a new receive count.
   * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-configure-dead-letter-queue-redrive.html
   * One that was sent to the dead-letter queue by SendMessage has no source to go back to:
   * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/troubleshooting-dlq-redrive.html
   */
  const move = async (task: MoveTask): Promise<void> => {
    const source = queueOf(task.source)
    try {
      while (task.status === 'RUNNING' && task.moved < task.toMove) {
        const { Messages = [] } = (await receive({
          QueueUrl: source.url,
          MessageAttributeNames: ['All'],
          MessageSystemAttributeNames: ['All'],
        })) as { Messages?: Message[] }
        const [message] = Messages
        if (!message) break
        const destination = task.destination ?? message.Attributes?.DeadLetterQueueSourceArn
        if (!destination) {
          await ask('ChangeMessageVisibility', {
            QueueUrl: source.url,
            ReceiptHandle: message.ReceiptHandle,
            VisibilityTimeout: 0,
          })
          throw new AwsError('CouldNotDetermineMessageSource', 'No source is known for the message.')
        }
        await actions.SendMessage?.(
          {
            QueueUrl: queueOf(destination).url,
            MessageBody: message.Body,
            MessageAttributes: message.MessageAttributes,
          },
          message.Attributes?.AWSTraceHeader,
        )
        await ask('DeleteMessage', { QueueUrl: source.url, ReceiptHandle: message.ReceiptHandle })
        task.moved += 1
        report({ type: 'message-moved', messageId: message.MessageId, from: task.source, to: destination })
        if (task.perSecond) await sleep(1000 / task.perSecond)
      }
      if (task.status === 'RUNNING') task.status = 'COMPLETED'
    } catch (error) {
      task.status = 'FAILED'
      task.failureReason = error instanceof AwsError ? error.code : String(error)
    }
  }

  const counts = (name: string) => {
    const count = (attribute: '' | 'NotVisible' | 'Delayed') =>
      Number(store.getQueueByName(name)?.getAttribute(`ApproximateNumberOfMessages${attribute}`))
    return { visible: count(''), inFlight: count('NotVisible'), delayed: count('Delayed') }
  }

  return {
    call: async (action, input, context) => {
      // fauxqs looks at its clocks only when somebody receives: counts would be stale otherwise.
      store.processAllTimers()
      const own = actions[action]
      return own ? own(input, context?.traceHeader) : ask(action, input)
    },
    permissions: (action, input) => {
      const needs = (name: string, arn: unknown) => ({ action: iamAction(name), resource: String(arn) })
      if (action === 'StartMessageMoveTask')
        return ['StartMessageMoveTask', 'ReceiveMessage', 'DeleteMessage', 'GetQueueAttributes']
          .map((name) => needs(name, input.SourceArn))
          .concat(input.DestinationArn ? needs('SendMessage', input.DestinationArn) : [])
      const queueArn = input.SourceArn ?? arnOf('sqs', nameOf(input.QueueUrl ?? input.QueueName ?? '*'))
      return [needs(action, queueArn)]
    },
    urlOf: (arn) => queueOf(arn).url,
    markAsDeadLetterQueue: (arn) => deadLetterQueues.add(arn),
    queues: () => {
      store.processAllTimers()
      return [...queues].map(([queueName, { path, url, arn }]) => ({
        name: path,
        url,
        arn,
        ...counts(queueName),
        deadLetterQueue: deadLetterQueues.has(arn),
      }))
    },
    resources: {
      'AWS::SQS::Queue': resource(queue, async (properties, { name, path }) => {
        const {
          QueueName = name,
          RedrivePolicy,
          RedriveAllowPolicy,
          SqsManagedSseEnabled,
          Tags,
          ...rest
        } = properties
        const attributes = Object.fromEntries(
          Object.entries(rest).map(([key, value]) => [key, String(value)]),
        )
        if (RedrivePolicy) {
          attributes.RedrivePolicy = JSON.stringify(RedrivePolicy)
          deadLetterQueues.add(RedrivePolicy.deadLetterTargetArn)
        }
        await ask('CreateQueue', { QueueName, Attributes: attributes })
        const arn = arnOf('sqs', QueueName)
        queues.set(QueueName, { path, url: urlFor(QueueName), arn, attributes })
        return { ref: urlFor(QueueName), attributes: { Arn: arn, QueueName } }
      }),
    },
    close: () => engine.close(),
  }
}
