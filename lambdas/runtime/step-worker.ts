import { BatchProcessor, EventType, processPartialResponse } from '@aws-lambda-powertools/batch'
import type { Context, SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda'
import type { CircuitBreaker } from '../adapters/circuit-breaker.ts'
import type { EventPublisher } from '../adapters/event-publisher.ts'
import type { OrderRepository } from '../adapters/order-repository.ts'
import type { StepQueue } from '../adapters/step-queue.ts'
import type { CallResult, VendorClient } from '../adapters/vendor-client.ts'
import type { DetailType } from '../domain/events.ts'
import { type Decision, decide, type FailureKind, type Reason, type RetryPolicy } from '../domain/failure.ts'
import type { Order, StepName } from '../domain/order.ts'
import {
  attemptFailed,
  type Change,
  deadLettered,
  redriven,
  settling,
  transition,
  waiting,
} from '../domain/order-changes.ts'
import { nextStatuses, type OrderStatus } from '../domain/status.ts'
import { announce } from './announce.ts'
import { type Asked, askVendor, type VendorTraits } from './ask-vendor.ts'
import type { Lock } from './lock.ts'
import type { Telemetry } from './powertools.ts'
import { parseStepMessage, type StepMessage } from './step-message.ts'

/** *Step*: one link of the chain. */
export interface Step<Answer> {
  name: StepName
  /** The event it takes up … */
  consumes: DetailType
  /** … and the statuses between which it brings the order on … */
  from: OrderStatus
  to: OrderStatus
  /** … by what its vendor answers. */
  facts: (answer: Answer) => Pick<Partial<Order>, 'awb' | 'trackingUrl' | 'wmsReference'>
}

/** What the frame works with. */
export interface StepWorkerParts<Answer> {
  step: Step<Answer>
  vendorName: string
  client: VendorClient<Answer>
  traits: VendorTraits
  repository: OrderRepository
  publisher: EventPublisher
  breaker: CircuitBreaker
  queue: StepQueue
  lock: Lock
  policy: WorkerPolicy
  telemetry: Telemetry
  now: () => number
  random: () => number
}

/** Times of the frame, in milliseconds. */
export interface WorkerPolicy extends RetryPolicy {
  claimMs: number
  maxReceiveCount: number
  waitUnitMs: number
  /** How long the vendor's circuit opens where our own credential or URL is at fault. */
  pauseMs: number
  /** No work starts in an invocation that has less time left than this. */
  neededMs: number
  retentionMs: number | undefined
}

/** What becomes of a message. */
type Verdict =
  /** Finished, or somebody else's business by now. */
  | { kind: 'done' }
  /** The order waits in the outbox: the message is not needed any more. */
  | { kind: 'waiting' }
  | { kind: 'come-back'; inMs: number; reason: Reason; failure: FailureKind }
  | { kind: 'dead-letter'; reason: Reason; failure: FailureKind; order?: Order; isNew: boolean }

/** Leaves the lock without finishing: what is to be done instead stands in the verdict. */
class NotFinished extends Error {
  override name = 'NotFinished'
}

/** Tells the batch that the message stays in its queue. */
class MessageComesBack extends Error {
  override name = 'MessageComesBack'
}

/** A message that failed for a reason of ours waits 1, 2, 4, … 60 s by how often it was received. */
const longestOwnDelay = 60

/**
 * The machine that every step of the chain is: last receive? → parse → lock → claim → circuit → vendor →
 * transition → publish, over a batch, concurrently, one message's failure never touching another's.
 */
export function createStepWorker<Answer>(parts: StepWorkerParts<Answer>) {
  const { step, repository, breaker, queue, policy, telemetry, now, random } = parts

  const ownDelayMs = (record: SQSRecord): number => {
    const receives = Number(record.attributes.ApproximateReceiveCount)
    return Math.min(2 ** (receives - 1), longestOwnDelay) * policy.waitUnitMs
  }

  /** Up to 10 % later where that is a whole unit or more, so that a herd spreads out. */
  const withJitter = (ms: number): number =>
    ms + Math.floor(random() * (Math.floor((ms * 0.1) / policy.waitUnitMs) + 1)) * policy.waitUnitMs

  const ours = (record: SQSRecord, reason: Reason): Verdict => ({
    kind: 'come-back',
    inMs: ownDelayMs(record),
    reason,
    failure: 'not-the-vendors',
  })

  /** Tells the breaker how the vendor is; answers until when its circuit is open now, if it is. */
  async function report(last: CallResult<unknown> | undefined, probe: string | undefined) {
    if (last === undefined) {
      if (probe !== undefined) await breaker.release(probe, now())
      return undefined
    }
    if (last.kind === 'failed') return breaker.failed(last.reason, now(), probe)
    if (last.kind !== 'paused') {
      await breaker.succeeded(now(), probe)
      return undefined
    }
    if (last.ourFault && probe !== undefined) return breaker.failed(last.reason, now(), probe)
    return breaker.pause(last.reason, last.retryAfterMs ?? policy.pauseMs, now(), probe)
  }

  async function ask(order: Order, claimId: string): Promise<Decision<Answer>> {
    const { attempts, waitingSince, unknownOutcome } = order
    const admission = await breaker.admit(claimId, now())
    if (!admission.admitted) {
      const { reason, until } = admission
      const uncertainSince = unknownOutcome && Date.parse(unknownOutcome.at)
      const outcome = { kind: 'waiting' as const, reason, uncertainSince }
      const circuit = { until, probed: false }
      return decide(outcome, policy, { now: now(), attempts, waitingSince, circuit })
    }
    const { probe } = admission
    const startedAt = now()
    let asked: Asked<Answer>
    try {
      asked = await askVendor(order, step.name, parts.client, parts.traits, now)
    } catch (error) {
      // Not the vendor's doing (its credential could not be read, say): another may probe at once.
      if (probe !== undefined) await breaker.release(probe, now())
      throw error
    }
    if (asked.last) telemetry.metric('VendorLatency', now() - startedAt, { vendor: parts.vendorName })
    const until = await report(asked.last, probe)
    const circuit = until === undefined ? undefined : { until, probed: probe !== undefined }
    return decide(asked.outcome, policy, { now: now(), attempts, waitingSince, circuit })
  }

  function changeOf(order: Order, decision: Decision<Answer>): Change {
    const { graceMs, retentionMs } = policy
    const times = { now: now(), graceMs, ...(retentionMs !== undefined && { retentionMs }) }
    switch (decision.kind) {
      case 'advance':
        return transition(order, step.to, step.facts(decision.answer), times)
      case 'retry':
        return attemptFailed(order, step.name, { ...decision, nextAt: decision.at }, times)
      case 'settle':
        return settling(order, step.name, decision.at, times)
      case 'wait':
        return waiting(order, step.name, decision, times)
      case 'dead-letter':
        return deadLettered(order, step.name, decision, times)
    }
  }

  /** Acts on what was decided and recorded. */
  async function act(order: Order, decision: Decision<Answer>): Promise<Verdict> {
    switch (decision.kind) {
      case 'advance': {
        telemetry.metric('StepCompleted', 1, { step: step.name })
        if (nextStatuses[order.status].length === 0)
          telemetry.metric('ClickToReadySeconds', (now() - Date.parse(order.createdAt)) / 1000)
        await announce(parts, order)
        return { kind: 'done' }
      }
      case 'retry':
        telemetry.metric('RetriesScheduled', 1, { step: step.name })
        return {
          kind: 'come-back',
          inMs: withJitter(decision.at - now()),
          reason: decision.reason,
          failure: 'transient',
        }
      case 'settle':
        return {
          kind: 'come-back',
          inMs: decision.at - now(),
          reason: 'OUTCOME_UNKNOWN',
          failure: 'waiting',
        }
      case 'wait':
        return { kind: 'waiting' }
      case 'dead-letter':
        return { ...decision, order, isNew: true }
    }
  }

  /** What stands in the way of a claim, and what that means for the message. */
  function explain(order: Order, record: SQSRecord): Verdict {
    if (order.status !== step.from)
      return isBefore(order.status) ? ours(record, 'ORDER_NOT_THERE_YET') : { kind: 'done' }
    if (order.deadLettered !== undefined)
      return {
        kind: 'dead-letter',
        reason: order.attention?.reason ?? 'DEAD_LETTERED',
        failure: 'not-the-vendors',
        order,
        isNew: false,
      }
    const until = Math.max(
      order.claim ? Date.parse(order.claim.until) + 1 : 0,
      order.nextAttemptAt ? Date.parse(order.nextAttemptAt) : 0,
    )
    return {
      kind: 'come-back',
      inMs: Math.max(until - now(), policy.waitUnitMs),
      reason: 'TOO_EARLY',
      failure: 'not-the-vendors',
    }
  }

  const isBefore = (status: OrderStatus): boolean => {
    const following = nextStatuses[status].filter((next) => next !== 'CANCELLED')
    return following.some((next) => next === step.from || isBefore(next))
  }

  /** Claims the order of a message: a redrive begins a new round, once the order owes nothing. */
  async function claim(message: StepMessage, record: SQSRecord, claimId: string): Promise<Order | Verdict> {
    const until = new Date(now() + policy.claimMs).toISOString()
    const own = { step: step.name, id: claimId, until }
    const claimed = await repository.claim(message.orderId, {
      from: step.from,
      claim: own,
      now: new Date(now()).toISOString(),
      dueAt: new Date(now() + policy.claimMs + policy.graceMs).toISOString(),
    })
    if (claimed.written) return claimed.order
    const { order } = claimed
    if (order === undefined)
      return { kind: 'dead-letter', reason: 'ORDER_NOT_FOUND', failure: 'poison', isNew: true }
    const isRedrive = order.status === step.from && order.deadLettered !== undefined
    if (!isRedrive || message.number !== order.deadLettered) return explain(order, record)
    if (order.outboxEventId !== undefined && !(await announce(parts, order)))
      return ours(record, 'ATTENTION_NOT_PUBLISHED')
    const redrive = await repository.change(
      order,
      redriven(order, step.name, own, { now: now(), graceMs: policy.graceMs }),
    )
    if (!redrive.written) return ours(record, 'ORDER_CHANGED')
    const { unknownOutcome, ...decided } = redrive.order
    // Where nobody but a person can find out, a redrive says that the vendor has not done the work.
    const canFindOut = parts.traits.honoursIdempotencyKey || parts.traits.canBeLookedUp
    return canFindOut ? redrive.order : decided
  }

  async function attempt(message: StepMessage, record: SQSRecord, claimId: string): Promise<Verdict> {
    const claimed = await claim(message, record, claimId)
    if ('kind' in claimed) return claimed
    const decision = await ask(claimed, claimId)
    const concluded = await repository.conclude(claimed, changeOf(claimed, decision))
    return concluded.written ? act(concluded.order, decision) : ours(record, 'CLAIM_LOST')
  }

  async function underLock(message: StepMessage, record: SQSRecord, context: Context): Promise<Verdict> {
    // Powertools frees the lock before the error gets here, and may throw one of its own instead.
    let verdict: Verdict | undefined
    try {
      await parts.lock(message.eventId, context, async () => {
        verdict = await attempt(message, record, `${context.awsRequestId}:${record.messageId}`)
        if (verdict.kind !== 'done') throw new NotFinished()
      })
    } catch (error) {
      if (verdict === undefined) {
        telemetry.warn('A message failed for a reason of ours', {
          ...{ step: step.name, orderId: message.orderId, eventId: message.eventId },
          error: error instanceof Error ? error : String(error),
        })
        return ours(record, error instanceof Error ? error.name : 'UNKNOWN_ERROR')
      }
    }
    return verdict ?? { kind: 'done' }
  }

  /** The net under a message that kills its worker: it is dead-lettered before anything else is tried. */
  async function giveUp(message: StepMessage, record: SQSRecord): Promise<Verdict> {
    const order = await repository.get(message.orderId)
    if (order === undefined)
      return { kind: 'dead-letter', reason: 'ORDER_NOT_FOUND', failure: 'poison', isNew: true }
    if (order.status !== step.from || order.deadLettered !== undefined) return explain(order, record)
    const failure = 'not-the-vendors'
    const reason = 'RECEIVED_TOO_OFTEN'
    const open = order.claim?.until ?? order.unknownOutcome?.at
    const cause = {
      reason,
      failure,
      uncertainSince: open === undefined ? undefined : Date.parse(open),
    } as const
    const given = await repository.change(
      order,
      deadLettered(order, step.name, cause, { now: now(), graceMs: policy.graceMs }),
    )
    return given.written
      ? { kind: 'dead-letter', reason, failure, order: given.order, isNew: true }
      : ours(record, 'ORDER_CHANGED')
  }

  async function judge(record: SQSRecord, context: Context): Promise<Verdict> {
    const message = parseStepMessage(record, step.consumes)
    if ('poison' in message)
      return { kind: 'dead-letter', reason: message.poison, failure: 'poison', isNew: true }
    if (Number(record.attributes.ApproximateReceiveCount) >= policy.maxReceiveCount)
      return giveUp(message, record)
    if (context.getRemainingTimeInMillis() < policy.neededMs) return ours(record, 'NO_TIME_LEFT')
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
      number: order?.deadLettered ?? 0,
      trace: order?.traceparent ?? record.attributes.AWSTraceHeader ?? 'unknown',
    })
    if (isNew) telemetry.metric('OrdersDeadLettered', 1, { step: step.name })
    if (isNew && order) await announce(parts, order)
  }

  /** Returns where the message is settled; throws where it has to stay in its queue. */
  async function handle(record: SQSRecord, context: Context): Promise<void> {
    const verdict = await judge(record, context)
    const facts = { step: step.name, messageId: record.messageId, verdict: verdict.kind }
    switch (verdict.kind) {
      case 'done':
        telemetry.info('Step done', facts)
        return
      case 'waiting':
        telemetry.metric('StepFailed', 1, { step: step.name, kind: 'waiting' })
        telemetry.info('Order waits for its vendor', facts)
        return
      case 'come-back':
        telemetry.metric('StepFailed', 1, { step: step.name, kind: verdict.failure })
        telemetry.warn('Message comes back', { ...facts, reason: verdict.reason, inMs: verdict.inMs })
        await queue.comeBack(record.receiptHandle, verdict.inMs)
        throw new MessageComesBack(verdict.reason)
      case 'dead-letter':
        telemetry.metric('StepFailed', 1, { step: step.name, kind: verdict.failure })
        telemetry.error('Message dead-lettered', { ...facts, reason: verdict.reason })
        await deadLetter(record, verdict)
    }
  }

  return (event: SQSEvent, context: Context): Promise<SQSBatchResponse> =>
    processPartialResponse(
      event,
      (record: SQSRecord) => handle(record, context),
      new BatchProcessor(EventType.SQS),
      {
        context,
        throwOnFullBatchFailure: false,
      },
    )
}
