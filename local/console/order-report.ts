import { unmarshall } from '@aws-sdk/util-dynamodb'
import * as z from 'zod'
import { createRing, parsedJson, type Ring } from '../activity.ts'
import type { DynamoDb } from '../services/dynamodb.ts'
import type { EventBridge } from '../services/event-bridge.ts'
import type { Lambda } from '../services/lambda.ts'
import type { VendorCall, VendorSimulator } from '../vendor-simulator.ts'
import type { Click } from './click-latency.ts'
import type { Topology } from './topology.ts'

const texts = z.record(z.string(), z.string())
const stored = z.object({
  createdAt: z.string(),
  customer: texts,
  shippingAddress: texts,
  timeline: z.array(z.object({ at: z.string(), type: z.string() })),
})

/** Lower-cased letters and digits only, because adapters format names and phone numbers differently. */
const plain = (text: string) => text.toLowerCase().replace(/[^\p{L}\p{N}]/gu, '')
const isIn = (part: string, text: string) => part === text || (part.length > 2 && text.includes(part))

/**
 * Hides the customer's personal data in a vendor call: every string that is part of a value of the customer or address,
 * or contains one, whatever its field is called. In calls before a correction or redaction every string is hidden,
 * because the order no longer has the values to compare with.
 */
const redacted = ({ sent, answered, ...call }: VendorCall, order: z.output<typeof stored>): VendorCall => {
  const { customer, timeline } = order
  const { country: _, ...address } = order.shippingAddress
  const known = [...Object.values(customer), ...Object.values(address)].map(plain)
  const isChanged = timeline.some(({ at, type }) => at > call.at && /^CORRECTED|REDACTED$/.test(type))
  const hide = (_key: string, value: unknown) => {
    if (typeof value !== 'string') return value
    const text = plain(value)
    return isChanged || known.some((each) => isIn(each, text) || isIn(text, each)) ? '…' : value
  }
  return { ...call, ...JSON.parse(JSON.stringify({ sent, answered }, hide)) }
}

/** Keeps the vendors' recent calls, and reports what is known about one order beyond its own timeline. */
export const createOrderReports = (deps: {
  vendors: Record<string, VendorSimulator>
  dynamoDb: Pick<DynamoDb, 'call'>
  topology: Topology
  eventBridge: Pick<EventBridge, 'events'>
  lambda: Pick<Lambda, 'logs'>
  latency: { clicks: Ring<Click> }
}) => {
  const { vendors, dynamoDb, topology, eventBridge, lambda, latency } = deps
  const calls = createRing<VendorCall>(5000)
  for (const vendor of Object.values(vendors)) vendor.activity.on('call', calls.push)

  return async (orderId: string) => {
    const asked = { TableName: topology.tables.orders, Key: { orderId: { S: orderId } } }
    const { Item } = await dynamoDb.call('GetItem', asked)
    if (!Item) throw new Error(`There is no order ${orderId}.`)
    const order = stored.parse(unmarshall(Item as Parameters<typeof unmarshall>[0]))
    const own = calls.list().filter(({ reference }) => reference === orderId)
    return {
      click: latency.clicks.list().find(({ location }) => location.endsWith(`/${orderId}`)),
      calls: own.map((call) => redacted(call, order)),
      events: eventBridge.events.list().filter(({ detail }) => detail.data?.orderId === orderId),
      logs: lambda.logs
        .list()
        .filter(({ line }) => line.includes(orderId) && !line.startsWith('{"_aws"'))
        // A crash prints plain text instead of JSON.
        .map(({ line, ...log }) => ({ ...log, line: parsedJson(line) ?? { message: line } })),
      /** Whether entries about this order may already have been evicted. */
      mayBeForgotten: [calls, eventBridge.events, latency.clicks, lambda.logs].some(
        (ring) => ring.forgottenUntil() >= Date.parse(order.createdAt),
      ),
    }
  }
}
