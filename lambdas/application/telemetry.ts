/** Fields of a log line: ids, steps, reason codes and counts, never personal data. */
export type LogFacts = Record<string, string | number | boolean | undefined | Error>

/** A thrown value in the form in which it is logged. */
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

/** Structured logs and metrics of a function. */
export interface Telemetry {
  info(message: string, facts: LogFacts): void
  warn(message: string, facts: LogFacts): void
  error(message: string, facts: LogFacts): void
  /** Emits one metric. The dimension `service`, the function's name, is always added. */
  metric(name: MetricName, value: number, dimensions?: Record<string, string>): void
}
