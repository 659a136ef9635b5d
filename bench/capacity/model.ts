import { paceAt, type Slowed, slower } from '../../lambdas/domain/pace.ts'
import { defaults } from '../../lib/defaults.ts'

/** The case to be predicted. */
export interface Plan {
  ordersPerSecond: number
  vendorLatencyMs: number
  /** What the vendor takes in orders a second, and what the config says that it takes. */
  vendorRatePerSecond: number
  configuredRatePerSecond: number
  /** The event source mapping's maximum concurrency. */
  concurrency: number
  /** How long the carrier is down. */
  outageSeconds: number
  /** The orders that one relay can send in a second, limited by its own calls. */
  relayPerSecond: number
}

/** The prediction for a plan. */
export interface Prediction {
  /** Orders in the queue, and in the outbox while they wait for the vendor. */
  maxQueued: number
  maxWaiting: number
  /** From the vendor's return until the orders of the outage are done; undefined if that never happens. */
  drainSeconds: number | undefined
  /** Calls to the vendor while it was down. */
  callsWhileDown: number
  /** Calls that it answered 429. */
  refused: number
}

const { breaker, outbox } = defaults
const [openSeconds, maxOpenSeconds] = [breaker.openMs / 1000, breaker.maxOpenMs / 1000]
const relayIntervalSeconds = outbox.relayIntervalMs / 1000

/** Messages of an invocation, all in flight at once. */
export const batchSize = 10
/** A worker's AWS calls before and after the vendor's. */
export const ownCallsMs = 60
/** Lambda starts with five pollers per queue and adds 300 a minute: https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-scaling.html */
const firstPollers = 5
const pollersPerSecond = 300 / 60
const outageAtSeconds = 60
const stepSeconds = 0.1

/**
 * Simulates the carrier's step in time steps: arrivals, the event source mapping's pollers, the vendor's rate, the
 * circuit and its probes, the workers' pace, the outbox as waiting room, and the relay. A fluid model: it counts orders in fractions.
 */
export function simulate(plan: Plan): Prediction {
  const { ordersPerSecond, vendorLatencyMs, vendorRatePerSecond, configuredRatePerSecond } = plan
  const { concurrency, outageSeconds } = plan
  const outageEnd = outageAtSeconds + outageSeconds
  const endSeconds = Math.max(600, outageSeconds * 8 + 1200)
  const invocationSeconds = (vendorLatencyMs + ownCallsMs) / 1000
  /** `delayed` orders were sent by the relay and become visible in the queue at its rate. */
  let [queued, waiting, delayed] = [0, 0, 0]
  let [isOpen, openUntil, openFor, failures] = [false, 0, openSeconds, 0]
  let pollers = firstPollers
  let [maxQueued, maxWaiting, callsWhileDown] = [0, 0, 0]
  let drainedAt: number | undefined
  /** The vendor's token bucket holds a second's calls. */
  let [tokens, refused] = [vendorRatePerSecond, 0]
  let slowed: Slowed = {}

  function probe(at: number, isDown: boolean): void {
    if (at < openUntil || waiting + queued < 1) return
    if (isDown) {
      callsWhileDown += 1
      openFor = Math.min(openFor * 2, maxOpenSeconds)
      openUntil = at + openFor
    } else {
      isOpen = false
      failures = 0
      openFor = openSeconds
    }
  }

  for (let step = 0; step * stepSeconds < endSeconds; step += 1) {
    const at = step * stepSeconds
    const isDown = outageSeconds > 0 && at >= outageAtSeconds && at < outageEnd
    const pace = paceAt(slowed, at * 1000, configuredRatePerSecond)
    const relayRate = Math.min(pace, plan.relayPerSecond)
    const visible = Math.min(delayed, relayRate * stepSeconds)
    delayed -= visible
    queued += visible + ordersPerSecond * stepSeconds
    pollers = queued > 1 ? pollers + pollersPerSecond * stepSeconds : firstPollers
    pollers = Math.min(pollers, concurrency)

    if (isOpen || isDown) {
      // Nothing takes the vendor's time: a call fails at once, and an open circuit makes none.
      const moved = Math.min(queued, (pollers * batchSize * stepSeconds * 1000) / ownCallsMs)
      queued -= moved
      waiting += moved
      if (isOpen) probe(at, isDown)
      else {
        failures += moved
        callsWhileDown += moved
        isOpen = failures >= breaker.failureThreshold
        openUntil = at + openFor
      }
    } else {
      const perSecond = Math.min((pollers * batchSize) / invocationSeconds, pace)
      const called = Math.min(queued, perSecond * stepSeconds)
      tokens = Math.min(tokens + vendorRatePerSecond * stepSeconds, vendorRatePerSecond)
      const taken = Math.min(called, tokens)
      tokens -= taken
      queued -= taken
      refused += called - taken
      // Every instance knows the pace once it has read it again.
      if (called - taken > 1e-9 && at * 1000 - (slowed.slowedAt ?? -1e9) > breaker.cacheMs)
        slowed = { slowedTo: slower(slowed, at * 1000, configuredRatePerSecond), slowedAt: at * 1000 }
    }

    if (step % Math.round(relayIntervalSeconds / stepSeconds) === 0) {
      if (isOpen) probe(at, isDown)
      // A run sends what the vendor takes until the next run, less what is in the queue already.
      const budget = Math.max(0, relayRate * relayIntervalSeconds - queued - delayed)
      const sent = isOpen ? 0 : Math.min(waiting, budget)
      waiting -= sent
      delayed += sent
    }

    maxQueued = Math.max(maxQueued, queued)
    maxWaiting = Math.max(maxWaiting, waiting + delayed)
    const isDrained =
      waiting < 1 && delayed < 1 && queued <= Math.max(batchSize, ordersPerSecond * invocationSeconds * 2)
    if (outageSeconds > 0 && at >= outageEnd && isDrained) drainedAt ??= at
  }
  return {
    maxQueued,
    maxWaiting,
    drainSeconds: drainedAt === undefined ? undefined : drainedAt - outageEnd,
    callsWhileDown,
    refused,
  }
}
