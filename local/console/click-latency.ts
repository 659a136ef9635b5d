import { type Activity, createRing } from '../activity.ts'
import { nameOf } from '../services/aws-service.ts'
import type { VendorSimulator } from '../vendor-simulator.ts'
import type { Tables } from './tables.ts'
import type { Topology } from './topology.ts'

/** One POST /orders: how long it took, and how long it would have taken if it had called the vendors inline. */
export interface Click {
  /** When the response was sent, in epoch ms. */
  at: number
  ms: number
  failed: boolean
  synchronousMs: number
  /** Whether a vendor's failure would have failed it. */
  wouldFail: boolean
  /** The path of the created order. */
  location: string
}

const recentOf = (times: number[], now: number, ms: number) => times.filter((at) => now - at < ms)

/** Measures every click, even if no page is open: it only appends to a list. */
export const createClickLatency = (deps: {
  activity: Activity
  vendors: Record<string, VendorSimulator>
  topology: Topology
  orders: Tables['orders']
  speed: number
}) => {
  const { activity, vendors, topology, orders, speed } = deps
  const clicks = createRing<Click>(500)
  const fresh: Click[] = []
  let placedAt: number[] = []

  /** How long a call to the vendor would take under its current faults, in ms at speed 1, and whether it would fail. */
  const costOf = (vendor: string, timeoutMs: number, country: string | undefined) => {
    const simulator = vendors[vendor]
    if (!simulator) return { ms: 0, fails: false }
    const { down, latencyMs, errorRate, unauthorized, rateLimitPerSecond, ...faults } = simulator.faults()
    if (down) return { ms: 0, fails: true }
    const ms = simulator.usualMs() * speed + latencyMs
    const isLost = faults.timeoutAfterWork || faults.workAfterTimeoutMs !== null || ms >= timeoutMs
    if (isLost) return { ms: timeoutMs, fails: true }
    const isTooMany = recentOf(placedAt, Date.now(), 1000).length > (rateLimitPerSecond ?? Infinity)
    const isRefused = unauthorized || isTooMany || faults.rejectCountries.includes(country ?? '')
    return { ms: ms + (faults.asyncMs ?? 0), fails: isRefused || Math.random() < errorRate }
  }

  activity.on('activity', (event) => {
    if (event.type !== 'api-request') return
    const { method, path, status, durationMs: ms, headers = {} } = event
    const failed = status === 429 || status >= 500
    const isCreate = method === 'POST' && topology.routes.some((route) => route.path === path)
    // A replayed request creates no order, so it is not counted.
    if (!isCreate || (status !== 201 && !failed) || headers['idempotency-replayed']) return
    const at = Date.now()
    if (status === 201) placedAt = [...recentOf(placedAt, at, 60_000), at]
    const location = String(headers.location ?? '')
    const order = orders.get(nameOf(location))
    const costs = topology.lanes
      .filter(({ step, vendor }) => order?.vendors[step] === vendor)
      .map(({ vendor, vendorTimeoutMs }) => costOf(vendor, vendorTimeoutMs, order?.shippingAddress?.country))
    const click = {
      at,
      ms,
      synchronousMs: costs.reduce((sum, cost) => sum + cost.ms, ms),
      wouldFail: failed || costs.some(({ fails }) => fails),
      failed,
      location,
    }
    clicks.push(click)
    fresh.push(click)
    if (fresh.length > 500) fresh.shift()
  })

  return {
    clicks,
    placedLately: () => recentOf(placedAt, Date.now(), 60_000).length,
    take: (): Click[] => fresh.splice(0),
  }
}
