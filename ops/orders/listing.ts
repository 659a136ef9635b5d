import { type Command, Option, type OptionValues } from '@commander-js/extra-typings'
import type { OrderStatus } from '../../lambdas/domain/chain.ts'
import { laneOf } from '../../lambdas/domain/events.ts'
import type { Attention, Order } from '../../lambdas/domain/order.ts'
import { duration, durationArgument, table } from '../cli/format.ts'
import { positiveArgument, type Report } from '../cli/program.ts'

/** Which orders and messages a command is for: all given conditions must be met. */
export type Filter = {
  /** The reason in full, or its part before the colon. */
  [Condition in 'order' | 'message' | 'shop' | 'lane' | 'reason']?: string | undefined
} & { attention?: Attention['state'] | undefined; olderThan?: number | undefined }

/** What a listing says of an order, or of a message in a DLQ. */
export interface Row extends Partial<Pick<Order, 'reference'>> {
  orderId: string | undefined
  messageId?: string
  shop?: string
  /** Of a message, in which sort of DLQ it is. */
  status: OrderStatus | 'dead-letter' | 'undelivered'
  attention?: Attention['state'] | undefined
  lane: string
  reason: string
  /** Since when an order has been in its `attention`, or when it was placed; ISO 8601. */
  since: string
}

export const filters = <Options extends OptionValues>(command: Command<[], Options>) =>
  command
    .option('--lane <name>', 'of this vendor, or this listener')
    .option('--reason <code>', 'with this reason, or its part before the colon')
    .option('--older-than <duration>', 'such as 15m, 2h, 3d', durationArgument)

export const limitOption = () =>
  new Option('--limit <n>', 'how many are listed one by one').argParser(positiveArgument).default(100)

export const rowOf = (order: Order): Row => ({
  orderId: order.orderId,
  shop: order.ownerId,
  reference: order.reference,
  status: order.status,
  attention: order.attention?.state,
  lane: laneOf(order) ?? '',
  reason: order.attention?.reason ?? '',
  since: order.attention?.since ?? order.createdAt,
})

export function meets(row: Row, filter: Filter, now: number): boolean {
  const { order = row.orderId, message = row.messageId, shop = row.shop, lane = row.lane } = filter
  const { attention = row.attention, reason = row.reason, olderThan } = filter
  return (
    order === row.orderId &&
    message === row.messageId &&
    shop === row.shop &&
    lane === row.lane &&
    attention === row.attention &&
    `${row.reason}:`.startsWith(`${reason}:`) &&
    (olderThan === undefined || now - Date.parse(row.since) >= olderThan)
  )
}

/** A filter in words, after what it is for: `dead letters with lane carrier, an age over 2 h`. */
export function inWords(what: string, filter: Filter): string {
  const { order, message, attention, lane, reason, olderThan } = filter
  const given = Object.entries({ order, message, attention, lane, reason })
  const words = given.flatMap(([name, value]) => (value === undefined ? [] : `${name} ${value}`))
  if (olderThan !== undefined) words.push(`an age over ${duration(olderThan)}`)
  return words.length === 0 ? what : `${what} with ${words.join(', ')}`
}

const same = ['status', 'attention', 'lane', 'reason'] as const
const columns = ['orderId', 'messageId', ...same, 'since', 'shop', 'reference'] as const
const counted = [...same, 'total', 'oldest'] as const

/** A table of the columns in which any row has something. */
function tableOf<Column extends string>(
  names: readonly Column[],
  rows: readonly Partial<Record<Column, string | number | undefined>>[],
): string[] {
  const used = names.filter((name) => rows.some((row) => row[name]))
  return table([used, ...rows.map((row) => used.map((name) => row[name] ?? ''))])
}

type Count = Pick<Row, (typeof same)[number]> & { total: number; oldest: string }

/** Counts rows by all but what is theirs alone, and keeps the first ones. */
export function createListing(limit: number) {
  const rows: Row[] = []
  const counts = new Map<string, Count>()
  return {
    rows,
    add(row: Row): void {
      if (rows.length < limit) rows.push(row)
      const { status, attention, lane, reason, since } = row
      const key = same.map((name) => row[name]).join()
      const { total, oldest } = counts.get(key) ?? { total: 0, oldest: since }
      const first = since < oldest ? since : oldest
      counts.set(key, { status, attention, lane, reason, total: total + 1, oldest: first })
    },

    /** The rows, and their counts, the commonest first. `what` they are, in the plural; others may not be counted. */
    report(what: string, mayBeMore = false): Report {
      const sums = [...counts.values()].sort((one, other) => other.total - one.total)
      const total = sums.reduce((sum, each) => sum + each.total, 0)
      const isCut = total > rows.length
      if (total === 0)
        return { lines: [`There are no ${what}.`], json: { rows, counts: sums, limited: false } }
      const lines = [...tableOf(columns, rows), '', ...tableOf(counted, sums)]
      if (isCut) lines.push('', `${rows.length} of ${total} are listed: --limit N lists more.`)
      else if (mayBeMore) lines.push('', 'There may be more: --limit N lists more.')
      return { lines, json: { rows, counts: sums, limited: isCut || mayBeMore } }
    },
  }
}
