import type { Admission } from '../adapters/circuit-breaker.ts'
import { claimOrder } from '../adapters/claim.ts'
import { endedWhileCancelling } from '../domain/cancellation.ts'
import { isBefore } from '../domain/chain.ts'
import { type Decision, visibleWaitUnits, waitUntil } from '../domain/decision.ts'
import { isOwedTo } from '../domain/events.ts'
import type { Order } from '../domain/order.ts'
import { ourError, type Reason } from '../domain/reasons.ts'
import { deadLettered, done, redriven } from '../domain/step-changes.ts'
import { openQuestion } from '../domain/unknown-outcome.ts'
import { announce } from './announce.ts'
import type { Outcome, StepDeps, StepMessage } from './step.ts'
import type { Turn } from './turns.ts'
import { createVendorCall } from './vendor-call.ts'

/** The longest wait, in wait units, of a message that failed on our side: 1, 2, 4, … 60, by its receives. */
const longestOwnDelay = 60

/** Up to this many receives, a short wait for the vendor is not recorded on the order. */
const quietReceives = 2

const notFound: Outcome = { decision: { kind: 'to-dlq', reason: 'ORDER_NOT_FOUND', failure: 'poison' } }

/** Whether a DynamoDB write would fail again: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Programming.Errors.html */
const isHopeless = (error: unknown): boolean => error instanceof Error && error.name === 'ValidationException'

/** Tries to advance one order: turn → circuit → claim → vendor → transition. */
export function createStepAttempt(deps: StepDeps) {
  const { step, repository, breaker, policy, now } = deps
  const { graceMs, retentionMs } = policy
  const callVendor = createVendorCall(deps)
  const times = () => ({ now: now(), graceMs, retentionMs })

  const isItsTurn = (order: Order, { eventId }: StepMessage): boolean =>
    isOwedTo(deps.vendorName, eventId, order)

  /** Retries the message later because of a problem on our side; the order loses no attempt. */
  function retryLater({ receives }: Pick<StepMessage, 'receives'>, reason: Reason, order?: Order) {
    const inMs = Math.min(2 ** (receives - 1), longestOwnDelay) * policy.waitUnitMs
    const decision = { kind: 'later', reason, failure: 'not-the-vendors', at: now() + inMs } as const
    return { decision, order }
  }

  /** Waits briefly for the vendor without a write, unless the message has come back often. */
  function waitQuietly(message: StepMessage, until: number, reason: Reason): Outcome | undefined {
    const isShort = until - now() <= visibleWaitUnits * policy.waitUnitMs
    return isShort && message.receives <= quietReceives
      ? { decision: { kind: 'later', reason, failure: 'waiting', at: until } }
      : undefined
  }

  /** Decides what to do with the message of an order that could not be claimed. */
  function explain(order: Order, message: StepMessage): Outcome {
    if (!isItsTurn(order, message)) {
      const isEarly = isBefore(order.status, step.from)
      return isEarly
        ? retryLater(message, 'ORDER_NOT_THERE_YET', order)
        : { decision: { kind: 'done' }, order }
    }
    if (order.deadLettered !== undefined) {
      const reason = order.attention?.reason ?? 'DEAD_LETTERED'
      return { decision: { kind: 'to-dlq', reason, failure: 'not-the-vendors' }, order }
    }
    const claimEndsAt = order.claim ? Date.parse(order.claim.until) + 1 : 0
    const nextAttemptAt = order.nextAttemptAt ? Date.parse(order.nextAttemptAt) : 0
    const at = Math.max(claimEndsAt, nextAttemptAt, now() + policy.waitUnitMs)
    return { decision: { kind: 'later', reason: 'TOO_EARLY', failure: 'not-the-vendors', at }, order }
  }

  /** Starts a redrive's new round. First publishes the event that the order owes, since the new mark replaces it. */
  async function redrive(order: Order, own: NonNullable<Order['claim']>, message: StepMessage) {
    if (order.outboxEventId !== undefined && !(await announce(deps, order)))
      return retryLater(message, 'ATTENTION_NOT_PUBLISHED', order)
    const written = await repository.change(order, redriven(order, step.name, own, times()))
    return written.written ? written.order : retryLater(message, 'ORDER_CHANGED', order)
  }

  async function claim(message: StepMessage, claimId: string): Promise<Order | Outcome> {
    const until = now() + policy.claimMs
    const own = {
      step: step.name,
      id: claimId,
      until: new Date(until).toISOString(),
      requestVersion: deps.client.requestVersion,
    }
    const claimed = await claimOrder(repository, message.orderId, {
      from: step.from,
      lane: deps.vendorName,
      eventId: message.eventId,
      claim: own,
      now: new Date(now()).toISOString(),
      dueAt: new Date(until + graceMs).toISOString(),
    })
    const { order } = claimed
    if (claimed.written) return claimed.order
    if (order === undefined) return notFound
    const isRedrive = isItsTurn(order, message) && order.deadLettered !== undefined
    return isRedrive && message.deadLetterNumber === order.deadLettered
      ? redrive(order, own, message)
      : explain(order, message)
  }

  /** Records the outcome for an order that was cancelled during the vendor call, so that it can be undone. */
  async function leave(claimed: Order, decision: Decision, message: StepMessage): Promise<Outcome> {
    const change = endedWhileCancelling(claimed, step.name, decision, times())
    const { written, order = claimed } = await repository.conclude(claimed, change)
    return written ? { decision: { kind: 'done' }, order } : retryLater(message, 'CLAIM_LOST', claimed)
  }

  /** Records the outcome. If it cannot be written, dead-letters the order with the outcome in the message. */
  async function conclude(claimed: Order, decision: Decision, message: StepMessage): Promise<Outcome> {
    try {
      const written = await repository.conclude(claimed, done(claimed, step, decision, times()))
      if (written.written) return { decision, order: written.order }
      const { order } = written
      const isCancelling = order?.status === 'CANCELLING' && order.claim?.id === claimed.claim?.id
      return order && isCancelling
        ? leave(order, decision, message)
        : retryLater(message, 'CLAIM_LOST', claimed)
    } catch (error) {
      if (!isHopeless(error) || decision.kind === 'dead-letter') throw error
      const at = new Date(now()).toISOString()
      const { round } = claimed
      const question = { since: at, at, round, requestVersion: deps.client.requestVersion }
      const unwritable: Decision = {
        kind: 'dead-letter',
        reason: 'NOT_WRITABLE',
        failure: 'not-the-vendors',
        question: 'question' in decision ? decision.question : question,
        ...(decision.kind === 'advance' && { facts: decision.facts }),
      }
      return conclude(claimed, unwritable, message)
    }
  }

  async function work(
    claimed: Order,
    message: StepMessage,
    admission: Admission,
    turn: Turn,
  ): Promise<Outcome> {
    const { unknownOutcome: question, waitingSince } = claimed
    const situation = { now: now(), waitingSince, question }
    if (!admission.admitted) {
      const wait = waitUntil(admission.reason, admission.until, policy, situation, false)
      return conclude(claimed, wait, message)
    }
    let decision: Decision
    try {
      decision = await callVendor(claimed, admission.probe, turn)
    } catch (error) {
      // Not the vendor's fault (its credential could not be read, for example): another call may probe at once.
      if (admission.probe !== undefined) await breaker.release(admission.probe, now())
      const later = retryLater(message, ourError(error), claimed)
      const wait = waitUntil(ourError(error), later.decision.at, policy, situation, false)
      const waiting = await conclude(claimed, wait, message)
      return wait.kind === 'dead-letter' ? waiting : later
    }
    return conclude(claimed, decision, message)
  }

  return {
    retryLater,
    waitQuietly,

    /** On the last receive: dead-letters an order whose claim expired without an outcome because its worker died. */
    async giveUp(message: StepMessage): Promise<Outcome> {
      const order = await repository.get(message.orderId)
      if (order === undefined) return notFound
      if (!isItsTurn(order, message) || order.deadLettered !== undefined) return explain(order, message)
      const hasDied = order.claim !== undefined && Date.parse(order.claim.until) < now()
      if (!hasDied && order.outboxEventId !== undefined) return { decision: { kind: 'done' }, order }
      const decision = {
        kind: 'dead-letter',
        reason: 'RECEIVED_TOO_OFTEN',
        failure: 'not-the-vendors',
        question: openQuestion(order),
      } as const
      const given = await repository.change(order, deadLettered(order, step.name, decision, times()))
      return given.written ? { decision, order: given.order } : retryLater(message, 'ORDER_CHANGED', order)
    },

    /** Makes one try. `claimId` is unique to it; vendor calls are counted in `turn`. */
    async attempt(message: StepMessage, claimId: string, turn: Turn): Promise<Outcome> {
      const admission: Admission =
        turn.until === undefined
          ? await breaker.admit(claimId, now())
          : { admitted: false, until: turn.until, reason: 'RATE_LIMITED' }
      const later = admission.admitted ? undefined : waitQuietly(message, admission.until, admission.reason)
      if (later) return later
      const claimed = await claim(message, claimId)
      if (!('decision' in claimed)) return work(claimed, message, admission, turn)
      if (admission.admitted && admission.probe !== undefined) await breaker.release(admission.probe, now())
      return claimed
    },
  }
}
