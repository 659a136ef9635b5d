import type { Circuit } from '../../lambdas/adapters/circuit-breaker.ts'
import type { StepName } from '../../lambdas/domain/order.ts'
import { duration, moment } from '../frame/words.ts'
import { explain } from '../orders/reasons.ts'

/** A vendor's circuit as an operator sees it; times in ISO 8601. */
export type CircuitView =
  /** Calls go through; so many in a row have failed. */
  | { state: 'closed'; failures: number }
  /** An operator lets no call through. */
  | { state: 'held'; since: string; downForMs: number }
  /** No call goes through before `nextProbeAt`; from then on one does, to find out. */
  | {
      state: 'open' | 'half-open'
      since: string
      downForMs: number
      reason: string
      nextProbeAt: string
      isProbing: boolean
    }

const iso = (epochMs: number): string => new Date(epochMs).toISOString()

/** What a stored circuit says now. */
export function circuitView(circuit: Circuit, now: number): CircuitView {
  const { heldSince } = circuit
  if (heldSince !== undefined) return { state: 'held', since: iso(heldSince), downForMs: now - heldSince }
  if (circuit.state === 'closed') return { state: 'closed', failures: circuit.failures }
  const { since, until, reason, probeId, probeUntil = 0 } = circuit
  const isProbing = probeId !== undefined && probeUntil >= now
  return {
    state: now < until && !isProbing ? 'open' : 'half-open',
    since: iso(since),
    downForMs: now - since,
    reason,
    isProbing,
    nextProbeAt: iso(isProbing ? probeUntil : until),
  }
}

/** The same in a sentence. */
export function circuitText(view: CircuitView, vendor: StepName): string {
  if (view.state === 'closed')
    return view.failures > 0
      ? `closed: calls go through, though the last ${view.failures} failed`
      : 'closed: calls go through'
  const down = `for ${duration(view.downForMs)}, since ${moment(view.since)} UTC`
  if (view.state === 'held') return `held by an operator ${down}`
  const why = `${view.reason}: ${explain(view.reason, vendor).words}`
  if (view.state === 'open') return `open ${down} (${why}); next probe ${moment(view.nextProbeAt)} UTC`
  return `half-open, down ${down} (${why}); ${view.isProbing ? 'a probe is under way' : 'the next order is the probe'}`
}
