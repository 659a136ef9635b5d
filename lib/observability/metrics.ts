import { Duration } from 'aws-cdk-lib'
import { Metric } from 'aws-cdk-lib/aws-cloudwatch'
import type { Settings } from '../config.ts'
import { metricNamespace } from '../functions/service-function.ts'

/** The step of the chain that calls a vendor bears the vendor's name. */
export type StepName = keyof Settings['vendors']

/** A metric that our functions emit: Powertools adds `service`, the function's name, to its own dimensions. */
export interface ServiceMetricProps {
  service: string
  /** What the outbox owes nobody in the chain counts as the step `announcement`. */
  dimensions?: { step?: StepName | 'announcement'; vendor?: StepName; kind?: string }
  statistic: 'Sum' | 'Maximum' | 'p50' | 'p99'
  label?: string
}

/** One of our functions' metrics, by the minute. */
export const serviceMetric = (
  metricName: string,
  { service, dimensions, statistic, label }: ServiceMetricProps,
): Metric =>
  new Metric({
    namespace: metricNamespace,
    metricName,
    dimensionsMap: { service, ...dimensions },
    statistic,
    period: Duration.minutes(1),
    ...(label && { label }),
  })
