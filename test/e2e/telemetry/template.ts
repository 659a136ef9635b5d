import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as z from 'zod'
import { synthesize } from '../../lib/synth.ts'

/** A metric as a comparable string: `CreateOrder/dev StepFailed kind=poison service=warehouse step=wms`. */
export type MetricKey = string

export const metricKey = (
  namespace: string,
  name: string,
  dimensions: Record<string, string> = {},
): MetricKey => {
  const pairs = Object.entries(dimensions).map(([key, value]) => `${key}=${value}`)
  return [namespace, name, ...pairs.sort()].join(' ')
}

/** An alarm of the template, on one metric or on the sum of several. */
export interface TemplateAlarm {
  /** The logical id without its hash. */
  name: string
  metrics: MetricKey[]
  statistic: string
  periodMs: number
  periods: number
  threshold: number
  /** Whether periods without a sample count as breaching. */
  silenceIsAlarming: boolean
}

const reference = z.union([z.string(), z.record(z.string(), z.unknown())])
const metric = z.object({
  Namespace: z.string(),
  MetricName: z.string(),
  Dimensions: z.array(z.object({ Name: z.string(), Value: reference })).default([]),
})
const alarm = z.object({
  ...metric.partial().shape,
  Period: z.number().optional(),
  Statistic: z.string().optional(),
  ExtendedStatistic: z.string().optional(),
  Metrics: z
    .array(
      z.object({
        Expression: z.string().optional(),
        MetricStat: z.object({ Metric: metric, Period: z.number(), Stat: z.string() }).optional(),
      }),
    )
    .optional(),
  EvaluationPeriods: z.number(),
  Threshold: z.number(),
  ComparisonOperator: z.literal('GreaterThanThreshold'),
  InsufficientDataActions: z.array(z.unknown()).optional(),
})
const resource = z.object({ Type: z.string(), Properties: z.record(z.string(), z.unknown()) })
const configured = z.object({ Environment: z.object({ Variables: z.record(z.string(), z.unknown()) }) })
const output = z.object({ OutputName: z.string() })
const widget = z.object({ properties: z.object({ metrics: z.array(z.array(z.unknown())).default([]) }) })

/** Our metric expressions are all sums. */
const sum = /^(FILL\(m\d+, 0\)|\w+)( \+ (FILL\(m\d+, 0\)|\w+))*$/

/** Reads the alarms and dashboard metrics of the synthesized dev stack. */
export async function readTemplate(): Promise<{ alarms: TemplateAlarm[]; onDashboard: Set<MetricKey> }> {
  const folder = mkdtempSync(join(tmpdir(), 'create-order-telemetry-'))
  const context = { env: 'dev', jwtIssuer: 'http://localhost:1/', jwtAudience: 'any' }
  await synthesize(context, folder, { CDK_VALIDATION: 'false' })
  const text = readFileSync(join(folder, 'create-order-dev-stateless.template.json'), 'utf8')
  rmSync(folder, { recursive: true })
  const { Resources } = z.object({ Resources: z.record(z.string(), resource) }).parse(JSON.parse(text))

  /** The test's name of a reference: a function's file, or else the logical id without its hash. */
  const nameOf = (value: z.output<typeof reference>): string => {
    if (typeof value === 'string') return value
    const read = output.safeParse(value['Fn::GetStackOutput']).data?.OutputName
    const id = [value.Ref ?? value['Fn::GetAtt'] ?? read].flat()[0]
    const handler = Resources[String(id)]?.Properties.Handler
    return typeof handler === 'string'
      ? handler.replace('.handler', '')
      : String(id).replace(/[0-9A-F]{8}$/, '')
  }
  const keyOf = ({ Namespace, MetricName, Dimensions }: z.output<typeof metric>): MetricKey =>
    metricKey(
      Namespace,
      MetricName,
      Object.fromEntries(Dimensions.map(({ Name, Value }) => [Name, nameOf(Value)])),
    )

  // A listener's queue has the same alarms as any other; docs/alarms.md describes them for the steps.
  const listeners = Object.entries(Resources).flatMap(([id, { Properties }]) => {
    const name = configured.safeParse(Properties).data?.Environment.Variables.LISTENER_NAME
    return name === undefined ? [] : id.replace(/WorkerFunction[0-9A-F]{8}$/, '')
  })
  const alarms = Object.entries(Resources)
    .filter(([, { Type }]) => Type === 'AWS::CloudWatch::Alarm')
    .filter(([id]) => !listeners.some((listener) => id.startsWith(listener)))
    .map(([id, { Properties }]): TemplateAlarm => {
      const props = alarm.parse(Properties)
      const added = props.Metrics?.flatMap(({ MetricStat }) => MetricStat ?? []) ?? []
      const expression = props.Metrics?.find(({ Expression }) => Expression)?.Expression
      if (expression !== undefined && !sum.test(expression)) throw new Error(`Not a sum: ${expression}`)
      const [first] = added
      return {
        name: id.replace(/[0-9A-F]{8}$/, ''),
        metrics: added.length ? added.map(({ Metric }) => keyOf(Metric)) : [keyOf(metric.parse(props))],
        statistic: first?.Stat ?? props.Statistic ?? props.ExtendedStatistic ?? '',
        periodMs: (first?.Period ?? props.Period ?? 0) * 1000,
        periods: props.EvaluationPeriods,
        threshold: props.Threshold,
        silenceIsAlarming: props.InsufficientDataActions !== undefined,
      }
    })

  const dashboard = Object.values(Resources).find(({ Type }) => Type === 'AWS::CloudWatch::Dashboard')
  const join_ = z
    .object({ 'Fn::Join': z.tuple([z.string(), z.array(reference)]) })
    .parse(dashboard?.Properties.DashboardBody)
  const body = join_['Fn::Join'][1].map((part) => (typeof part === 'string' ? part : nameOf(part))).join('')
  const { widgets } = z.object({ widgets: z.array(widget) }).parse(JSON.parse(body))
  const rows = widgets.flatMap(({ properties }) => properties.metrics)
  const onDashboard = rows.flatMap((row) => {
    const texts = row.filter((each) => typeof each === 'string')
    const [namespace, name, ...pairs] = texts
    if (namespace === undefined || name === undefined) return []
    const dimensions = pairs.flatMap((key, index) => (index % 2 ? [] : [[key, pairs[index + 1] ?? '']]))
    return [metricKey(namespace, name, Object.fromEntries(dimensions))]
  })
  return { alarms, onDashboard: new Set(onDashboard) }
}
