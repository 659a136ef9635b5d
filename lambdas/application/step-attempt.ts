import { nextStatuses, type OrderStatus } from '../domain/chain.ts'
import type { Decision } from '../domain/failure.ts'
import type { Order } from '../domain/order.ts'
import {
  attemptFailed,
  type Change,
  deadLettered,
  redriven,
  released,
  settling,
  transition,
  waiting,
} from '../domain/order-changes.ts'
import { ourError, type Reason } from '../domain/reasons.ts'
import { announce } from './announce.ts'
import { createGuardedCall } from './guarded-call.ts'
import type { StepDeps, StepMessage, Verdict } from './step.ts'

/** A message that failed for a reason of ours waits 1, 2, 4, … 60 s by how often it was received. */
const longestOwnDelay = 60

/** Whether an order with this status can still get to the status in question. */
const isBefore = (status: OrderStatus, other: OrderStatus): boolean =>
  nextStatuses(status).some((next) => next === other || isBefore(next, other))

/** Tries to bring one order on: claim → circuit → vendor → transition → publish. */
export function createStepAttempt<Answer>(deps: StepDeps<Answer>) {
  const { step, repository, policy, telemetry, now, random } = deps
  const { graceMs, retentionMs } = policy
  const guardedCall = createGuardedCall(deps)

  /** Up to 10 % later where that is a whole unit or more, so that a herd spreads out. */
  const withJitter = (ms: number): number =>
    ms + Math.floor(random() * (Math.floor((ms * 0.1) / policy.waitUnitMs) + 1)) * policy.waitUnitMs

  /** The message comes back since something of ours failed or was in the way; the order loses no attempt. */
  function retryLater({ receives }: Pick<StepMessage, 'receives'>, reason: Reason, order?: Order): Verdict {
    const inMs = Math.min(2 ** (receives - 1), longestOwnDelay) * policy.waitUnitMs
    return { kind: 'come-back', inMs, reason, failure: 'not-the-vendors', order }
  }

  /** What stands in the way of a claim, and what that means for the message. */
  function explain(order: Order, message: StepMessage): Verdict {
    if (order.status !== step.from) {
      const isEarly = isBefore(order.status, step.from)
      return isEarly ? retryLater(message, 'ORDER_NOT_THERE_YET', order) : { kind: 'done', order }
    }
    if (order.deadLettered !== undefined) {
      const reason = order.attention?.reason ?? 'DEAD_LETTERED'
      return { kind: 'dead-letter', reason, failure: 'not-the-vendors', order, isNew: false }
    }
    const claimEndsAt = order.claim ? Date.parse(order.claim.until) + 1 : 0
    const nextAttemptAt = order.nextAttemptAt ? Date.parse(order.nextAttemptAt) : 0
    const inMs = Math.max(claimEndsAt - now(), nextAttemptAt - now(), policy.waitUnitMs)
    return { kind: 'come-back', inMs, reason: 'TOO_EARLY', failure: 'not-the-vendors', order }
  }

  /** A redrive begins a new round, once the order owes nothing: the new mark would replace the debt. */
  async function redrive(order: Order, own: NonNullable<Order['claim']>, message: StepMessage) {
    if (order.outboxEventId !== undefined && !(await announce(deps, order)))
      return retryLater(message, 'ATTENTION_NOT_PUBLISHED', order)
    const change = redriven(order, step.name, own, { now: now(), graceMs })
    const written = await repository.change(order, change)
    if (!written.written) return retryLater(message, 'ORDER_CHANGED', order)
    const { unknownOutcome, ...decided } = written.order
    // Where nobody but a person can find out, a redrive says that the vendor has not done the work.
    const canFindOut = deps.traits.honoursIdempotencyKey || deps.traits.canBeLookedUp
    return canFindOut ? written.order : decided
  }

  async function claim(message: StepMessage, claimId: string): Promise<Order | Verdict> {
    const until = now() + policy.claimMs
    const own = { step: step.name, id: claimId, until: new Date(until).toISOString() }
    const claimed = await repository.claim(message.orderId, {
      from: step.from,
      claim: own,
      now: new Date(now()).toISOString(),
      dueAt: new Date(until + graceMs).toISOString(),
    })
    const { order } = claimed
    if (claimed.written) return claimed.order
    if (order === undefined)
      return { kind: 'dead-letter', reason: 'ORDER_NOT_FOUND', failure: 'poison', isNew: true }
    const isRedrive = order.status === step.from && order.deadLettered !== undefined
    return isRedrive && message.deadLetterNumber === order.deadLettered
      ? redrive(order, own, message)
      : explain(order, message)
  }

  function changeOf(order: Order, decision: Decision<Answer>): Change {
    const times = { now: now(), graceMs, retentionMs }
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
      case 'advance':
        telemetry.metric('StepCompleted', 1, { step: step.name })
        if (nextStatuses(order.status).length === 0)
          telemetry.metric('ClickToReadySeconds', (now() - Date.parse(order.createdAt)) / 1000)
        await announce(deps, order)
        return { kind: 'done', order }
      case 'retry': {
        telemetry.metric('RetriesScheduled', 1, { step: step.name })
        const inMs = withJitter(decision.at - now())
        return { kind: 'come-back', inMs, reason: decision.reason, failure: 'transient', order }
      }
      case 'settle': {
        const inMs = decision.at - now()
        return { kind: 'come-back', inMs, reason: 'OUTCOME_UNKNOWN', failure: 'waiting', order }
      }
      case 'wait':
        return { kind: 'waiting', reason: decision.reason, order }
      case 'dead-letter':
        return { kind: 'dead-letter', reason: decision.reason, failure: decision.failure, order, isNew: true }
    }
  }

  /** The net under a message that kills its worker: its order is dead-lettered before anything else is tried. */
  async function giveUp(message: StepMessage): Promise<Verdict> {
    const order = await repository.get(message.orderId)
    if (order === undefined)
      return { kind: 'dead-letter', reason: 'ORDER_NOT_FOUND', failure: 'poison', isNew: true }
    if (order.status !== step.from || order.deadLettered !== undefined) return explain(order, message)
    // Somebody else is at it right now, and should that come to nothing the outbox mark brings the order on.
    if (order.claim !== undefined && Date.parse(order.claim.until) >= now()) return { kind: 'done', order }
    const open = order.claim?.until ?? order.unknownOutcome?.at
    const uncertainSince = open === undefined ? undefined : Date.parse(open)
    const cause = { reason: 'RECEIVED_TOO_OFTEN', failure: 'not-the-vendors', uncertainSince } as const
    const change = deadLettered(order, step.name, cause, { now: now(), graceMs })
    const given = await repository.change(order, change)
    return given.written
      ? { ...cause, kind: 'dead-letter', order: given.order, isNew: true }
      : retryLater(message, 'ORDER_CHANGED', order)
  }

  return {
    retryLater,
    giveUp,
    /** Tries once. `claimId` names the try, and no other. */
    async attempt(message: StepMessage, claimId: string): Promise<Verdict> {
      const claimed = await claim(message, claimId)
      if ('kind' in claimed) return claimed
      let decision: Decision<Answer>
      try {
        decision = await guardedCall(claimed, claimId)
      } catch (error) {
        await repository.conclude(claimed, released(claimed, { now: now(), graceMs }))
        return retryLater(message, ourError(error), claimed)
      }
      const concluded = await repository.conclude(claimed, changeOf(claimed, decision))
      return concluded.written ? act(concluded.order, decision) : retryLater(message, 'CLAIM_LOST', claimed)
    },
  }
}
