import { type Activity, createRing } from '../activity.ts'
import type { VendorSimulator } from '../vendor-simulator.ts'
import type { Topology } from './topology.ts'

/** One POST /orders: how long it took, and what it would have cost had it waited for the vendors. */
export interface Click {
  /** When it was answered, epoch ms. */
  at: number
  ms: number
  failed: boolean
  synchronousMs: number
  /** Whether a vendor would have failed it. */
  wouldFail: boolean
  /** The path of the order that it made. */
  location: string
}

/** What calling a vendor now would cost a click, from the faults that it is in. */
const costOf = (vendor: VendorSimulator, timeoutMs: number): { ms: number; fails: boolean } => {
  const { down, latencyMs, errorRate, unauthorized, ...faults } = vendor.faults()
  if (down) return { ms: 0, fails: true }
  const isLost = faults.timeoutAfterWork || faults.workAfterTimeoutMs !== null || latencyMs >= timeoutMs
  if (isLost) return { ms: timeoutMs, fails: true }
  return { ms: vendor.usualMs() + latencyMs, fails: unauthorized || Math.random() < errorRate }
}

const recentOf = (times: number[], now: number) => times.filter((at) => now - at < 60_000)

/** Measures every click, also while nobody watches: one addition to a list each. */
export const createClickLatency = (deps: {
  activity: Activity
  vendors: Record<string, VendorSimulator>
  topology: Topology
}) => {
  const { activity, vendors, topology } = deps
  const clicks = createRing<Click>(500)
  const creates = new Set(topology.routes.filter((route) => route.method === 'POST').map(({ path }) => path))
  // One vendor of each step would be asked: the one that is drawn first.
  const asked = [...new Map(topology.lanes.toReversed().map((lane) => [lane.step, lane])).values()]
  const fresh: Click[] = []
  let placedAt: number[] = []

  activity.on('activity', (event) => {
    if (event.type !== 'api-request') return
    const { method, path, status, durationMs: ms, headers = {} } = event
    const isClick = method === 'POST' && creates.has(path) && (status === 201 || status >= 500)
    // A repeat places no order.
    if (!isClick || headers['idempotency-replayed']) return
    const costs = asked.map(({ vendor, vendorTimeoutMs }) => {
      const simulator = vendors[vendor]
      return simulator ? costOf(simulator, vendorTimeoutMs) : { ms: 0, fails: false }
    })
    const at = Date.now()
    if (status === 201) placedAt = [...recentOf(placedAt, at), at]
    const click = {
      at,
      ms,
      synchronousMs: costs.reduce((sum, cost) => sum + cost.ms, ms),
      wouldFail: status >= 500 || costs.some(({ fails }) => fails),
      failed: status >= 500,
      location: String(headers.location ?? ''),
    }
    clicks.push(click)
    fresh.push(click)
    if (fresh.length > 500) fresh.shift()
  })

  return {
    recent: clicks.list,
    placedLately: () => recentOf(placedAt, Date.now()).length,
    take: (): Click[] => fresh.splice(0),
  }
}
