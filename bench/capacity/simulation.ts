import { firstPollers, pollersPerSecond } from './quotas.ts'

/** What is to be predicted. Times in the units of their names. */
export interface Plan {
  ordersPerSecond: number
  vendorLatencyMs: number
  /** What the vendor takes: the relay's pace. */
  vendorRatePerSecond: number
  /** The event source mapping's maximum concurrency; each invocation has up to ten messages under way. */
  concurrency: number
  /** How long the carrier is down, from `outageAtSeconds` on. */
  outageSeconds: number
  outageAtSeconds: number
  seconds: number
  breakerOpenSeconds: number
  breakerMaxOpenSeconds: number
  relayIntervalSeconds: number
  /** What one relay brings on in a second: its calls follow each other. */
  relayPerSecond: number
}

/** How the carrier's step stands in one second. */
export interface Second {
  at: number
  queued: number
  /** In the outbox, until the vendor is back. */
  waiting: number
  /** Orders that the vendor finished in this second. */
  done: number
  concurrency: number
}

/** What comes of a plan. */
export interface Prediction {
  series: Second[]
  greatestQueue: number
  greatestWaiting: number
  greatestConcurrency: number
  /** From the vendor's return until nothing of the outage is left; undefined where it never is. */
  drainSeconds: number | undefined
  /** Calls that were tried while the vendor was down. */
  callsWhileDown: number
  finished: number
}

const batchSize = 10
/** A worker's own AWS calls around the vendor's. */
const ownMs = 60
/** Failures in a row that open the circuit. */
const threshold = 5
const stepMs = 100

/**
 * The carrier's step as a queue with a limited number of servers, second by second: arrivals, the event source
 * mapping's pollers, the vendor's rate, the circuit and its probes, the outbox as waiting room, and the relay's
 * pace out of it. A fluid model: orders are counted, not told apart.
 */
export function simulate(plan: Plan): Prediction {
  const { ordersPerSecond, vendorLatencyMs, concurrency, outageAtSeconds, outageSeconds } = plan
  const outageEnd = outageAtSeconds + outageSeconds
  const invocationSeconds = (vendorLatencyMs + ownMs) / 1000
  const waves: { at: number; count: number }[] = []
  const series: Second[] = []
  let [queued, waiting, delayed, finished, callsWhileDown] = [0, 0, 0, 0, 0]
  let [openUntil, openFor, failures] = [0, plan.breakerOpenSeconds, 0]
  let [isOpen, pollers, done, used] = [false, firstPollers, 0, 0]
  let drainedAt: number | undefined

  /** The circuit's turn: a probe when its time has come closes it, or opens it for twice as long. */
  const probe = (at: number, isDown: boolean): void => {
    if (!isOpen || at < openUntil || waiting + queued < 1) return
    if (isDown) {
      callsWhileDown += 1
      openFor = Math.min(openFor * 2, plan.breakerMaxOpenSeconds)
      openUntil = at + openFor
    } else {
      isOpen = false
      failures = 0
      openFor = plan.breakerOpenSeconds
    }
  }

  /** Every run sends as many of the waiting as the vendor takes until the next one, spread out over that time. */
  const relay = (at: number, isDown: boolean): void => {
    probe(at, isDown)
    if (isOpen) return
    const perSecond = Math.min(plan.vendorRatePerSecond, plan.relayPerSecond)
    const budget = Math.max(0, perSecond * plan.relayIntervalSeconds - queued - delayed)
    const sent = Math.min(waiting, budget)
    waiting -= sent
    delayed += sent
    if (sent > 0) waves.push({ at, count: sent })
  }

  for (let tick = 0; tick < (plan.seconds * 1000) / stepMs; tick += 1) {
    const at = (tick * stepMs) / 1000
    const dt = stepMs / 1000
    const isDown = outageSeconds > 0 && at >= outageAtSeconds && at < outageEnd
    queued += ordersPerSecond * dt
    for (const wave of waves) {
      const due = Math.min(wave.count, Math.min(plan.vendorRatePerSecond, plan.relayPerSecond) * dt)
      wave.count -= due
      delayed -= due
      queued += due
    }
    while (waves[0] && waves[0].count <= 1e-9) waves.shift()
    pollers =
      queued > 1
        ? Math.min(pollers + pollersPerSecond * dt, concurrency)
        : Math.min(firstPollers, concurrency)
    if (isDown && !isOpen) {
      const tried = Math.min(queued, (pollers * batchSize * dt * 1000) / ownMs)
      failures += tried
      callsWhileDown += tried
      queued -= tried
      waiting += tried
      if (failures >= threshold) {
        isOpen = true
        openUntil = at + openFor
      }
    } else if (isOpen) {
      // Claimed, told that the circuit is open, and put into the waiting room: no call, and no vendor's time.
      const moved = Math.min(queued, (pollers * batchSize * dt * 1000) / ownMs)
      queued -= moved
      waiting += moved
      probe(at, isDown)
    } else {
      const capacity = Math.min((pollers * batchSize) / invocationSeconds, plan.vendorRatePerSecond) * dt
      const served = Math.min(queued, capacity)
      queued -= served
      finished += served
      done += served
      used = Math.max(used, Math.min(pollers, Math.ceil(((served / dt) * invocationSeconds) / batchSize)))
    }
    if (tick % Math.round((plan.relayIntervalSeconds * 1000) / stepMs) === 0) relay(at, isDown)
    const isDrained =
      waiting < 1 && delayed < 1 && queued <= Math.max(batchSize, ordersPerSecond * invocationSeconds * 2)
    if (outageSeconds > 0 && at >= outageEnd && drainedAt === undefined && isDrained) drainedAt = at
    if ((tick + 1) % (1000 / stepMs) === 0) {
      series.push({ at: Math.floor(at), queued, waiting: waiting + delayed, done, concurrency: used })
      done = 0
      used = 0
    }
  }
  const greatest = (of: (second: Second) => number) =>
    series.reduce((most, second) => Math.max(most, of(second)), 0)
  return {
    series,
    greatestQueue: greatest((second) => second.queued),
    greatestWaiting: greatest((second) => second.waiting),
    greatestConcurrency: greatest((second) => second.concurrency),
    drainSeconds: drainedAt === undefined ? undefined : drainedAt - outageEnd,
    callsWhileDown,
    finished,
  }
}
