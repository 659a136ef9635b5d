import type { Reason } from '../domain/reasons.ts'
import { type Circuit, type CircuitChange, passable } from './circuit.ts'
import { guardedBy, type VendorItem } from './vendor-item.ts'

/** When a vendor's circuit opens and for how long. All in milliseconds. */
export interface CircuitPolicy {
  /** Opens after this many consecutive failures, if of at least three orders or if no order was served meanwhile. */
  failureThreshold: number
  openMs: number
  /** An open circuit doubles its time with every failed probe, up to this. */
  maxOpenMs: number
  /** How long a probe may take before its turn goes to another. */
  probeMs: number
}

/** Whether a vendor may be called now, and if not, until when (epoch ms). */
export type Admission =
  | { admitted: true; probe?: string | undefined }
  | { admitted: false; until: number; reason: Reason }

/** A call to the vendor that is over. `probe` is its name if it was the probe; `now` in epoch ms. */
export interface CircuitCall {
  orderId: string
  reason: Reason
  now: number
  probe: string | undefined
}

const noProbe = { probeId: undefined, probeUntil: undefined } satisfies CircuitChange
const noFailures = { failures: 0, failedOrders: undefined, failingSince: undefined } satisfies CircuitChange
const closed = {
  ...noFailures,
  ...noProbe,
  state: 'closed',
  since: undefined,
  until: undefined,
  openMs: undefined,
  reason: undefined,
} satisfies CircuitChange

/** Whether a call is the probe of an open circuit. */
const isProbe = (circuit: Circuit, probe: string | undefined): boolean =>
  circuit.state === 'open' && probe !== undefined && circuit.probeId === probe

/** Failures of this many orders count as the vendor's, even while it serves others. */
const ordersToCompare = 3

/** A vendor's circuit breaker, shared by all instances in one item; one out of reach counts as closed. */
export function createCircuitBreaker(
  item: VendorItem,
  { policy, onError }: { policy: CircuitPolicy; onError: (error: unknown) => void },
) {
  const { read, change, known } = item
  const guarded = guardedBy(onError)
  /** The last order that the vendor served here, and the last one before it that was another's. */
  let served: { orderId: string; at: number } | undefined
  let servedBefore: { orderId: string; at: number } | undefined

  const refusal = (circuit: Circuit, now: number): Admission => {
    if (circuit.heldSince !== undefined)
      return { admitted: false, until: now + policy.maxOpenMs, reason: 'PAUSED_BY_OPERATOR' }
    if (circuit.state === 'closed') return { admitted: true }
    // A probe is mostly answered long before its turn ends; at once, a message would use up its receives on it.
    const until = now < circuit.until ? circuit.until : now + policy.openMs
    return { admitted: false, until, reason: `CIRCUIT_OPEN:${circuit.reason}` }
  }

  const opened = (now: number, until: number, reason: Reason): CircuitChange => ({
    ...noFailures,
    state: 'open',
    since: now,
    until,
    openMs: policy.openMs,
    reason,
  })

  /** Writes what only the holder of the probe's turn may: it may have lost it by expiry. */
  async function asProbe(probe: string | undefined, now: number, set: CircuitChange): Promise<void> {
    if (probe !== undefined) await change(now, (circuit) => (isProbe(circuit, probe) ? set : undefined))
  }

  return {
    /** Asks for leave to call the vendor. `probeId` names this call, should it become the probe. */
    admit: (probeId: string, now: number): Promise<Admission> =>
      guarded<Admission>({ admitted: true }, async () => {
        const before = await read(now)
        if (passable(before, now) !== 'probe') return refusal(before, now)
        const probeUntil = now + policy.probeMs
        const circuit = await change(now, (found) =>
          passable(found, now) === 'probe' ? { probeId, probeUntil } : undefined,
        )
        return isProbe(circuit, probeId) ? { admitted: true, probe: probeId } : refusal(circuit, now)
      }),

    /** Whether the vendor has served another order here since a moment (ISO 8601). */
    hasServedAnother: (orderId: string, since: string | undefined): boolean => {
      const other = served?.orderId === orderId ? servedBefore : served
      return since !== undefined && other !== undefined && other.at >= Date.parse(since)
    },

    /** The vendor served an order. Only the probe's holder closes an open circuit. */
    succeeded: ({ orderId, now, probe }: CircuitCall): Promise<void> =>
      guarded(undefined, async () => {
        if (served?.orderId !== orderId) servedBefore = served
        served = { orderId, at: now }
        const circuit = known()
        if (probe !== undefined) await asProbe(probe, now, closed)
        else if (circuit?.state === 'closed' && circuit.failures > 0)
          await change(now, ({ state }) => (state === 'closed' ? noFailures : undefined))
      }),

    /** The vendor answered without serving the order: a probe closes the circuit. */
    answered: ({ now, probe }: CircuitCall): Promise<void> =>
      guarded(undefined, () => asProbe(probe, now, closed)),

    /** The vendor failed. Answers until when the circuit is open now, or undefined where it is closed. */
    failed: ({ orderId, reason, now, probe }: CircuitCall): Promise<number | undefined> =>
      guarded<number | undefined>(undefined, async () => {
        const circuit = await change(now, (found) => {
          if (found.state === 'open') {
            const openMs = Math.min(2 * found.openMs, policy.maxOpenMs)
            return isProbe(found, probe) ? { ...noProbe, until: now + openMs, openMs, reason } : undefined
          }
          const failures = found.failures + 1
          const failedOrders = [...(found.failedOrders ?? []), orderId]
          const failingSince = found.failingSince ?? now
          const hasServedMeanwhile = served !== undefined && served.at > failingSince
          const isTheirs = hasServedMeanwhile && new Set(failedOrders).size < ordersToCompare
          return failures < policy.failureThreshold || isTheirs
            ? { failures, failedOrders, failingSince }
            : opened(now, now + policy.openMs, reason)
        })
        return circuit.state === 'open' ? Math.max(circuit.until, now) : undefined
      }),

    /** The vendor asked for a pause, or refuses us all: opens at once for `forMs`, and never doubles that. */
    pause: ({ reason, now, probe, forMs }: CircuitCall & { forMs: number }): Promise<number> => {
      const until = now + Math.min(forMs, policy.maxOpenMs)
      return guarded(until, async () => {
        await change(now, (circuit) => {
          if (circuit.state === 'closed') return opened(now, until, reason)
          const isLonger = circuit.probeId === undefined && circuit.until < until
          return isProbe(circuit, probe) || isLonger ? { ...noProbe, until, reason } : undefined
        })
        return until
      })
    },

    /** Gives a probe's turn back unused: the next caller may have it. */
    release: (probe: string, now: number): Promise<void> =>
      guarded(undefined, () => asProbe(probe, now, noProbe)),
  }
}
export type CircuitBreaker = ReturnType<typeof createCircuitBreaker>
