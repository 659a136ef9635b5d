import { endedWhileCancelling } from './cancellation.ts'
import { type Link, linkOf, type StepName } from './chain.ts'
import { type Change, logged, notBefore, stepEnded, type Times } from './change.ts'
import type { Decision } from './decision.ts'
import { turnOf } from './events.ts'
import { isFinished, type Order } from './order.ts'
import { statusMark } from './outbox.ts'
import { done } from './step-changes.ts'
import { openQuestion } from './unknown-outcome.ts'
import type { VendorFacts } from './vendor-answer.ts'

/** What a vendor has done, according to an operator: made it, made nothing, undone it, or shipped the goods. */
export type Settlement =
  | { what: 'MADE'; step: StepName; facts: VendorFacts }
  | { what: 'NOTHING_MADE' | 'UNDONE' | 'TOO_LATE' }

/** The step in which an order is stuck and which may be settled, or a sentence why there is none. */
export function settleable(order: Order, settlement: Settlement, now: number): Link | string {
  const { status, undo, claim, cancellation } = order
  const step = turnOf(order)
  if (step === undefined || isFinished(order)) return `It is ${status}: no vendor is asked any more.`
  const link = linkOf(step)
  if (claim !== undefined && Date.parse(claim.until) >= now)
    return `A worker is calling the ${link.vendor} for it right now: try again after ${claim.until}.`
  const isInDoubt = openQuestion(order) !== undefined
  if (order.attention === undefined && !isInDoubt) return 'It is not stuck: there is nothing to settle.'
  if (settlement.what === 'MADE')
    return settlement.step === step ? link : `It is the ${link.vendor}'s turn, and no other vendor's.`
  if (settlement.what === 'NOTHING_MADE')
    return undo !== undefined || isInDoubt ? link : `It is already certain what the ${link.vendor} has made.`
  if (undo === undefined) return `It is ${status}, and not being cancelled.`
  return settlement.what === 'TOO_LATE' && cancellation?.undone
    ? 'Another vendor has undone its work already: there is no way back.'
    : link
}

/** What the worker would do if its vendor had given this answer. */
function decisionFor(order: Order, settlement: Settlement): Decision {
  if (settlement.what === 'TOO_LATE') return { kind: 'too-late' }
  if (settlement.what !== 'MADE') return { kind: 'undone', byVendor: settlement.what === 'UNDONE' }
  // The round under which the vendor knows the request.
  const { round } = order.made[settlement.step] ?? openQuestion(order) ?? order
  return { kind: 'advance', facts: settlement.facts, round }
}

function changeBy(order: Order, link: Link, decision: Decision, times: Times): Change {
  const isForward = order.undo === undefined
  // On the way forward there is nothing to undo: this only ends the question.
  if (isForward && decision.kind === 'undone')
    return { set: { claim: undefined, unknownOutcome: undefined, updatedAt: notBefore(order, times.now) } }
  if (isForward || decision.kind !== 'advance') return done(order, link, decision, times)
  const { set } = endedWhileCancelling(order, link.name, decision, times)
  const mark = statusMark(order, times.now + times.graceMs)
  return { set: { ...stepEnded, ...set, attempts: 0, ...mark } }
}

/** Records what an operator says the vendor of a stuck step has done, or returns a sentence why that is not possible. */
export function settled(order: Order, settlement: Settlement, times: Times): Change | string {
  const link = settleable(order, settlement, times.now)
  if (typeof link === 'string') return link
  const at = notBefore(order, times.now)
  const { set, log = [] } = changeBy(order, link, decisionFor(order, settlement), times)
  const entry = { at, type: 'SETTLED', step: link.name, reason: settlement.what } as const
  return { set, log: [...logged(order, entry), ...log] }
}
