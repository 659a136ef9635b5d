import type { CallResult } from '../adapters/vendor-client.ts'
import { type Decision, decide, type Outcome } from '../domain/failure.ts'
import type { Order } from '../domain/order.ts'
import { type Asked, askVendor } from './ask-vendor.ts'
import type { StepDeps } from './step.ts'

/** Asks the vendor for a claimed order, if its circuit lets us, and decides what the outcome means. */
export function createGuardedCall<Answer>(deps: StepDeps<Answer>) {
  const { step, breaker, policy, telemetry, now } = deps

  /** Tells the breaker how the vendor is; answers until when its circuit is open now, if it is. */
  async function report(last: CallResult<Answer> | undefined, probe: string | undefined) {
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

  async function ask(order: Order, probe: string | undefined): Promise<Asked<Answer>> {
    const startedAt = now()
    try {
      const asked = await askVendor(order, step.name, deps.client, deps.traits, now)
      if (asked.last) telemetry.metric('VendorLatency', now() - startedAt, { vendor: deps.vendorName })
      return asked
    } catch (error) {
      // Not the vendor's doing (its credential could not be read, say): another may probe at once.
      if (probe !== undefined) await breaker.release(probe, now())
      throw error
    }
  }

  return async (order: Order, claimId: string): Promise<Decision<Answer>> => {
    const { attempts, waitingSince, unknownOutcome } = order
    const conclude = (outcome: Outcome<Answer>, circuit?: { until: number; probed: boolean }) =>
      decide(outcome, policy, { now: now(), attempts, waitingSince, circuit })

    const admission = await breaker.admit(claimId, now())
    if (!admission.admitted) {
      const { reason, until } = admission
      const uncertainSince = unknownOutcome && Date.parse(unknownOutcome.at)
      return conclude({ kind: 'waiting', reason, uncertainSince }, { until, probed: false })
    }
    const { probe } = admission
    const { outcome, last } = await ask(order, probe)
    const until = await report(last, probe)
    return conclude(outcome, until === undefined ? undefined : { until, probed: probe !== undefined })
  }
}
