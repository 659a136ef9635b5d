import { type DynamoDBDocumentClient, GetCommand } from '@aws-sdk/lib-dynamodb'
import * as z from 'zod/mini'

/** A vendor's item while its circuit is closed. A missing item also counts as closed. */
const closed = z.object({
  state: z.literal('closed'),
  failures: z.number(),
  /** The orders of the consecutive failures, and when these began (epoch ms). */
  failedOrders: z.optional(z.array(z.string())),
  failingSince: z.optional(z.number()),
})
const open = z.object({
  state: z.literal('open'),
  /** Epoch ms, like `until` and `probeUntil`. */
  since: z.number(),
  until: z.number(),
  openMs: z.number(),
  reason: z.string(),
  probeId: z.optional(z.string()),
  probeUntil: z.optional(z.number()),
})
const lasting = z.object({
  /** Number of writes, for optimistic locking. */
  version: z.optional(z.number()),
  /** When an operator paused the vendor (epoch ms). */
  heldSince: z.optional(z.number()),
  /** The operator who last paused or resumed it, and why. */
  holder: z.optional(z.object({ who: z.string(), note: z.optional(z.string()) })),
  /** The pace after the last slowdown (calls per second), and when that was (epoch ms). */
  slowedTo: z.optional(z.number()),
  slowedAt: z.optional(z.number()),
  /** No calls before this time (epoch ms), from the Retry-After of a 429. */
  pausedUntil: z.optional(z.number()),
})
const circuit = z.intersection(z.discriminatedUnion('state', [closed, open]), lasting)
/** A vendor's circuit and pace, as stored. */
export type Circuit = z.output<typeof circuit>
type Fields = Circuit & Omit<z.output<typeof closed>, 'state'> & Omit<z.output<typeof open>, 'state'>
/** The attributes that a write sets; those that are undefined are removed. */
export type CircuitChange = { [Field in keyof Fields]?: Fields[Field] | undefined }

/** Which calls the vendor may get now: all, a single probe, or none. */
export function passable(item: Circuit, now: number): 'all' | 'probe' | 'none' {
  if (item.heldSince !== undefined || now < (item.pausedUntil ?? 0)) return 'none'
  if (item.state === 'closed') return 'all'
  const isProbed = item.probeId !== undefined && (item.probeUntil ?? 0) >= now
  return now < item.until || isProbed ? 'none' : 'probe'
}

/** Parses an item; a missing one is a closed circuit. */
export const parseCircuit = (item: object | undefined): Circuit =>
  z.parse(circuit, { state: 'closed', failures: 0, ...item })

/** Creates an uncached reader of a vendor's circuit. It throws if the item cannot be read. */
export function createCircuitReader(client: DynamoDBDocumentClient, tableName: string, vendor: string) {
  return async (): Promise<Circuit> => {
    const { Item } = await client.send(
      new GetCommand({ TableName: tableName, Key: { vendor }, ConsistentRead: true }),
    )
    return parseCircuit(Item)
  }
}
