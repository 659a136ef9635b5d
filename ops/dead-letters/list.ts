import { laneOf } from '../../lambdas/domain/events.ts'
import { count, duration, moment, table } from '../cli/format.ts'
import type { Report } from '../cli/program.ts'
import { type DlqDeps, sweptText, throughMessages } from './messages.ts'
import { deadLetteredOrders } from './orders.ts'

const hour = 3_600_000

/** Age groups; messages of the last one approach the end of their retention. */
const ageBuckets = [
  { name: 'under 1 h', belowMs: hour },
  { name: '1-24 h', belowMs: 24 * hour },
  { name: '1-7 d', belowMs: 7 * 24 * hour },
  { name: 'over 7 d', belowMs: Number.POSITIVE_INFINITY },
] as const

/** One dead letter: an order, or a message that is no dead-lettered order's. */
export interface Listed {
  lane: string
  what: 'order' | 'message' | 'undelivered'
  reason: string
  /** Epoch ms. */
  since: number
}

type Counted = Omit<Listed, 'since'> & { total: number; byAge: Record<string, number> }

/** Counts one more dead letter among those of its lane and reason. */
export function countIn(rows: Map<string, Counted>, { since, ...listed }: Listed, now: number): void {
  const key = Object.values(listed).join()
  const { total, byAge }: Pick<Counted, 'total' | 'byAge'> = rows.get(key) ?? { total: 0, byAge: {} }
  const { name } = ageBuckets.find(({ belowMs }) => now - since < belowMs) ?? ageBuckets[0]
  rows.set(key, { ...listed, total: total + 1, byAge: { ...byAge, [name]: (byAge[name] ?? 0) + 1 } })
}

/** The counts as a table, the commonest first. */
export function countsText(rows: readonly Counted[]): string[] {
  const total = rows.reduce((sum, row) => sum + row.total, 0)
  if (total === 0) return ['No dead letters.']
  const heading = ['lane', 'what', 'reason', ...ageBuckets.map(({ name }) => name), 'total']
  const cells = rows
    .toSorted((a, b) => b.total - a.total)
    .map(({ lane, what, reason, byAge, total: sum }) => [
      lane,
      what,
      reason,
      ...ageBuckets.map(({ name }) => byAge[name] ?? 0),
      sum,
    ])
  return [`${count(total, 'dead letter')}:`, '', ...table([heading, ...cells])]
}

/** `dlq list`: a line for each dead letter as it is read, and then their counts. */
export async function listDeadLetters(deps: DlqDeps): Promise<Report> {
  const { now, tell } = deps
  const rows = new Map<string, Counted>()
  const list = (listed: Listed, name: string) => {
    const { lane, reason, since } = listed
    tell(`${lane}  ${name}  ${reason}  since ${moment(since)} UTC (${duration(now() - since)})`)
    countIn(rows, listed, now())
  }

  for await (const orders of deadLetteredOrders(deps, {}))
    for (const order of orders) {
      const { orderId, attention: { reason = '' } = {}, deadLetteredAt = '' } = order
      list({ lane: laneOf(order) ?? '', what: 'order', reason, since: Date.parse(deadLetteredAt) }, orderId)
    }
  const swept = await throughMessages(deps, async (found) => {
    for (const { message, standing } of found) {
      const { queue, messageId, reason, sentAt } = message
      const what = queue.kind === 'undelivered' ? 'undelivered' : 'message'
      if (standing === 'other') list({ lane: queue.lane, what, reason, since: sentAt }, messageId)
    }
    return []
  })
  const deadLetters = [...rows.values()]
  return {
    lines: [...countsText(deadLetters), ...sweptText(swept)],
    json: { deadLetters, ...swept },
    incomplete: !swept.isComplete,
  }
}
