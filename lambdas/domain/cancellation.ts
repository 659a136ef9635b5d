import { consumerOf, isBefore, links, type OrderStatus, type StepName, stepNames } from './chain.ts'
import { type Change, iso, noTrouble, notBefore, reached, stepEnded, type Times, workDone } from './change.ts'
import type { Decision } from './decision.ts'
import type { Order, TimelineEntry } from './order.ts'
import { openQuestion } from './unknown-outcome.ts'

const lastMade = (made: Order['made']): StepName | undefined =>
  stepNames.filter((step) => made[step] !== undefined).at(-1)

/** Cancels the order, at once if certainly nothing was made, otherwise step by step. A live claim stays. */
export function cancelling(order: Order, times: Times): Change {
  const at = notBefore(order, times.now)
  const undo = (openQuestion(order) && consumerOf(order.status, order.vendors)) ?? lastMade(order.made)
  const { status: from } = order
  if (undo === undefined)
    return {
      set: { ...stepEnded, ...reached(order, at, { status: 'CANCELLED', undo }, times) },
      log: [{ at, type: 'CANCELLED' }],
    }
  const to = { status: 'CANCELLING', undo, cancellation: { from } } as const
  return { set: { ...noTrouble, ...reached(order, at, to, times) }, log: [{ at, type: 'CANCELLING' }] }
}

/** Records that a step's work is undone. Next is the last step before it that made something. */
export function undone(
  order: Order,
  step: StepName,
  { byVendor }: Decision & { kind: 'undone' },
  times: Times,
): Change {
  const at = notBefore(order, times.now)
  const { [step]: _, ...made } = order.made
  const undo = lastMade(made)
  const { from, undone: before } = order.cancellation ?? { from: order.status }
  const cancellation = { from, undone: byVendor || before }
  const log: TimelineEntry[] = byVendor ? [{ at, type: 'UNDONE', step }] : []
  const status = undo === undefined ? 'CANCELLED' : 'CANCELLING'
  const by = order.timeline.findLast(({ type }) => type === 'CANCELLING')?.by
  return {
    set: { ...stepEnded, made, ...reached(order, at, { status, undo, cancellation }, times) },
    log: undo === undefined ? [...log, { at, type: 'CANCELLED', by }] : log,
  }
}

/** The status after a refused cancellation: the one before it, or a later one reached meanwhile. */
function statusBefore({ cancellation, made, status }: Order): OrderStatus {
  const { from } = cancellation ?? { from: status }
  const furthest = links.filter(({ name }) => made[name] !== undefined).at(-1)?.to
  return furthest !== undefined && isBefore(from, furthest) ? furthest : from
}

/** Ends a cancellation that came too late for a vendor: the order goes on, and an event says so. A question stays open. */
export function cancellationRefused(order: Order, times: Times): Change {
  const at = notBefore(order, times.now)
  const status = statusBefore(order)
  const cancellation = { from: order.cancellation?.from ?? status, refusedIn: status }
  return {
    set: {
      ...noTrouble,
      claim: undefined,
      unknownOutcome: openQuestion(order),
      round: order.round + 1,
      ...reached(order, at, { status, undo: undefined, cancellation }, times),
    },
    log: [{ at, type: 'CANCELLATION_REFUSED', step: order.undo }],
  }
}

/** Records the result of a step that was under way when the order was cancelled, so that it can be undone. */
export function endedWhileCancelling(
  order: Order,
  step: StepName,
  decision: Decision,
  { now, graceMs }: Pick<Times, 'now' | 'graceMs'>,
): Change {
  const at = notBefore(order, now)
  const set = { claim: undefined, outboxDueAt: iso(now + graceMs), updatedAt: at }
  if (decision.kind !== 'advance')
    return { set: { ...set, unknownOutcome: 'question' in decision ? decision.question : undefined } }
  return { set: { ...set, ...workDone(order, step, decision, at), unknownOutcome: undefined } }
}
