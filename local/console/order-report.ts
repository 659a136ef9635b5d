import { createRing } from '../activity.ts'
import type { EventBridge } from '../services/event-bridge.ts'
import type { VendorCall, VendorSimulator } from '../vendor-simulator.ts'
import type { Click } from './click-latency.ts'

/** What happened to one order beside what its own timeline tells. */
export interface Story {
  click?: Click
  /** Calls to vendors that named the order. */
  calls: VendorCall[]
  /** Its events as the bus took them. */
  events: unknown[]
}

const orderIdOf = (event: unknown): string | undefined =>
  (event as { detail?: { data?: { orderId?: string } } }).detail?.data?.orderId

/** Keeps the vendors' recent calls; tells one order's story when asked. */
export const createStories = (deps: {
  vendors: Record<string, VendorSimulator>
  eventBridge: Pick<EventBridge, 'recent'>
  clicks: { recent: () => Click[] }
}) => {
  const { vendors, eventBridge, clicks } = deps
  const calls = createRing<VendorCall>(5000)
  for (const vendor of Object.values(vendors)) vendor.activity.on('call', calls.push)

  return (orderId: string): Story => {
    const click = clicks.recent().find(({ location }) => location.endsWith(`/${orderId}`))
    return {
      ...(click && { click }),
      calls: calls.list().filter(({ reference }) => reference === orderId),
      events: eventBridge.recent().filter((event) => orderIdOf(event) === orderId),
    }
  }
}
