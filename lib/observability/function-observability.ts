import { Duration } from 'aws-cdk-lib'
import type { Alarm, Metric } from 'aws-cdk-lib/aws-cloudwatch'
import type { ServiceFunction } from '../functions/service-function.ts'
import type { Observability } from './observability.ts'

const period = Duration.minutes(5)

/** Alarms on a function's crashes and throttles. Returns its graph, and the alarm on crashes. */
export function observeFunction(
  observability: Observability,
  observed: ServiceFunction,
): { graph: { title: string; metrics: Metric[] }; crashes: Alarm } {
  const { name, function: lambda } = observed
  const crashes = observability.alarm(observed, 'Crashes', {
    description: `${name} crashes or times out.`,
    runbookHeading: 'A function crashes',
    metric: lambda.metricErrors({ period }),
    threshold: 0,
  })
  observability.alarm(observed, 'Throttled', {
    description: `${name} is throttled: the account has no concurrency left for it.`,
    runbookHeading: 'A function is throttled',
    metric: lambda.metricThrottles({ period }),
    threshold: 0,
    periods: 3,
  })
  const minute = { period: Duration.minutes(1) }
  const metrics = [
    lambda.metricInvocations({ ...minute, label: 'invocations' }),
    lambda.metricErrors({ ...minute, label: 'crashes' }),
    lambda.metricThrottles({ ...minute, label: 'throttles' }),
  ]
  return { graph: { title: 'Function', metrics }, crashes }
}
