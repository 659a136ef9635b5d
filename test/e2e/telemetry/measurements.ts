import * as z from 'zod'
import type { BusEvent, Cloud } from '../cloud.ts'
import type { Sample } from './alarm-evaluation.ts'
import { metricKey } from './template.ts'

const emf = z.looseObject({
  _aws: z.object({
    Timestamp: z.number(),
    CloudWatchMetrics: z.array(
      z.object({
        Namespace: z.string(),
        Dimensions: z.array(z.array(z.string())),
        Metrics: z.array(z.object({ Name: z.string() })),
      }),
    ),
  }),
})
const logged = z.looseObject({ level: z.string(), message: z.string() })

/** A line of a function's output. */
export interface LogLine {
  at: string
  function: string
  line: string
}
/** A line of our structured log. */
export type LogEntry = z.output<typeof logged> & { at: number; function: string }

const parse = (line: string): unknown => {
  try {
    return JSON.parse(line)
  } catch {
    // Node's own output is not JSON.
    return undefined
  }
}

/** The output of one function or of all. */
export const readLogs = async (cloud: Cloud, name = ''): Promise<LogLine[]> =>
  (await cloud.request<{ lines: LogLine[] }>('GET', `/_local/logs?function=${name}`)).body.lines

/** The metrics that our functions emitted, once for each of their sets of dimensions. */
export const emittedIn = (lines: readonly LogLine[]): Sample[] =>
  lines.flatMap(({ line }) => {
    const { data } = emf.safeParse(parse(line))
    return (data?._aws.CloudWatchMetrics ?? []).flatMap(({ Namespace, Dimensions, Metrics }) =>
      Dimensions.flatMap((names) =>
        Metrics.map(({ Name }) => ({
          at: data?._aws.Timestamp ?? 0,
          metric: metricKey(
            Namespace,
            Name,
            Object.fromEntries(names.map((name) => [name, String(data?.[name])])),
          ),
          value: Number(data?.[Name]),
        })),
      ),
    )
  })

/** Our structured log lines. */
export const logEntriesIn = (lines: readonly LogLine[]): LogEntry[] =>
  lines.flatMap(({ at, function: name, line }) => {
    const { data } = logged.safeParse(parse(line))
    return data ? [{ ...data, at: Date.parse(at), function: name }] : []
  })

/** Lambda's Errors metric: invocations that threw, crashed or timed out. */
export const crashesIn = (entries: readonly LogEntry[]): Sample[] =>
  entries
    .filter(({ message }) => /^(Runtime exited|Task timed out)/.test(message))
    .map(({ at, function: name }) => ({
      at,
      value: 1,
      metric: metricKey('AWS/Lambda', 'Errors', { FunctionName: name }),
    }))

/** SQS's age of the oldest message, computed from the events that a worker has not processed yet. */
export function agesOf(
  events: readonly BusEvent[],
  entries: readonly LogEntry[],
  { detailType, worker, queue }: { detailType: string; worker: string; queue: string },
): Sample[] {
  const metric = metricKey('AWS/SQS', 'ApproximateAgeOfOldestMessage', { QueueName: queue })
  const doneAt = new Map(
    entries
      .filter((entry) => entry.function === worker && entry.message === 'Step done')
      .map((entry) => [entry.eventId, entry.at]),
  )
  const waits = events.flatMap(({ 'detail-type': type, detail: { metadata } }) => {
    const until = doneAt.get(metadata.eventId)
    const { occurredAt } = z.object({ occurredAt: z.string() }).parse(metadata)
    return type === detailType && until !== undefined ? [{ from: Date.parse(occurredAt), until }] : []
  })
  const [first, last] = [Math.min(...waits.map(({ from }) => from)), Math.max(...waits.map((w) => w.until))]
  const samples: Sample[] = []
  for (let at = first; at < last; at += 100) {
    const ages = waits.filter(({ from, until }) => from <= at && at < until).map(({ from }) => at - from)
    if (ages.length > 0) samples.push({ at, metric, value: Math.max(...ages) / 1000 })
  }
  return samples
}

/** Samples every queue's depth, as SQS reports it to CloudWatch, until it is stopped. */
export function watchQueues(cloud: Cloud, everyMs = 250): { samples: Sample[]; stop: () => void } {
  const samples: Sample[] = []
  const timer = setInterval(async () => {
    const at = Date.now()
    const queues = await cloud.queues().catch(() => [])
    for (const { name, visible } of queues) {
      const QueueName = name.replaceAll('/', '')
      const metric = metricKey('AWS/SQS', 'ApproximateNumberOfMessagesVisible', { QueueName })
      samples.push({ at, metric, value: visible })
    }
  }, everyMs)
  return { samples, stop: () => clearInterval(timer) }
}
