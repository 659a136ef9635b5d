import { type DynamoDBDocumentClient, GetCommand } from '@aws-sdk/lib-dynamodb'
import * as z from 'zod/mini'

/** What the vendor's item says; an item that is not there is a closed circuit. */
const closed = z.object({
  state: z.literal('closed'),
  failures: z.number(),
  /** Whose the failures in a row were, and since when (epoch ms). */
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
  /** Counts the writes: the condition of a write after a read. */
  version: z.optional(z.number()),
  /** Epoch ms since when an operator has been holding it open. */
  heldSince: z.optional(z.number()),
  /** Who last paused or resumed it, and why. */
  holder: z.optional(z.object({ who: z.string(), note: z.optional(z.string()) })),
  /** The pace after the last 429 that slowed it (calls a second), and when that was (epoch ms). */
  slowedTo: z.optional(z.number()),
  slowedAt: z.optional(z.number()),
  /** Until when the vendor wants no calls (epoch ms): the Retry-After of a 429. */
  pausedUntil: z.optional(z.number()),
})
const circuit = z.intersection(z.discriminatedUnion('state', [closed, open]), lasting)
/** A vendor's circuit as it is stored, and its pace. */
export type Circuit = z.output<typeof circuit>
type Fields = Circuit & Omit<z.output<typeof closed>, 'state'> & Omit<z.output<typeof open>, 'state'>
/** What a write sets of it, or removes where that is undefined. */
export type CircuitChange = { [Field in keyof Fields]?: Fields[Field] | undefined }

/** How many calls a vendor takes now: all, one probe, or none. */
export function passable(item: Circuit, now: number): 'all' | 'probe' | 'none' {
  if (item.heldSince !== undefined || now < (item.pausedUntil ?? 0)) return 'none'
  if (item.state === 'closed') return 'all'
  const isProbed = item.probeId !== undefined && (item.probeUntil ?? 0) >= now
  return now < item.until || isProbed ? 'none' : 'probe'
}

/** Reads an item; none is a closed circuit. */
export const parseCircuit = (item: object | undefined): Circuit =>
  z.parse(circuit, { state: 'closed', failures: 0, ...item })

/** Reads a vendor's circuit afresh each time. Throws where it cannot be read. */
export function createCircuitReader(client: DynamoDBDocumentClient, tableName: string, vendor: string) {
  return async (): Promise<Circuit> => {
    const { Item } = await client.send(
      new GetCommand({ TableName: tableName, Key: { vendor }, ConsistentRead: true }),
    )
    return parseCircuit(Item)
  }
}
