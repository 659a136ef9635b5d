import { Duration } from 'aws-cdk-lib'
import { MathExpression, Metric } from 'aws-cdk-lib/aws-cloudwatch'
import type { StepName } from '../../lambdas/domain/chain.ts'
import type { FailureKind } from '../../lambdas/domain/decision.ts'
import type { ServiceFunction } from '../functions/service-function.ts'

export const minute = { period: Duration.minutes(1) }
export const fiveMinutes = { period: Duration.minutes(5) }

/** A metric that one of our functions emits. Its dimension `service` is the function's name; for a worker, its lane's. */
export interface ServiceMetricProps {
  service: ServiceFunction
  /** Events that no lane consumes count as the lane `announcement`. */
  dimensions?: { step?: StepName; lane?: string; kind?: FailureKind; version?: string }
  statistic: 'Sum' | 'Maximum' | 'p50' | 'p99'
  label?: string
}

/** A metric of one of our functions, per minute. */
export const serviceMetric = (
  metricName: string,
  { service, dimensions, statistic, label }: ServiceMetricProps,
): Metric =>
  new Metric({
    namespace: service.metricNamespace,
    metricName,
    dimensionsMap: { service: service.name, ...dimensions },
    statistic,
    ...minute,
    ...(label && { label }),
  })

/** The sum of metrics over a period; one without samples counts as 0. */
export function sumOf(label: string, metrics: readonly Metric[], over: typeof minute): MathExpression {
  return new MathExpression({
    label,
    expression: metrics.map((_, index) => `FILL(m${index}, 0)`).join(' + '),
    usingMetrics: Object.fromEntries(metrics.map((metric, index) => [`m${index}`, metric.with(over)])),
    ...over,
  })
}
