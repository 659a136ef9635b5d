import * as z from 'zod'
import type { Stack } from '../../local/cloud-assembly.ts'
import type { BillLine } from './bill.ts'
import { costOf, type PriceName } from './prices.ts'

const alias = z.object({
  ProvisionedConcurrencyConfig: z.object({ ProvisionedConcurrentExecutions: z.number() }).optional(),
})
/** An alarm on an expression lists the expression's metrics; any other alarm has one metric. */
const alarm = z.object({ Metrics: z.array(z.object({ MetricStat: z.unknown().optional() })).optional() })

const secondsOfMonth = 730 * 3600
/** Lambda polls an idle queue with five long polls of 20 s: https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-scaling.html */
const pollsPerSecond = 5 / 20

/** The monthly bill of the stacks without orders. The relay's runs and reads cost less than a dollar. */
export function idleBillOf(stacks: readonly Stack[], clickMemoryMb: number): BillLine[] {
  const resources = stacks.flatMap(({ template }) => Object.values(template.Resources))
  const ofType = (type: string) =>
    resources.filter(({ Type }) => Type === type).map(({ Properties }) => Properties)
  const warm = ofType('AWS::Lambda::Alias')
    .map((properties) => alias.parse(properties).ProvisionedConcurrencyConfig)
    .reduce((sum, config) => sum + (config?.ProvisionedConcurrentExecutions ?? 0), 0)
  const alarmMetrics = ofType('AWS::CloudWatch::Alarm')
    .map((properties) => alarm.parse(properties).Metrics ?? [{ MetricStat: {} }])
    .reduce((sum, metrics) => sum + metrics.filter(({ MetricStat }) => MetricStat !== undefined).length, 0)
  // Counts the functions' own metrics that are on the dashboard.
  const dashboards = ofType('AWS::CloudWatch::Dashboard')
  const shown = JSON.stringify(dashboards).matchAll(/\\"CreateOrder\/\w+\\",(\\"\w+\\"(?:,\\"[\w-]+\\")+)/g)
  const customMetrics = new Set([...shown].map(([, metric]) => metric)).size
  const secrets = ofType('AWS::SecretsManager::Secret').length
  const polls = ofType('AWS::Lambda::EventSourceMapping').length * pollsPerSecond * secondsOfMonth
  const line = (service: string, price: PriceName, units: number, quantity = `${units}`): BillLine => ({
    service,
    quantity,
    usd: costOf(price, units),
  })
  const warmGbSeconds = warm * (clickMemoryMb / 1024) * secondsOfMonth
  return [
    line(
      'Lambda, provisioned concurrency',
      'provisionedArmGbSecond',
      warmGbSeconds,
      `${warm} × ${clickMemoryMb} MB`,
    ),
    line('CloudWatch metrics', 'customMetricMonth', customMetrics),
    line('CloudWatch alarms', 'alarmMetricMonth', alarmMetrics, `${alarmMetrics} metrics`),
    line('CloudWatch dashboards', 'dashboardMonth', dashboards.length),
    line('Secrets Manager', 'secretMonth', secrets),
    line('SQS, empty receives', 'queueRequest', polls),
  ]
}
