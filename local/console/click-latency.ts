import { type Activity, createRing } from '../activity.ts'
import { nameOf } from '../services/aws-service.ts'
import type { VendorSimulator } from '../vendor-simulator.ts'
import type { Tables } from './tables.ts'
import type { Topology } from './topology.ts'

/** One POST /orders: how long it took, and what it would have cost had it waited for its vendors. */
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

const recentOf = (times: number[], now: number, ms: number) => times.filter((at) => now - at < ms)

/** Measures every click, also while nobody watches: one addition to a list each. */
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

  /** What waiting for a vendor now would cost, from the faults that it is in; its own time as it is at speed 1. */
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
    // A repeat places no order.
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
