import type { VendorJob } from '../adapters/vendor-client.ts'
import { type Decision, decide } from '../domain/decision.ts'
import type { Order } from '../domain/order.ts'
import type { Reason } from '../domain/reasons.ts'
import { questionAfter, type UnknownOutcome, wayToFindOut } from '../domain/unknown-outcome.ts'
import type { Meaning } from '../domain/vendor-answer.ts'
import type { StepDeps } from './step.ts'
import type { Turn } from './turns.ts'

/** A round's reference and Idempotency-Key at the vendor, never reused: at most 40 characters, which is Amazon's limit. */
export function vendorReference({ orderId, nonce }: Order, round: number): string {
  return `${orderId.replace('ord_', '')}-${nonce}${round.toString(36).padStart(2, '0')}`
}

/** A vendor's answer, the round it concerns, and what remains uncertain. */
interface Answered {
  meaning: Meaning
  round: number
  question: UnknownOutcome | undefined
}

/** Calls the vendor for a claimed order, and decides what to do about its answer. */
export function createVendorCall(deps: StepDeps) {
  const { step, client, clientCalls, traits, repository, breaker, pace, policy, telemetry, now } = deps
  const { requestVersion } = client

  const wayFor = (question: UnknownOutcome | undefined) =>
    question && wayToFindOut(question, traits, requestVersion, now())

  function jobOf(order: Order, round: number): VendorJob {
    const saved = order.checkpoints?.[step.name]
    return {
      order,
      reference: vendorReference(order, round),
      checkpoint: saved?.round === round ? saved.value : undefined,
      async save(value) {
        const checkpoints = { ...order.checkpoints, [step.name]: { round, value } }
        const { written } = await repository.conclude(order, { set: { checkpoints } })
        if (!written) throw new Error('The order was cancelled or claimed by another worker')
        order.checkpoints = checkpoints
      },
    }
  }

  /** Turns "not there" into a wait while work done at `at` may not be visible yet; undefined after that. */
  function unsettled(meaning: Meaning, at: string): Meaning | undefined {
    const waitMs = Date.parse(at) + traits.settleMs - now()
    return waitMs <= 0 ? undefined : { ...meaning, reason: 'OUTCOME_UNKNOWN', retryAfterMs: waitMs }
  }

  /** Looks the order up. "Not there" answers the question once the settle time after the last call is over. */
  async function lookUp(
    order: Order,
    question: UnknownOutcome,
    turn: Turn,
  ): Promise<Answered | 'certainly not there'> {
    turn.calls += 1
    const found = await client.lookUp(jobOf(order, question.round))
    const { round } = question
    if (found.reason !== 'NOT_THERE') return { meaning: found, round, question }
    const meaning = unsettled(found, question.at)
    return meaning === undefined ? 'certainly not there' : { meaning, round, question }
  }

  /** Asks the vendor to do a round's work, for the first time or as a repeat of an uncertain request. */
  async function create(
    order: Order,
    round: number,
    before: UnknownOutcome | undefined,
    turn: Turn,
  ): Promise<Answered> {
    turn.calls += clientCalls
    const meaning = await client.create(jobOf(order, round))
    const question = questionAfter(before, meaning, { endedAt: now(), round, requestVersion })
    const isHere = meaning.made === 'unknown' && meaning.blame === 'nobody'
    const isRefusedInDoubt = question?.refused !== undefined
    if (question === undefined || !traits.canBeLookedUp || !(isHere || isRefusedInDoubt))
      return { meaning, round, question }
    // If the look-up cannot even be sent, the answer to the create counts, since the vendor was called.
    const found = await lookUp(order, question, turn).catch(() => 'certainly not there' as const)
    return found === 'certainly not there' || (isHere && found.meaning.reason === 'OUTCOME_UNKNOWN')
      ? { meaning, round, question }
      : found
  }

  /** Has the vendor do its work for an order, never twice: first resolves an earlier unknown outcome. */
  async function ask(order: Order, turn: Turn): Promise<Answered> {
    const question = order.unknownOutcome
    if (question === undefined) return create(order, order.round, undefined, turn)
    if (wayFor(question) === 'repeat') return create(order, question.round, question, turn)
    const found = await lookUp(order, question, turn)
    // Uses the same reference, so that a later look-up also finds what this call makes.
    return found === 'certainly not there' ? create(order, question.round, undefined, turn) : found
  }

  /** What the vendor has made, or may have made, that a cancellation has to undo. */
  const toUndo = ({ made, unknownOutcome }: Order) => made[step.name] ?? unknownOutcome

  /** Has the vendor undo its work, or looks for work if it cannot undo any. "Not there" counts as undone. */
  async function undoWork(order: Order, turn: Turn): Promise<Answered> {
    const { unknownOutcome: question } = order
    const work = toUndo(order)
    if (work === undefined) throw new Error('There is nothing to undo')
    const { round, at } = work
    turn.calls += clientCalls
    const answer = traits.canBeCancelled
      ? await client.cancel(jobOf(order, round))
      : await client.lookUp(jobOf(order, round))
    const answered = (meaning: Meaning): Answered => ({ meaning, round, question })
    if (answer.reason === 'NOT_THERE')
      return answered(unsettled(answer, at) ?? { ...answer, made: 'yes', facts: {} })
    return answer.made === 'yes' && !traits.canBeCancelled
      ? answered({ ...answer, blame: 'order', reason: 'NO_WAY_TO_CANCEL' })
      : answered(answer)
  }

  /** Decides without calling the vendor, if that is possible. */
  function withoutCall(order: Order): Decision | undefined {
    const { undo, made, unknownOutcome: question } = order
    const personal = (reason: Reason): Decision => ({
      kind: 'dead-letter',
      reason,
      failure: 'permanent',
      question,
    })
    if (undo === undefined)
      return wayFor(question) === 'person'
        ? personal(`OUTCOME_UNKNOWN:${question?.refused ?? 'NO_WAY_TO_FIND_OUT'}`)
        : undefined
    if (toUndo(order) === undefined) return { kind: 'undone', byVendor: false }
    const isSettledByLookUp = made[undo] === undefined && traits.canBeLookedUp
    return traits.canBeCancelled || isSettledByLookUp ? undefined : personal('NO_WAY_TO_CANCEL')
  }

  /** Translates a decision for an order that is being cancelled. */
  function backwards(decision: Decision, { cancellation }: Order, { reason }: Meaning): Decision {
    if (decision.kind === 'advance') return { kind: 'undone', byVendor: reason === 'UNDONE' }
    return reason === 'TOO_LATE' && !cancellation?.undone ? { kind: 'too-late' } : decision
  }

  /** Reports the answer to breaker and pace. Returns the time until which the circuit is now open, if it is. */
  async function report(
    order: Order,
    { blame, reason, retryAfterMs }: Meaning,
    othersServed: boolean,
    probe: string | undefined,
    startedAt: number,
  ): Promise<number | undefined> {
    const call = { reason, orderId: order.orderId, now: now(), probe }
    if (reason === 'RATE_LIMITED') {
      await pace.slowDown({ startedAt, now: now(), retryAfterMs })
      await breaker.answered(call)
      return undefined
    }
    const asksForPause = blame === 'vendor' && retryAfterMs !== undefined
    // A failed probe is left to the breaker below, which then doubles the open time.
    if (asksForPause || (blame === 'us' && probe === undefined))
      return breaker.pause({ ...call, forMs: retryAfterMs ?? policy.pauseMs })
    const isItsOrders = blame === 'order' || (blame === 'unclear' && othersServed)
    if (blame === 'nobody' || isItsOrders) {
      await breaker.succeeded(call)
      return undefined
    }
    return breaker.failed(call)
  }

  /** `probe` is the call's id if it is the probe. Throws, without having called the vendor, if the credential cannot be read. */
  return async (order: Order, probe: string | undefined, turn: Turn): Promise<Decision> => {
    const { attempts, waitingSince, undo } = order
    const known = withoutCall(order)
    if (known !== undefined) {
      if (probe !== undefined) await breaker.release(probe, now())
      return known
    }
    const startedAt = now()
    const { meaning, round, question } =
      undo === undefined ? await ask(order, turn) : await undoWork(order, turn)
    telemetry.metric('VendorLatency', now() - startedAt, { lane: deps.vendorName })
    const othersServed = breaker.hasServedAnother(order.orderId, order.firstFailureAt)
    const until = await report(order, meaning, othersServed, probe, startedAt)
    const isTooFast = meaning.reason === 'RATE_LIMITED'
    const retryAfterMs = meaning.retryAfterMs ?? (isTooFast ? policy.pauseMs : undefined)
    const decision = decide({ ...meaning, retryAfterMs }, policy, {
      now: now(),
      round,
      attempts,
      waitingSince,
      question,
      // Undoing also resolves what is uncertain.
      canFindOut: undo !== undefined || wayFor(question) !== 'person',
      othersServed,
      circuit: until === undefined ? undefined : { until, probed: probe !== undefined },
    })
    return undo === undefined ? decision : backwards(decision, order, meaning)
  }
}
