import { IdempotencyAlreadyInProgressError } from '@aws-lambda-powertools/idempotency'
import type { Context, SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda'
import type { StepQueue } from '../adapters/step-queue.ts'
import { announce } from '../application/announce.ts'
import type { MessageDecision, Outcome, StepDeps } from '../application/step.ts'
import { createStepAttempt } from '../application/step-attempt.ts'
import type { LogFacts } from '../application/telemetry.ts'
import { createTurns, type Turn } from '../application/turns.ts'
import type { FailureKind } from '../domain/decision.ts'
import { isFinished, type Order } from '../domain/order.ts'
import { ourError, type Reason } from '../domain/reasons.ts'
import { handleEach, parseStepMessage, type QueuedMessage, receivesOf } from './event-message.ts'
import type { Lock } from './lock.ts'

/** A step worker's dependencies, besides those of its step. */
export interface StepWorkerDeps extends StepDeps {
  queue: StepQueue
  lock: Lock
}

/** Thrown to release the lock without finishing, or to keep the message in its queue. */
class NotFinished extends Error {
  override name = 'NotFinished'
}

/** Decisions after which the lock remembers the message. Not `done`, since a lane may get an order again. */
const finished: ReadonlySet<MessageDecision['kind']> = new Set(['advance', 'undone', 'too-late'])

/** Adds up to 10 % in whole wait units, so that retries spread out. */
export function withJitter(ms: number, waitUnitMs: number, random: () => number): number {
  const units = Math.floor((ms * 0.1) / waitUnitMs) + 1
  return ms + Math.floor(random() * units) * waitUnitMs
}

/** The frame of every step. Handles a batch concurrently: parse → turn → lock → attempt → settle. */
export function createStepWorker(deps: StepWorkerDeps) {
  const { step, queue, repository, policy, telemetry, now } = deps
  const { attempt, giveUp, retryLater, waitQuietly } = createStepAttempt(deps)
  const turns = createTurns(deps)

  async function underLock(message: QueuedMessage, context: Context, turn: Turn): Promise<Outcome> {
    // Powertools releases the lock before the error gets here, and may throw one of its own instead.
    let outcome: Outcome | undefined
    try {
      await deps.lock(message.eventId, context, async () => {
        outcome = await attempt(message, `${context.awsRequestId}:${message.messageId}`, turn)
        const { kind } = outcome.decision
        if (!finished.has(kind)) throw new NotFinished()
      })
    } catch (error) {
      if (error instanceof IdempotencyAlreadyInProgressError) {
        const at = now() + policy.claimMs / 4
        return { decision: { kind: 'later', reason: 'LOCKED', failure: 'not-the-vendors', at } }
      }
      if (outcome === undefined) return retryLater(message, ourError(error))
    }
    return outcome ?? { decision: { kind: 'done' } }
  }

  async function dispatch(message: QueuedMessage, context: Context): Promise<Outcome> {
    if (message.receives >= policy.maxReceiveCount) return giveUp(message)
    const spareMs = context.getRemainingTimeInMillis() - policy.neededMs
    if (spareMs < 0) return retryLater(message, 'NO_TIME_LEFT')
    const turn = await turns.take(now() + spareMs)
    try {
      const later = turn.until === undefined ? undefined : waitQuietly(message, turn.until, 'RATE_LIMITED')
      return later ?? (await underLock(message, context, turn))
    } finally {
      turns.end(turn)
    }
  }

  const failed = (kind: FailureKind) => telemetry.metric('StepFailed', 1, { step: step.name, kind })

  async function deadLetter(
    record: SQSRecord,
    { reason, failure, ...decision }: MessageDecision & { kind: 'dead-letter' | 'to-dlq' },
    order: Order | undefined,
    facts: LogFacts,
  ): Promise<void> {
    failed(failure)
    telemetry.error('Message dead-lettered', { ...facts, reason })
    await queue.deadLetter(record.body, {
      orderId: order?.orderId,
      attempts: order?.attempts,
      deadLetterNumber: order?.deadLettered,
      trace: order ? order.traceparent : record.attributes.AWSTraceHeader,
      step: step.name,
      kind: failure,
      reason,
      // Without the label, whose link reveals the address.
      ...(decision.kind === 'dead-letter' &&
        decision.facts && { answer: JSON.stringify({ ...decision.facts, label: undefined }) }),
    })
    if (decision.kind === 'dead-letter' || order === undefined)
      telemetry.metric('OrdersDeadLettered', 1, { lane: deps.vendorName })
    if (decision.kind === 'dead-letter' && order) await announce(deps, order)
  }

  /** Keeps a message in its queue, unless its next receive is the last and the order is in the outbox. */
  async function keep(
    message: QueuedMessage,
    { reason, at, order, facts }: { reason: Reason; at: number; order: Order | undefined; facts: LogFacts },
  ): Promise<void> {
    if (message.receives >= policy.maxReceiveCount - 1 && (await isOwed(message, order))) {
      telemetry.warn('Message left to the outbox', { ...facts, reason })
      return
    }
    const inMs = Math.max(0, at - now())
    telemetry.warn('Message comes back', { ...facts, reason, inMs })
    await queue.hideFor(message.receiptHandle, inMs)
    throw new NotFinished(reason)
  }

  /** Whether the outbox will send the message's order again without it. */
  async function isOwed({ orderId }: QueuedMessage, order: Order | undefined): Promise<boolean> {
    const current = order ?? (await repository.get(orderId))
    return current?.outboxEventId !== undefined
  }

  /** Returns if the message is settled; throws if it has to stay in its queue. */
  async function handle(record: SQSRecord, context: Context): Promise<void> {
    const message = parseStepMessage(record, deps.vendorName)
    const ids = { step: step.name, messageId: record.messageId }
    if ('poison' in message) {
      const decision = { kind: 'to-dlq', reason: message.poison, failure: 'poison' } as const
      return deadLetter(record, decision, undefined, ids)
    }
    const { decision, order } = await dispatch(message, context)
    const facts: LogFacts = {
      ...ids,
      orderId: message.orderId,
      eventId: message.eventId,
      ...(order && { correlationId: order.correlationId, status: order.status, attempt: order.attempts }),
    }
    switch (decision.kind) {
      case 'done':
        telemetry.info('Step done', facts)
        return
      case 'advance':
        telemetry.metric('StepCompleted', 1, { step: step.name })
        if (order && isFinished(order))
          telemetry.metric('ClickToReadySeconds', (now() - Date.parse(order.createdAt)) / 1000)
        if (order) await announce(deps, order)
        telemetry.info('Step done', facts)
        return
      case 'undone':
      case 'too-late':
        if (order) await announce(deps, order)
        telemetry.info(decision.kind === 'undone' ? 'Step undone' : 'Too late to undo the step', facts)
        return
      case 'wait':
        failed('waiting')
        if (decision.keepsMessage) return keep(message, { ...decision, at: decision.until, order, facts })
        telemetry.warn('Order waits for its vendor', { ...facts, reason: decision.reason })
        return
      case 'retry':
        failed('transient')
        telemetry.metric('RetriesScheduled', 1, { step: step.name })
        return keep(message, {
          ...decision,
          at: now() + withJitter(decision.at - now(), policy.waitUnitMs, deps.random),
          order,
          facts,
        })
      case 'later':
        failed(decision.failure)
        return keep(message, { ...decision, order, facts })
      case 'dead-letter':
      case 'to-dlq':
        return deadLetter(record, decision, order, facts)
    }
  }

  /** Most-received messages first. */
  const inTurn = (one: SQSRecord, other: SQSRecord) => receivesOf(other) - receivesOf(one)
  return ({ Records }: SQSEvent, context: Context): Promise<SQSBatchResponse> =>
    handleEach(Records.toSorted(inTurn), (record) => handle(record, context))
}
