import { type MessageAttributeValue, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs'
import { startFauxqs } from 'fauxqs'
import { createStepQueue, type DeadLetterFacts } from '../../../lambdas/adapters/step-queue.ts'
import type { Actor, Order } from '../../../lambdas/domain/order.ts'
import { deadLettered } from '../../../lambdas/domain/step-changes.ts'
import type { DeadLetterQueue } from '../../../ops/cli/environment.ts'
import { telemetry } from '../../../ops/cli/operator.ts'
import type { DlqDeps } from '../../../ops/dead-letters/messages.ts'
import type { RedriveDeps } from '../../../ops/dead-letters/redrive.ts'
import {
  changed,
  graceMs,
  lanes,
  messageBody,
  storedOrder,
  t0,
  vendorCode,
  vendors,
  without,
} from '../../builders.ts'

/** The operator who redrives. */
export const operator: Actor = {
  by: 'operator',
  who: 'arn:aws:sts::111122223333:assumed-role/operator/jo',
  note: 'the carrier works again',
}

/** A repository of a test's orders, with their index of dead letters. */
export function createOrders() {
  const orders = new Map<string, Order>()
  const repository: DlqDeps['repository'] = {
    get: async (orderId) => orders.get(orderId),
    change: async (order, change) => {
      orders.set(order.orderId, changed(order, change))
      return { written: true, order: changed(order, change) }
    },
    getAll: async (ids) => ids.flatMap((orderId) => orders.get(orderId) ?? []),
    due: async () => [],
    list: async () => ({ orders: [] }),
    deadLetters: async (partition, until, limit, after) => {
      const key = (entry: { deadLetteredAt?: string | undefined; orderId: string }) =>
        `${entry.deadLetteredAt} ${entry.orderId}`
      return [...orders.values()]
        .filter(
          ({ deadLetterPartition, deadLetteredAt = '' }) =>
            deadLetterPartition === partition && deadLetteredAt <= until,
        )
        .filter((order) => after === undefined || key(order) > key(after))
        .sort((a, b) => (key(a) < key(b) ? -1 : 1))
        .slice(0, limit)
        .map(({ orderId, deadLetteredAt = '' }) => ({ orderId, deadLetteredAt }))
    },
  }
  return {
    repository,
    put: (order: Order): Order => {
      orders.set(order.orderId, order)
      return order
    },
    /** Stores an order that is dead-lettered for the nth time. */
    stuck(
      change: Partial<Order> = {},
      {
        number = 1,
        reason = 'ADDRESS_NOT_SERVED',
        atMs = t0,
        step = 'logistics' as 'logistics' | 'wms',
      } = {},
    ): Order {
      const order = storedOrder({ ...change, deadLetterings: number - 1 })
      const refusal = { reason: vendorCode(reason), failure: 'permanent', question: undefined } as const
      return this.put(changed(order, deadLettered(order, step, refusal, { now: atMs, graceMs })))
    },
  }
}

/** The chain's queues on an SQS server of their own, behind the real client. */
export async function createQueues() {
  const server = await startFauxqs({ port: 0, logger: false })
  const sqs = new SQSClient({
    endpoint: `http://127.0.0.1:${server.port}`,
    region: 'us-east-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    maxAttempts: 1,
  })
  // This SQS is one server, so a short poll is exact, and no test has to wait for a long poll.
  sqs.middlewareStack.add(
    (next) => (args) =>
      next(
        'WaitTimeSeconds' in args.input ? { ...args, input: { ...args.input, WaitTimeSeconds: 0 } } : args,
      ),
    { step: 'initialize' },
  )
  const urls = new Map<string, string>()
  const create = (name: string): string => {
    const { queueUrl } = server.createQueue(name)
    const url = queueUrl.replace(/^https?:\/\/[^/]+/, `http://127.0.0.1:${server.port}`)
    urls.set(name, url)
    return url
  }
  const deadLetterQueues = Object.entries(lanes).flatMap(([lane, { step }]): DeadLetterQueue[] => {
    const targetUrl = create(`${lane}-queue`)
    return [
      { kind: 'dead-letter', lane, step, url: create(`${lane}-dlq`), targetUrl },
      { kind: 'undelivered', lane, step, url: create(`${lane}-undelivered`), targetUrl },
    ]
  })
  /** The URL of a queue by its name, such as `carrier-dlq`. */
  const urlOf = (name: string): string => {
    const url = urls.get(name)
    if (url === undefined) throw new Error(`There is no queue ${name}`)
    return url
  }

  return {
    sqs,
    deadLetterQueues,
    urlOf,
    /** A command's dependencies, and the lines that it prints. */
    deps: (repository: DlqDeps['repository'], change: Partial<RedriveDeps> = {}) => {
      const told: string[] = []
      return {
        name: 'local' as const,
        sqs,
        queues: deadLetterQueues,
        vendors: lanes,
        shards: 16,
        repository,
        signal: new AbortController().signal,
        telemetry,
        now: Date.now,
        tell: (line: string) => void told.push(line),
        told,
        actor: operator,
        ...change,
      }
    },
    /** Dead-letters the message of an order as a worker does. */
    deadLetter: async (order: Order, facts: Partial<DeadLetterFacts> = {}): Promise<void> => {
      const step = facts.step ?? 'logistics'
      const lane = vendors[step === 'wms' ? 'wms' : 'logistics']
      const urls = { queueUrl: urlOf(`${lane}-queue`), deadLetterQueueUrl: urlOf(`${lane}-dlq`) }
      await createStepQueue(sqs, { ...urls, waitUnitMs: 1000 }).deadLetter(
        messageBody(without(order, 'attention', 'deadLettered')),
        {
          orderId: order.orderId,
          step,
          kind: 'permanent',
          reason: 'ADDRESS_NOT_SERVED',
          attempts: 1,
          deadLetterNumber: order.deadLettered ?? 1,
          trace: order.traceparent,
          ...facts,
        },
      )
    },
    /** Puts any message into a queue. */
    send: (
      QueueUrl: string,
      MessageBody: string,
      MessageAttributes: Record<string, MessageAttributeValue> = {},
    ) => sqs.send(new SendMessageCommand({ QueueUrl, MessageBody, MessageAttributes })),
    /** A queue's visible and hidden messages. `name` is such as `carrier-dlq`. */
    look: (name: string) => {
      const { ready = [], inflight = [] } = server.inspectQueue(name)?.messages ?? {}
      return {
        visible: ready.map(({ messageId, body, messageAttributes }) => ({
          messageId,
          body,
          messageAttributes,
        })),
        hidden: inflight.length,
      }
    },
    stop: async () => {
      sqs.destroy()
      await server.stop()
    },
  }
}
/** See {@link createQueues}. */
export type Queues = Awaited<ReturnType<typeof createQueues>>
