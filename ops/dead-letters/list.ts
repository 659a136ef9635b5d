import { count, duration, table } from '../cli/format.ts'
import type { Report } from '../cli/program.ts'
import { type DlqDeps, type QueueContents, withReceivedMessages } from './queues.ts'

const hour = 3_600_000

/** Age groups; messages of the last one approach the end of their retention. */
const ageBuckets = [
  { name: 'under 1 h', belowMs: hour },
  { name: '1-24 h', belowMs: 24 * hour },
  { name: '1-7 d', belowMs: 7 * 24 * hour },
  { name: 'over 7 d', belowMs: Number.POSITIVE_INFINITY },
] as const

/** Counts a DLQ's messages by reason and age. */
function countQueue({ queue, messages, hidden }: QueueContents, now: number) {
  const groups = Object.entries(Object.groupBy(messages, ({ reason }) => reason))
  const byReason = groups.map(([reason, group = []]) => ({
    reason,
    messages: group.length,
    byAge: Object.fromEntries(
      ageBuckets.map(({ name, belowMs }, index) => {
        const fromMs = ageBuckets[index - 1]?.belowMs ?? Number.NEGATIVE_INFINITY
        const isIn = (ageMs: number) => ageMs >= fromMs && ageMs < belowMs
        return [name, group.filter(({ sentAt }) => isIn(now - sentAt)).length]
      }),
    ),
  }))
  const oldest = messages[0]?.sentAt
  return {
    step: queue.worker,
    queue: queue.kind,
    url: queue.url,
    messages: messages.length,
    hidden,
    oldestAt: oldest === undefined ? undefined : new Date(oldest).toISOString(),
    byReason: byReason.sort((a, b) => b.messages - a.messages),
  }
}
type QueueCounts = ReturnType<typeof countQueue>

/** Counts all DLQs' messages. */
export function countMessages(contents: readonly QueueContents[], now: number) {
  const queues = contents.map((each) => countQueue(each, now))
  return { messages: queues.reduce((sum, { messages }) => sum + messages, 0), queues }
}

const notesOn = ({ step, queue, hidden, oldestAt, byReason }: QueueCounts, now: number): string[] => {
  const old = byReason.reduce((sum, { byAge }) => sum + (byAge['over 7 d'] ?? 0), 0)
  return [
    ...(hidden > 0
      ? [`${count(hidden, 'message')} of ${step} ${queue} not counted: another consumer has them in flight.`]
      : []),
    ...(old > 0 && oldestAt
      ? [
          `${step} ${queue}: SQS deletes messages after 14 days, and the oldest is ${duration(now - Date.parse(oldestAt))} old.`,
        ]
      : []),
  ]
}

/** The counts as a table. */
export function countsText({ messages, queues }: ReturnType<typeof countMessages>, now: number): string {
  const filled = queues.filter(({ messages: n }) => n > 0)
  const rows = filled.flatMap(({ step, queue, byReason }) =>
    byReason.map(({ reason, messages: n, byAge }) => [
      step,
      queue,
      reason,
      ...ageBuckets.map(({ name }) => byAge[name] ?? 0),
      n,
    ]),
  )
  const heading = ['step', 'queue', 'reason', ...ageBuckets.map(({ name }) => name), 'total']
  return [
    messages === 0 ? 'No dead letters.' : `${count(messages, 'dead letter')}:`,
    ...(rows.length > 0 ? ['', table([heading, ...rows]), ''] : []),
    ...queues.flatMap((each) => notesOn(each, now)),
  ]
    .join('\n')
    .trimEnd()
}

/** `dlq list`: counts the messages of all DLQs. */
export function listDeadLetters({ environment, signal, now }: Omit<DlqDeps, 'repository'>): Promise<Report> {
  return withReceivedMessages(environment, signal, async ({ queues }) => {
    const counts = countMessages(queues, now())
    return { text: countsText(counts, now()), json: { environment: environment.name, ...counts } }
  })
}
