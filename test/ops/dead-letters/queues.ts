import { type MessageAttributeValue, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs'
import { startFauxqs } from 'fauxqs'
import { createStepQueue, type DeadLetterFacts } from '../../../lambdas/adapters/step-queue.ts'
import type { Order } from '../../../lambdas/domain/order.ts'
import type { WorkerQueues } from '../../../ops/cli/environment.ts'
import { messageBody, without } from '../../builders.ts'

/** The chain's queues on an SQS server of their own, behind the real client. */
export async function createQueues() {
  const server = await startFauxqs({ port: 0, logger: false })
  const sqs = new SQSClient({
    endpoint: `http://127.0.0.1:${server.port}`,
    region: 'us-east-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    maxAttempts: 1,
  })
  // This SQS is one server and answers truly at once, so that no test has to wait for a long poll's end.
  sqs.middlewareStack.add(
    (next) => (args) =>
      next(
        'WaitTimeSeconds' in args.input ? { ...args, input: { ...args.input, WaitTimeSeconds: 0 } } : args,
      ),
    { step: 'initialize' },
  )
  const url = (name: string) =>
    server.createQueue(name).queueUrl.replace(/^https?:\/\/[^/]+/, `http://127.0.0.1:${server.port}`)
  const workers = ['logistics', 'wms'].map(
    (worker): WorkerQueues => ({
      worker,
      queueUrl: url(`${worker}-queue`),
      deadLetterQueueUrl: url(`${worker}-dlq`),
      undeliveredQueueUrl: url(`${worker}-undelivered`),
    }),
  )
  const queuesOf = (name: string): WorkerQueues => {
    const queues = workers.find(({ worker }) => worker === name)
    if (queues === undefined) throw new Error(`There is no worker ${name}`)
    return queues
  }

  return {
    sqs,
    workers,
    /** Dead-letters the message of an order as a worker does. */
    deadLetter: async (order: Order, facts: Partial<DeadLetterFacts> = {}): Promise<void> => {
      const step = facts.step ?? 'logistics'
      const { queueUrl, deadLetterQueueUrl } = queuesOf(step)
      await createStepQueue(sqs, { queueUrl, deadLetterQueueUrl, waitUnitMs: 1000 }).deadLetter(
        messageBody(without(order, 'attention', 'deadLettered')),
        {
          orderId: order.orderId,
          step,
          kind: 'permanent',
          reason: 'ADDRESS_NOT_SERVED',
          attempts: 1,
          deadLetterNumber: 1,
          trace: order.traceparent,
          ...facts,
        },
      )
    },
    /** Puts any message into a queue. */
    send: (
      QueueUrl = '',
      MessageBody: string,
      MessageAttributes: Record<string, MessageAttributeValue> = {},
    ) => sqs.send(new SendMessageCommand({ QueueUrl, MessageBody, MessageAttributes })),
    /** What a queue holds: what can be received now, and what is hidden. Named as `logistics-dlq`. */
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
