import { BatchProcessor, EventType, processPartialResponse } from '@aws-lambda-powertools/batch'
import { IdempotencyAlreadyInProgressError } from '@aws-lambda-powertools/idempotency'
import type { Context, SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda'
import * as z from 'zod/mini'
import { createHideFor, type StepQueue } from '../adapters/step-queue.ts'
import type { LogFacts, Telemetry } from '../application/telemetry.ts'
import { type DetailType, detailTypes } from '../domain/chain.ts'
import { type EventDetail, parseEventDetail } from '../domain/event-details.ts'
import { createDynamoDb, createSqs } from './aws-clients.ts'
import { parseEnv } from './env.ts'
import { listenerEnv } from './listener-env.ts'
import { createLock, type Lock } from './lock.ts'
import { receivesOf } from './step-message.ts'
import { createTelemetry } from './telemetry.ts'

/**
 * How long a handled event is known again. The last copy of it may come after a day in the outbox, a day at
 * EventBridge, 14 days in a DLQ and 4 days in the queue.
 */
const rememberedSeconds = 21 * 86_400

/**
 * What a listener does about each event, by detail-type. It returns when that is done, and throws when it is not:
 * then the event comes again.
 */
export type EventHandlers = { [Type in DetailType]?: (detail: EventDetail<Type>) => Promise<void> }

/** What a listener's frame works with. */
export interface ListenerDeps {
  lock: Lock
  hideFor: StepQueue['hideFor']
  telemetry: Telemetry
  /** After so many receives SQS dead-letters a message. */
  maxReceiveCount: number
  /** The unit in which the queue can wait: 1,000 on AWS. */
  waitUnitMs: number
}

const envelope = z.object({ 'detail-type': z.enum(detailTypes), detail: z.unknown() })

/**
 * The frame of a listener: each event of a batch goes to the handler of its detail-type, once, however often it is
 * delivered, and one failure never touches another. An event whose handler throws comes back after 1, 2, 4, … 256 s,
 * and is dead-lettered after its tenth receive, 9 minutes later.
 */
export function createListener(deps: ListenerDeps, handlers: EventHandlers) {
  const { lock, hideFor, telemetry, maxReceiveCount, waitUnitMs } = deps

  function read<Type extends DetailType>(detailType: Type, detail: unknown) {
    const handler = handlers[detailType]
    if (handler === undefined) throw new Error(`There is no handler for ${detailType}`)
    const event = parseEventDetail(detailType, detail)
    const { eventId, correlationId } = event.metadata
    return { ids: { eventId, correlationId, orderId: event.data.orderId }, handle: () => handler(event) }
  }

  async function handle(record: SQSRecord, context: Context): Promise<void> {
    const receives = receivesOf(record)
    const facts: LogFacts = { messageId: record.messageId, receives }
    try {
      const { 'detail-type': detailType, detail } = z.parse(envelope, JSON.parse(record.body))
      const event = read(detailType, detail)
      Object.assign(facts, { detailType, ...event.ids })
      let isNew = false
      await lock(event.ids.eventId, context, async () => {
        isNew = true
        await event.handle()
      })
      telemetry.info(isNew ? 'Event handled' : 'Event was handled before', facts)
    } catch (error) {
      const isLast = receives >= maxReceiveCount
      const level = error instanceof IdempotencyAlreadyInProgressError ? 'warn' : 'error'
      telemetry[level](
        isLast ? 'Event not handled, it is dead-lettered' : 'Event not handled, it comes back',
        {
          ...facts,
          error: error instanceof Error ? error : new Error(String(error)),
        },
      )
      await hideFor(record.receiptHandle, isLast ? 0 : 2 ** (receives - 1) * waitUnitMs)
      throw error
    }
  }

  return (event: SQSEvent, context: Context): Promise<SQSBatchResponse> =>
    processPartialResponse(
      event,
      (record: SQSRecord) => handle(record, context),
      new BatchProcessor(EventType.SQS),
      { context, throwOnFullBatchFailure: false },
    )
}

/** What a listener works with on AWS, as its environment says. */
export function createListenerDeps(): ListenerDeps {
  const env = parseEnv(listenerEnv)
  const waitUnitMs = env.QUEUE_WAIT_UNIT_MS
  return {
    lock: createLock(createDynamoDb().client, {
      tableName: env.IDEMPOTENCY_TABLE_NAME,
      expiresAfterSeconds: rememberedSeconds,
      keyPrefix: env.LISTENER_NAME,
    }),
    hideFor: createHideFor(createSqs(), { queueUrl: env.QUEUE_URL, waitUnitMs }),
    telemetry: createTelemetry(),
    maxReceiveCount: env.MAX_RECEIVE_COUNT,
    waitUnitMs,
  }
}
