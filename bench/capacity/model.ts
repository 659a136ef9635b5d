import { paceAt, type Slowed, slower } from '../../lambdas/domain/pace.ts'
import { defaults } from '../../lib/defaults.ts'

/** The case to predict. */
export interface Plan {
  ordersPerSecond: number
  vendorLatencyMs: number
  /** The vendor's real rate in orders per second; the next field is its rate in the config. */
  vendorRatePerSecond: number
  configuredRatePerSecond: number
  /** The event source mapping's maximum concurrency. */
  concurrency: number
  /** How long the carrier is down. */
  outageSeconds: number
  /** Orders per second that one relay can send, limited by its own calls. */
  relayPerSecond: number
}

/** The prediction for a plan. */
export interface Prediction {
  /** Maximum number of orders in the queue; the next field is the maximum in the outbox. */
  maxQueued: number
  maxWaiting: number
  /** From the vendor's return until the outage's orders are done; undefined if that never happens. */
  drainSeconds: number | undefined
  /** Calls to the vendor during its outage. */
  callsWhileDown: number
  /** Calls that it answered with 429. */
  refused: number
}

const { breaker, outbox } = defaults
const [openSeconds, maxOpenSeconds] = [breaker.openMs / 1000, breaker.maxOpenMs / 1000]
const relayIntervalSeconds = outbox.relayIntervalMs / 1000

/** Messages per invocation, all processed at once. */
export const batchSize = 10
/** How long a worker's AWS calls take, before and after the vendor's call. */
export const ownCallsMs = 60
/** Lambda starts with five pollers per queue and adds 300 a minute: https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-scaling.html */
const firstPollers = 5
const pollersPerSecond = 300 / 60
const outageAtSeconds = 60
const stepSeconds = 0.1

/**
 * Simulates the carrier's step in time steps: arrivals, the event source mapping's pollers, the vendor's rate, the
 * circuit and its probes, the workers' pace, the outbox and the relay. A fluid model: it counts fractions of orders.
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
  /** The vendor's token bucket holds the calls of one second. */
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
      // During the outage calls fail at once, or the open circuit makes none: only our own calls take time.
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
      // Instances learn of a slower pace when their cached copy expires.
      if (called - taken > 1e-9 && at * 1000 - (slowed.slowedAt ?? -1e9) > breaker.cacheMs)
        slowed = { slowedTo: slower(slowed, at * 1000, configuredRatePerSecond), slowedAt: at * 1000 }
    }

    if (step % Math.round(relayIntervalSeconds / stepSeconds) === 0) {
      if (isOpen) probe(at, isDown)
      // A run sends what the vendor takes until the next run, minus what is already in the queue.
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
