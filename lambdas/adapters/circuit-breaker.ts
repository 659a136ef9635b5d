import type { Reason } from '../domain/reasons.ts'
import { type Circuit, type CircuitChange, passable } from './circuit.ts'
import { guardedBy, type VendorItem } from './vendor-item.ts'

/** When a vendor's circuit opens, and for how long. Times are in milliseconds. */
export interface CircuitPolicy {
  /** Consecutive failures that open it, if they span three orders or no order was served in between. */
  failureThreshold: number
  openMs: number
  /** Each failed probe doubles the time that the circuit stays open, up to this. */
  maxOpenMs: number
  /** How long a probe may take before another call may probe instead. */
  probeMs: number
}

/** Whether a vendor may be called now; if not, when to ask again (epoch ms). */
export type Admission =
  | { admitted: true; probe?: string | undefined }
  | { admitted: false; until: number; reason: Reason }

/** A finished vendor call. `probe` is the call's id if it was the probe; `now` is in epoch ms. */
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

/** Failures of this many different orders are blamed on the vendor, even if it serves others meanwhile. */
const ordersToCompare = 3

/** A vendor's circuit breaker, shared by all instances through one item. Counts as closed if that is unavailable. */
export function createCircuitBreaker(
  item: VendorItem,
  { policy, onError }: { policy: CircuitPolicy; onError: (error: unknown) => void },
) {
  const { read, change, known } = item
  const guarded = guardedBy(onError)
  /** The last order that the vendor served in this instance, and the last different order before it. */
  let served: { orderId: string; at: number } | undefined
  let servedBefore: { orderId: string; at: number } | undefined

  const refusal = (circuit: Circuit, now: number): Admission => {
    if (circuit.heldSince !== undefined)
      return { admitted: false, until: now + policy.maxOpenMs, reason: 'PAUSED_BY_OPERATOR' }
    if (circuit.state === 'closed') return { admitted: true }
    // A probe usually ends well before its limit, but polling for that would use up the message's receives.
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

  /** Writes a change only if this call is still the probe: its turn may have expired. */
  async function asProbe(probe: string | undefined, now: number, set: CircuitChange): Promise<void> {
    if (probe !== undefined) await change(now, (circuit) => (isProbe(circuit, probe) ? set : undefined))
  }

  return {
    /** Asks whether the vendor may be called. `probeId` identifies this call if it becomes the probe. */
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

    /** Whether the vendor has served a different order in this instance since a time (ISO 8601). */
    hasServedAnother: (orderId: string, since: string | undefined): boolean => {
      const other = served?.orderId === orderId ? servedBefore : served
      return since !== undefined && other !== undefined && other.at >= Date.parse(since)
    },

    /** Records that the vendor served an order. Only the probe can close an open circuit. */
    succeeded: ({ orderId, now, probe }: CircuitCall): Promise<void> =>
      guarded(undefined, async () => {
        if (served?.orderId !== orderId) servedBefore = served
        served = { orderId, at: now }
        const circuit = known()
        if (probe !== undefined) await asProbe(probe, now, closed)
        else if (circuit?.state === 'closed' && circuit.failures > 0)
          await change(now, ({ state }) => (state === 'closed' ? noFailures : undefined))
      }),

    /** Records that the vendor answered without serving the order. A probe closes the circuit. */
    answered: ({ now, probe }: CircuitCall): Promise<void> =>
      guarded(undefined, () => asProbe(probe, now, closed)),

    /** Records a failure. Returns the time until which the circuit is now open, or undefined if it is closed. */
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

    /** Opens the circuit at once for `forMs`, without doubling: the vendor asked for a pause or rejects all our calls. */
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

    /** Releases an unused probe, so that the next caller may probe. */
    release: (probe: string, now: number): Promise<void> =>
      guarded(undefined, () => asProbe(probe, now, noProbe)),
  }
}
export type CircuitBreaker = ReturnType<typeof createCircuitBreaker>
