import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge'
import {
  ChangeMessageVisibilityCommand,
  SendMessageBatchCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs'
import { mockClient } from 'aws-sdk-client-mock'
import { createCircuitBreaker } from '../../lambdas/adapters/circuit-breaker.ts'
import { createEventPublisher } from '../../lambdas/adapters/event-publisher.ts'
import { createOutboxRepository } from '../../lambdas/adapters/outbox-repository.ts'
import { createStepQueue } from '../../lambdas/adapters/step-queue.ts'
import type { VendorJob } from '../../lambdas/adapters/vendor-client.ts'
import { createVendorItem } from '../../lambdas/adapters/vendor-item.ts'
import { createVendorPace } from '../../lambdas/adapters/vendor-pace.ts'
import { linkOf } from '../../lambdas/domain/chain.ts'
import type { Order } from '../../lambdas/domain/order.ts'
import type { Meaning } from '../../lambdas/domain/vendor-answer.ts'
import { createLock } from '../../lambdas/runtime/lock.ts'
import type { StepWorkerDeps } from '../../lambdas/runtime/step-worker.ts'
import { graceMs, orderId, storedOrder, vendorTraits } from '../builders.ts'
import { createClock, createTelemetryRecord } from './doubles.ts'
import { createDynamoDb } from './dynamodb.ts'

type Answer = Meaning | Error

const times = {
  delaysMs: [1000, 5000, 20_000, 60_000],
  waitingLimitMs: 3_600_000,
  graceMs,
}
export const policy = {
  ...times,
  claimMs: 21_000,
  maxReceiveCount: 10,
  waitUnitMs: 1000,
  pauseMs: 10_000,
  neededMs: 8000,
  retentionMs: 30 * 86_400_000,
}

/** A vendor with scripted answers, which records its requests. */
function createVendor() {
  const answers: Answer[] = []
  const calls: string[] = []
  const answer = async (call: string) => {
    calls.push(call)
    const next = answers.shift() ?? new Error(`The vendor was not told how to answer ${call}`)
    if (next instanceof Error) throw next
    return next
  }
  return {
    answers,
    calls,
    client: {
      requestVersion: 1,
      // Of the reference, its round is what tells one request from another.
      create: ({ reference }: VendorJob) => answer(`create ${reference.slice(-2)}`),
      lookUp: ({ reference }: VendorJob) => answer(`lookUp ${reference.slice(-2)}`),
      cancel: ({ reference }: VendorJob) => answer(`cancel ${reference.slice(-2)}`),
    },
  }
}

/** What a function works in: a real DynamoDB engine, a bus and queues that remember, a vendor, a clock. */
export async function createWorld() {
  const db = await createDynamoDb()
  const [bridgeClient, sqsClient] = [new EventBridgeClient({}), new SQSClient({})]
  const bridge = mockClient(bridgeClient)
  const sqs = mockClient(sqsClient)
  bridge.on(PutEventsCommand).callsFake(({ Entries = [] }) => ({
    Entries: Entries.map((_: unknown, index: number) => ({ EventId: `${index}` })),
  }))
  sqs.onAnyCommand().resolves({})
  const clock = createClock()
  const record = createTelemetryRecord()
  const vendor = createVendor()
  const repository = createOutboxRepository(db.documents, 'orders')
  const publisher = createEventPublisher(bridgeClient, 'bus')

  const item = () => createVendorItem(db.documents, { tableName: 'circuits', vendor: 'carrier', cacheMs: 0 })

  /** What one instance of the logistics worker works with. */
  const deps = (): StepWorkerDeps => ({
    step: linkOf('logistics'),
    vendorName: 'carrier',
    client: vendor.client,
    clientCalls: 1,
    repository,
    publisher,
    policy,
    traits: vendorTraits,
    breaker: createCircuitBreaker(item(), {
      onError: () => {},
      policy: { failureThreshold: 3, openMs: 10_000, maxOpenMs: 300_000, probeMs: 21_000 },
    }),
    pace: createVendorPace(item(), { ratePerSecond: 20, onError: () => {} }),
    concurrency: 2,
    sleep: async (ms) => clock.pass(ms),
    queue: createStepQueue(sqsClient, { queueUrl: 'queue', deadLetterQueueUrl: 'dlq', waitUnitMs: 1000 }),
    lock: createLock(db.client, { tableName: 'locks', expiresAfterSeconds: 3600 }),
    telemetry: record.telemetry,
    now: clock.now,
    random: () => 0,
  })

  return {
    db,
    bridge,
    sqs,
    sqsClient,
    clock,
    record,
    vendor,
    repository,
    publisher,
    deps,
    policy,
    /** Puts an order into the table and returns it. */
    given: async (change: Partial<Order> = {}): Promise<Order> => {
      const order = storedOrder(change)
      await db.put('orders', order)
      return order
    },
    /** The order as it is stored now. */
    stored: async (id = orderId): Promise<Order> => {
      const order = await repository.get(id)
      if (!order) throw new Error(`There is no order ${id}`)
      return order
    },
    /** The ids of the events that were sent to the bus. */
    published: (): string[] =>
      bridge
        .commandCalls(PutEventsCommand)
        .flatMap((call) => call.args[0].input.Entries ?? [])
        .map(({ Detail = '{}' }) => JSON.parse(Detail).metadata.eventId),
    /** For how many seconds which message was hidden. */
    hidden: () =>
      sqs
        .commandCalls(ChangeMessageVisibilityCommand)
        .map(({ args }) => [args[0].input.ReceiptHandle, args[0].input.VisibilityTimeout]),
    /** The attributes of the messages that were sent to the DLQ. */
    deadLetters: (): Record<string, string | undefined>[] =>
      sqs.commandCalls(SendMessageCommand).map(({ args: [{ input }] }) => ({
        queue: input.QueueUrl,
        body: input.MessageBody,
        ...Object.fromEntries(
          Object.entries(input.MessageAttributes ?? {}).map(([name, { StringValue }]) => [name, StringValue]),
        ),
      })),
    /** The batches that were sent to a step's queue. */
    sent: () => sqs.commandCalls(SendMessageBatchCommand).map(({ args: [{ input }] }) => input.Entries ?? []),
  }
}
/** See {@link createWorld}. */
export type World = Awaited<ReturnType<typeof createWorld>>
