import type { MetricKey, TemplateAlarm } from './template.ts'

/** One measurement, as CloudWatch would receive it. */
export interface Sample {
  at: number
  metric: MetricKey
  value: number
}

const statistics: Record<string, (values: number[]) => number> = {
  Sum: (values) => values.reduce((sum, value) => sum + value, 0),
  Maximum: (values) => Math.max(...values),
  Average: (values) => values.reduce((sum, value) => sum + value, 0) / values.length,
  p99: (values) => values.toSorted((a, b) => a - b)[Math.ceil(values.length * 0.99) - 1] ?? 0,
}

/** Metrics that measure durations, which get shorter when the cloud runs faster. */
const measuresTime = /Seconds|AgeOfOldestMessage/

/**
 * Whether CloudWatch would have raised an alarm: whether at some time the required number of consecutive periods was
 * above the threshold. Periods, and thresholds of durations, are divided by the run's speed.
 */
export function wouldFire(alarm: TemplateAlarm, samples: readonly Sample[], speed: number): boolean {
  const statistic = statistics[alarm.statistic]
  if (!statistic) throw new Error(`${alarm.name} asks for the statistic ${alarm.statistic}`)
  const own = samples.filter(({ metric }) => alarm.metrics.includes(metric))
  const periodMs = alarm.periodMs / speed
  const isTime = alarm.metrics.some((metric) => measuresTime.test(metric))
  const threshold = isTime ? alarm.threshold / speed : alarm.threshold

  const isBreached = (from: number): boolean => {
    const values = own.filter(({ at }) => at >= from && at < from + periodMs).map(({ value }) => value)
    return values.length > 0 ? statistic(values) > threshold : alarm.silenceIsAlarming
  }
  const all = Array.from({ length: alarm.periods }, (_, index) => index)
  return own.some(({ at }) => all.every((index) => isBreached(at + index * periodMs)))
}
