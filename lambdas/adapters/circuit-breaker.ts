import type { Reason } from '../domain/reasons.ts'
import type { Circuit } from './circuit.ts'
import type { VendorItem } from './vendor-item.ts'

/** When a vendor's circuit opens and for how long. All in milliseconds. */
export interface CircuitPolicy {
  /** So many failures in a row open it, if of at least three orders or if no order was served meanwhile. */
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

const noProbe = 'REMOVE probeId, probeUntil'
const close =
  'SET #state = :closed, failures = :zero, failedOrders = :none REMOVE failingSince, #since, #until, openMs, reason, probeId, probeUntil'

const noFailures = { ':closed': 'closed', ':zero': 0, ':none': [] }

/** Failures of this many orders count as the vendor's, even while it serves others. */
const ordersToCompare = 3

/**
 * A vendor's circuit breaker, shared by all instances in one item. When its time is over, a conditional write
 * admits one probe. A circuit that cannot be read or written counts as closed.
 */
export function createCircuitBreaker(
  item: VendorItem,
  { policy, onError }: { policy: CircuitPolicy; onError: (error: unknown) => void },
) {
  const { read, write, known } = item
  /** The last order that the vendor served here, and the last one before it that was another's. */
  let served: { orderId: string; at: number } | undefined
  let servedBefore: { orderId: string; at: number } | undefined

  const refusal = (circuit: Circuit, now: number): Admission => {
    if (circuit.heldSince !== undefined)
      return { admitted: false, until: now + policy.maxOpenMs, reason: 'PAUSED_BY_OPERATOR' }
    if (circuit.state === 'closed') return { admitted: true }
    // Not when a probe's turn ends: it is mostly answered long before, and the relay knows whether it was.
    return { admitted: false, until: Math.max(circuit.until, now), reason: `CIRCUIT_OPEN:${circuit.reason}` }
  }

  const guarded = async <T>(fallback: T, action: () => Promise<T>): Promise<T> => {
    try {
      return await action()
    } catch (error) {
      onError(error)
      return fallback
    }
  }

  /** Opens a closed circuit, or prolongs one that is open for less long. */
  const openUntil = (now: number, until: number, reason: Reason) =>
    write(
      now,
      `SET #state = :open, #since = if_not_exists(#since, :now), #until = :until, reason = :reason, openMs = if_not_exists(openMs, :openMs) ${noProbe}`,
      'attribute_not_exists(#state) OR #state = :closed OR (#until < :until AND attribute_not_exists(probeId))',
      {
        ':open': 'open',
        ':closed': 'closed',
        ':now': now,
        ':until': until,
        ':reason': reason,
        ':openMs': policy.openMs,
      },
    )

  const closeAfter = (probe: string, now: number) =>
    write(now, close, 'probeId = :probe', { ...noFailures, ':probe': probe })

  return {
    /** Asks for leave to call the vendor. `probeId` names this call, should it become the probe. */
    admit: (probeId: string, now: number): Promise<Admission> =>
      guarded<Admission>({ admitted: true }, async () => {
        const circuit = await read(now)
        if (circuit.heldSince !== undefined || circuit.state === 'closed' || now < circuit.until)
          return refusal(circuit, now)
        const turn = await write(
          now,
          'SET probeId = :probe, probeUntil = :probeUntil',
          '#state = :open AND #until <= :now AND attribute_not_exists(heldSince) AND (attribute_not_exists(probeId) OR probeUntil < :now)',
          { ':open': 'open', ':now': now, ':probe': probeId, ':probeUntil': now + policy.probeMs },
        )
        return turn.written ? { admitted: true, probe: probeId } : refusal(turn.circuit, now)
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
        if (probe !== undefined) await closeAfter(probe, now)
        else if (circuit?.state === 'closed' && circuit.failures > 0)
          await write(
            now,
            'SET failures = :zero, failedOrders = :none REMOVE failingSince',
            '#state = :closed',
            noFailures,
          )
      }),

    /** The vendor answered without serving the order: a probe closes the circuit. */
    answered: ({ now, probe }: CircuitCall): Promise<void> =>
      guarded(undefined, async () => {
        if (probe !== undefined) await closeAfter(probe, now)
      }),

    /** The vendor failed. Answers until when the circuit is open now, or undefined where it is closed. */
    failed: ({ orderId, reason, now, probe }: CircuitCall): Promise<number | undefined> =>
      guarded<number | undefined>(undefined, async () => {
        if (probe !== undefined) {
          const before = await read(now)
          const openMs = Math.min(
            2 * (before.state === 'open' ? before.openMs : policy.openMs),
            policy.maxOpenMs,
          )
          await write(
            now,
            `SET #until = :until, openMs = :openMs, reason = :reason ${noProbe}`,
            'probeId = :probe',
            { ':probe': probe, ':until': now + openMs, ':openMs': openMs, ':reason': reason },
          )
          return now + openMs
        }
        const counted = await write(
          now,
          'SET #state = :closed, failedOrders = list_append(if_not_exists(failedOrders, :none), :order), failingSince = if_not_exists(failingSince, :now) ADD failures :one',
          'attribute_not_exists(#state) OR #state = :closed',
          { ':closed': 'closed', ':one': 1, ':none': [], ':order': [orderId], ':now': now },
        )
        if (!counted.written)
          return counted.circuit.state === 'open' ? Math.max(counted.circuit.until, now) : undefined
        if (counted.circuit.state === 'open' || counted.circuit.failures < policy.failureThreshold)
          return undefined
        const { failedOrders = [], failingSince = now } = counted.circuit
        const hasServedMeanwhile = served !== undefined && served.at > failingSince
        if (hasServedMeanwhile && new Set(failedOrders).size < ordersToCompare) return undefined
        const opened = await openUntil(now, now + policy.openMs, reason)
        return opened.circuit.state === 'open' ? opened.circuit.until : undefined
      }),

    /** The vendor asked for a pause, or refuses us all: opens at once for `forMs`, and never doubles that. */
    pause: ({ reason, now, probe, forMs }: CircuitCall & { forMs: number }): Promise<number> => {
      const until = now + Math.min(forMs, policy.maxOpenMs)
      return guarded(until, async () => {
        if (probe !== undefined)
          await write(now, `SET #until = :until, reason = :reason ${noProbe}`, 'probeId = :probe', {
            ':probe': probe,
            ':until': until,
            ':reason': reason,
          })
        else await openUntil(now, until, reason)
        return until
      })
    },

    /** Gives a probe's turn back unused: the next caller may have it. */
    release: (probe: string, now: number): Promise<void> =>
      guarded(undefined, async () => {
        await write(now, noProbe, 'probeId = :probe', { ':probe': probe })
      }),
  }
}
/** See {@link createCircuitBreaker}. */
export type CircuitBreaker = ReturnType<typeof createCircuitBreaker>
