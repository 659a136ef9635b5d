/** Facts that go with a log line. Never personal data: ids, steps, reason codes, counts. */
export type LogFacts = Record<string, string | number | boolean | undefined | Error>

/** What was thrown, as a log line has it. */
export const asError = (error: unknown): Error | string => (error instanceof Error ? error : String(error))

/** Every metric that the functions emit, with its CloudWatch unit. */
export const metricUnits = {
  OrdersCreated: 'Count',
  RequestsFailed: 'Count',
  StepCompleted: 'Count',
  StepFailed: 'Count',
  VendorLatency: 'Milliseconds',
  VendorDownSeconds: 'Seconds',
  RetriesScheduled: 'Count',
  OrdersWaiting: 'Count',
  OldestOverdueSeconds: 'Seconds',
  UnclaimedSeconds: 'Seconds',
  OrdersDeadLettered: 'Count',
  UnresolvedDeadLetters: 'Count',
  OldestDeadLetterSeconds: 'Seconds',
  EventsRepublished: 'Count',
  OrdersPostponed: 'Count',
  ClickToReadySeconds: 'Seconds',
} as const
export type MetricName = keyof typeof metricUnits

/** What a function tells its operators: structured log lines, and metrics. */
export interface Telemetry {
  info(message: string, facts: LogFacts): void
  warn(message: string, facts: LogFacts): void
  error(message: string, facts: LogFacts): void
  /** Emits one metric with its own dimensions; `service`, the function's name, is always one more. */
  metric(name: MetricName, value: number, dimensions?: Record<string, string>): void
}
