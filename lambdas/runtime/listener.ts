import type { Context, SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda'
import { createStepQueue, type StepQueue } from '../adapters/step-queue.ts'
import { asError, type LogFacts, type Telemetry } from '../application/telemetry.ts'
import type { DetailType } from '../domain/chain.ts'
import { type EventDetail, parseEventDetail } from '../domain/event-details.ts'
import { createDynamoDb, createSqs } from './aws-clients.ts'
import { listenerEnv, parseEnv } from './env.ts'
import { handleEach, parseEventMessage, receivesOf } from './event-message.ts'
import { createLock, type Lock } from './lock.ts'
import { createTelemetry } from './telemetry.ts'

/** Longer than an event can take: a day each in outbox and EventBridge, 14 days in a DLQ and 4 in the queue. */
const rememberedSeconds = 21 * 86_400

/** A listener's handlers, by detail-type. If a handler throws, its event is retried. */
export type EventHandlers = { [Type in DetailType]?: (detail: EventDetail<Type>) => Promise<void> }

/** Dependencies of a listener's frame. */
export interface ListenerDeps {
  name: string
  lock: Lock
  queue: Pick<StepQueue, 'hideFor' | 'deadLetter'>
  telemetry: Telemetry
  maxReceiveCount: number
  waitUnitMs: number
}

/** The frame of a listener: handles each event once, and again after 1, 2, 4, … 256 s if the handler throws. */
export function createListener(deps: ListenerDeps, handlers: EventHandlers) {
  const { name, lock, queue, telemetry, maxReceiveCount, waitUnitMs } = deps
  const isHandled = (detailType: string): detailType is DetailType => Object.hasOwn(handlers, detailType)

  /** An event's ids, and the call of its handler. */
  function callFor<Type extends DetailType>(detailType: Type, detail: unknown) {
    const handler = handlers[detailType]
    const event = parseEventDetail(detailType, detail)
    if (handler === undefined || event === undefined) return { poison: 'NOT_AN_EVENT' } as const
    const { eventId, correlationId } = event.metadata
    const ids = { detailType, eventId, correlationId, orderId: event.data.orderId }
    return { ids, handle: () => handler(event) }
  }

  function read(record: SQSRecord) {
    const message = parseEventMessage(record)
    if ('poison' in message) return message
    const { 'detail-type': detailType, detail } = message
    return isHandled(detailType) ? callFor(detailType, detail) : ({ poison: 'WRONG_DETAIL_TYPE' } as const)
  }

  async function handle(record: SQSRecord, context: Context): Promise<void> {
    const receives = receivesOf(record)
    const facts: LogFacts = { messageId: record.messageId, receives }
    try {
      const event = read(record)
      if ('poison' in event) {
        const { poison: reason } = event
        const { AWSTraceHeader: trace } = record.attributes
        await queue.deadLetter(record.body, { trace, step: name, kind: 'poison', reason })
        telemetry.error('Message dead-lettered', { ...facts, reason })
        return
      }
      Object.assign(facts, event.ids)
      let isNew = false
      await lock(event.ids.eventId, context, async () => {
        isNew = true
        await event.handle()
      })
      telemetry.info(isNew ? 'Event handled' : 'Event was handled before', facts)
    } catch (error) {
      telemetry.error('Event not handled', { ...facts, error: asError(error) })
      const waitUnits = receives < maxReceiveCount ? 2 ** (receives - 1) : 0
      await queue.hideFor(record.receiptHandle, waitUnits * waitUnitMs)
      throw error
    }
  }

  return ({ Records }: SQSEvent, context: Context): Promise<SQSBatchResponse> =>
    handleEach(Records, (record) => handle(record, context))
}

/** A listener's dependencies on AWS, from its environment. */
export function createListenerDeps(): ListenerDeps {
  const env = parseEnv(listenerEnv)
  const waitUnitMs = env.QUEUE_WAIT_UNIT_MS
  return {
    name: env.LISTENER_NAME,
    lock: createLock(createDynamoDb().client, {
      tableName: env.IDEMPOTENCY_TABLE_NAME,
      expiresAfterSeconds: rememberedSeconds,
      keyPrefix: env.LISTENER_NAME,
    }),
    queue: createStepQueue(createSqs(), {
      queueUrl: env.QUEUE_URL,
      deadLetterQueueUrl: env.DEAD_LETTER_QUEUE_URL,
      waitUnitMs,
    }),
    telemetry: createTelemetry(),
    maxReceiveCount: env.MAX_RECEIVE_COUNT,
    waitUnitMs,
  }
}
