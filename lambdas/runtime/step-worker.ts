import { BatchProcessor, EventType, processPartialResponse } from '@aws-lambda-powertools/batch'
import { IdempotencyAlreadyInProgressError } from '@aws-lambda-powertools/idempotency'
import type { Context, SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda'
import type { StepQueue } from '../adapters/step-queue.ts'
import { announce } from '../application/announce.ts'
import type { StepDeps, StepMessage, Verdict } from '../application/step.ts'
import { createStepAttempt } from '../application/step-attempt.ts'
import type { LogFacts } from '../application/telemetry.ts'
import type { Order } from '../domain/order.ts'
import { ourError } from '../domain/reasons.ts'
import type { Lock } from './lock.ts'
import { parseStepMessage, receivesOf } from './step-message.ts'

/** What a step's worker works with besides its step. */
export interface StepWorkerDeps<Answer> extends StepDeps<Answer> {
  queue: StepQueue
  lock: Lock
}

/** Leaves the lock without finishing: what is to be done instead stands in the verdict. */
class NotFinished extends Error {
  override name = 'NotFinished'
}

/** Tells the batch that the message stays in its queue. */
class MessageComesBack extends Error {
  override name = 'MessageComesBack'
}

/**
 * The machine that every step of the chain is: last receive? → parse → lock → attempt, over a batch,
 * concurrently, one message's failure never touching another's; then one `switch` over what became of it.
 */
export function createStepWorker<Answer>(deps: StepWorkerDeps<Answer>) {
  const { step, queue, repository, policy, telemetry } = deps
  const { attempt, giveUp, retryLater } = createStepAttempt(deps)

  async function underLock(message: StepMessage, record: SQSRecord, context: Context): Promise<Verdict> {
    // Powertools frees the lock before the error gets here, and may throw one of its own instead.
    let verdict: Verdict | undefined
    try {
      await deps.lock(message.eventId, context, async () => {
        verdict = await attempt(message, `${context.awsRequestId}:${record.messageId}`)
        if (verdict.kind !== 'done') throw new NotFinished()
      })
    } catch (error) {
      if (error instanceof IdempotencyAlreadyInProgressError)
        return { kind: 'come-back', inMs: policy.claimMs / 4, reason: 'LOCKED', failure: 'not-the-vendors' }
      if (verdict === undefined) return retryLater(message, ourError(error))
    }
    return verdict ?? { kind: 'done' }
  }

  async function dispatch(
    message: ReturnType<typeof parseStepMessage>,
    record: SQSRecord,
    context: Context,
  ): Promise<Verdict> {
    if ('poison' in message)
      return { kind: 'dead-letter', reason: message.poison, failure: 'poison', isNew: true }
    if (receivesOf(record) >= policy.maxReceiveCount) return giveUp(message)
    if (context.getRemainingTimeInMillis() < policy.neededMs) return retryLater(message, 'NO_TIME_LEFT')
    return underLock(message, record, context)
  }

  async function deadLetter(record: SQSRecord, verdict: Verdict & { kind: 'dead-letter' }): Promise<void> {
    const { order, reason, failure, isNew } = verdict
    await queue.deadLetter(record.body, {
      orderId: order?.orderId ?? 'unknown',
      step: step.name,
      kind: failure,
      reason,
      attempts: order?.attempts ?? 0,
      deadLetterNumber: order?.deadLettered ?? 0,
      trace: order?.traceparent ?? record.attributes.AWSTraceHeader ?? 'unknown',
    })
    if (isNew) telemetry.metric('OrdersDeadLettered', 1, { step: step.name })
    if (isNew && order) await announce(deps, order)
  }

  /**
   * Whether the outbox brings the order of a message on without it. The next receive would be the last, and
   * dead-letter an order that is not to blame for a lock that nobody gave back, or for trouble of ours.
   */
  async function isOwed(message: ReturnType<typeof parseStepMessage>, order: Order | undefined) {
    if ('poison' in message) return false
    const current = order ?? (await repository.get(message.orderId))
    return current?.outboxEventId !== undefined
  }

  const failed = (kind: string) => telemetry.metric('StepFailed', 1, { step: step.name, kind })

  /** Returns where the message is settled; throws where it has to stay in its queue. */
  async function handle(record: SQSRecord, context: Context): Promise<void> {
    const message = parseStepMessage(record, step.consumes)
    const verdict = await dispatch(message, record, context)
    const { order } = verdict
    const facts: LogFacts = {
      step: step.name,
      messageId: record.messageId,
      ...(!('poison' in message) && { orderId: message.orderId, eventId: message.eventId }),
      ...(order && { correlationId: order.correlationId, status: order.status, attempt: order.attempts }),
    }
    switch (verdict.kind) {
      case 'done':
        telemetry.info('Step done', facts)
        return
      case 'waiting':
        failed('waiting')
        telemetry.warn('Order waits for its vendor', { ...facts, reason: verdict.reason })
        return
      case 'come-back':
        failed(verdict.failure)
        if (receivesOf(record) >= policy.maxReceiveCount - 1 && (await isOwed(message, order))) {
          telemetry.warn('Message left to the outbox', { ...facts, reason: verdict.reason })
          return
        }
        telemetry.warn('Message comes back', { ...facts, reason: verdict.reason, inMs: verdict.inMs })
        await queue.hideFor(record.receiptHandle, verdict.inMs)
        throw new MessageComesBack(verdict.reason)
      case 'dead-letter':
        failed(verdict.failure)
        telemetry.error('Message dead-lettered', { ...facts, reason: verdict.reason })
        await deadLetter(record, verdict)
    }
  }

  const processor = () => new BatchProcessor(EventType.SQS)
  return (event: SQSEvent, context: Context): Promise<SQSBatchResponse> =>
    processPartialResponse(event, (record: SQSRecord) => handle(record, context), processor(), {
      context,
      throwOnFullBatchFailure: false,
    })
}
