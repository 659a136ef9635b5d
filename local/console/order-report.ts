import { createRing, parsedJson } from '../activity.ts'
import type { EventBridge } from '../services/event-bridge.ts'
import type { LogLine } from '../services/lambda-instances.ts'
import type { VendorCall, VendorSimulator } from '../vendor-simulator.ts'
import type { Click } from './click-latency.ts'

/** What may be of a person; vendors quote addresses in their messages. */
const personal = /^(name|company|email|phone|line1|line2|city|postalCode|message)$/

/** A call without what is of a person. */
const redacted = (call: VendorCall): VendorCall =>
  JSON.parse(JSON.stringify(call, (key, value) => (personal.test(key) ? '…' : value)))

type BusEvent = { detail?: { data?: { orderId?: string } } }

/** Keeps the vendors' recent calls; tells one order's story, beside what its own timeline tells, when asked. */
export const createOrderReports = (deps: {
  vendors: Record<string, VendorSimulator>
  eventBridge: Pick<EventBridge, 'recent'>
  clicks: { recent: () => Click[] }
  logs: () => LogLine[]
}) => {
  const { vendors, eventBridge, clicks, logs } = deps
  const calls = createRing<VendorCall>(5000)
  for (const vendor of Object.values(vendors))
    vendor.activity.on('call', (call) => calls.push(redacted(call)))

  return (orderId: string) => ({
    click: clicks.recent().find(({ location }) => location.endsWith(`/${orderId}`)),
    calls: calls.list().filter(({ reference }) => reference === orderId),
    events: (eventBridge.recent() as BusEvent[]).filter(({ detail }) => detail?.data?.orderId === orderId),
    logs: logs()
      .filter(({ line }) => line.includes(orderId) && !line.startsWith('{"_aws"'))
      // A crash prints text.
      .map(({ line, ...log }) => ({ ...log, line: parsedJson(line) ?? { message: line } })),
  })
}
