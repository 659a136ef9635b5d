import { Logger } from '@aws-lambda-powertools/logger'
import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics'

/** Facts that go with a log line. Never personal data: ids, steps, reason codes, counts. */
export type LogFacts = Record<string, string | number | boolean | undefined | Error>

/** What a function tells its operators: structured log lines, and metrics in EMF. */
export interface Telemetry {
  info(message: string, facts: LogFacts): void
  warn(message: string, facts: LogFacts): void
  error(message: string, facts: LogFacts): void
  /** Emits one metric with its own dimensions; `service`, the function's name, is always one more. */
  metric(name: MetricName, value: number, dimensions?: Record<string, string>): void
}

/** Every metric that we emit, with its unit. */
const metricUnits = {
  OrdersCreated: MetricUnit.Count,
  StepCompleted: MetricUnit.Count,
  StepFailed: MetricUnit.Count,
  VendorLatency: MetricUnit.Milliseconds,
  VendorDownSeconds: MetricUnit.Seconds,
  RetriesScheduled: MetricUnit.Count,
  OrdersWaiting: MetricUnit.Count,
  OldestOverdueSeconds: MetricUnit.Seconds,
  OrdersDeadLettered: MetricUnit.Count,
  EventsRepublished: MetricUnit.Count,
  ClickToReadySeconds: MetricUnit.Seconds,
} as const
export type MetricName = keyof typeof metricUnits

/** Powertools' Logger and Metrics, configured by POWERTOOLS_* and LOG_LEVEL in the environment. */
export function createTelemetry(): Telemetry {
  const logger = new Logger()
  const metrics = new Metrics()
  return {
    info: (message, facts) => logger.info(message, { ...facts }),
    warn: (message, facts) => logger.warn(message, { ...facts }),
    error: (message, facts) => logger.error(message, { ...facts }),
    metric(name, value, dimensions = {}) {
      // Not singleMetric(): it makes a Metrics with a console of its own every time, some 5 % of a click's CPU.
      if (Object.keys(dimensions).length > 0) metrics.addDimensions(dimensions)
      metrics.addMetric(name, metricUnits[name], value)
      metrics.publishStoredMetrics()
    },
  }
}
