import { type Command, Option, type OptionValues } from '@commander-js/extra-typings'
import type { OrderStatus } from '../../lambdas/domain/chain.ts'
import { laneOf } from '../../lambdas/domain/events.ts'
import type { Attention, Order } from '../../lambdas/domain/order.ts'
import { duration, durationArgument, table } from '../cli/format.ts'
import { positiveArgument, type Report } from '../cli/program.ts'

/** Selects orders and messages. All given conditions must match. */
export type Filter = {
  /** A reason may be given in full or by its part before the colon. */
  [Condition in 'order' | 'message' | 'shop' | 'lane' | 'reason']?: string | undefined
} & { attention?: Attention['state'] | undefined; olderThan?: number | undefined }

/** A line of a listing: an order, or a message in a DLQ. */
export interface Row extends Partial<Pick<Order, 'reference'>> {
  orderId: string | undefined
  messageId?: string
  shop?: string
  /** For a message, the kind of its DLQ. */
  status: OrderStatus | 'dead-letter' | 'undelivered'
  attention?: Attention['state'] | undefined
  lane: string
  reason: string
  /** When the order got its `attention`, or else when it was placed; ISO 8601. */
  since: string
}

export const filters = <Options extends OptionValues>(command: Command<[], Options>) =>
  command
    .option('--lane <name>', 'only of this vendor or listener')
    .option('--reason <code>', 'only with this reason, or its part before the colon')
    .option('--older-than <duration>', 'only older than this, such as 15m, 2h, 3d', durationArgument)

export const limitOption = () =>
  new Option('--limit <n>', 'how many to list').argParser(positiveArgument).default(100)

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

/** Describes a filter: `dead letters with lane carrier, an age over 2 h`. */
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

/** A table without the columns that are empty in every row. */
function tableOf<Column extends string>(
  names: readonly Column[],
  rows: readonly Partial<Record<Column, string | number | undefined>>[],
): string[] {
  const used = names.filter((name) => rows.some((row) => row[name]))
  return table([used, ...rows.map((row) => used.map((name) => row[name] ?? ''))])
}

type Count = Pick<Row, (typeof same)[number]> & { total: number; oldest: string }

/** Keeps the first `limit` rows, and counts all rows by status, attention, lane and reason. */
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

    /** The rows and their counts, largest first. `what` is the plural noun; `mayBeMore` says that not all were read. */
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
