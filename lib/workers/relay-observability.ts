import { type IMetric, MathExpression, type Metric } from 'aws-cdk-lib/aws-cloudwatch'
import type { Consumer } from '../../lambdas/domain/outbox.ts'
import type { ServiceFunction } from '../functions/service-function.ts'
import { observeFunction } from '../observability/function-observability.ts'
import { serviceMetric, sumOf } from '../observability/metrics.ts'
import type { Observability } from '../observability/observability.ts'
import type { StepWorker } from './step-worker.ts'

const overdueLimitSeconds = 600

/** Every run tells how overdue each step is, so that a group of shards whose runs fail to come is a sample too few. */
function overdueOrSilent(overdue: Metric, groups: number): IMetric {
  if (groups === 1) return overdue
  return new MathExpression({
    label: 'most overdue, or a group is silent',
    expression: `IF(runs < ${groups}, ${overdueLimitSeconds + 1}, overdue)`,
    usingMetrics: { overdue, runs: overdue.with({ statistic: 'SampleCount' }) },
    period: overdue.period,
  })
}

/** Puts what only the relay sees on the dashboard, with alarms: overdue orders, vendors that are down. */
export function observeRelay(
  observability: Observability,
  relay: ServiceFunction,
  steps: readonly StepWorker[],
  { groups, vendorDownMinutes }: { groups: number; vendorDownMinutes: number },
): void {
  const service = relay.name
  const ofStep = (name: string, step: Consumer, statistic: 'Sum' | 'Maximum', of = service) =>
    serviceMetric(name, { service: of, dimensions: { step }, statistic })
  const names = steps.map(({ step }) => step)
  const consumers = [...names, 'announcement' as const]
  const ofEach = (name: string, statistic: 'Sum' | 'Maximum', of: readonly Consumer[] = names, note = '') =>
    of.map((step) => ofStep(name, step, statistic).with({ label: `${step}${note}` }))

  for (const { step, worker } of steps) {
    const down = serviceMetric('VendorDownSeconds', {
      service,
      dimensions: { vendor: step },
      statistic: 'Maximum',
    })
    const overdue = ofStep('OldestOverdueSeconds', step, 'Maximum')
    observability.vendorDown.addLeftMetric(down.with({ label: step }))
    observability.ordersWaiting.addLeftMetric(ofStep('OrdersWaiting', step, 'Maximum').with({ label: step }))
    observability.alarm(worker, 'VendorDown', {
      description: `The vendor of step ${step} has been down for more than ${vendorDownMinutes} minutes.`,
      runbookHeading: 'A vendor is down',
      metric: down,
      threshold: vendorDownMinutes * 60,
    })
    observability.alarm(worker, 'OrdersOverdue', {
      description: `An order is overdue at step ${step} by more than ${overdueLimitSeconds} seconds, or the relay is silent${groups > 1 ? ' about a group of shards' : ''}.`,
      runbookHeading: 'Orders are overdue',
      metric: overdueOrSilent(overdue, groups),
      threshold: overdueLimitSeconds,
      periods: 5,
      silenceIsAlarming: true,
    })
    const deadLettered = [service, worker.name].map((of) => ofStep('OrdersDeadLettered', step, 'Sum', of))
    // A minute without a new one ends it, so that the next one raises it again.
    observability.alarm(worker, 'NewDeadLetters', {
      description: `An order or a message was dead-lettered at step ${step} in the last minute.`,
      runbookHeading: 'Dead-lettered orders',
      metric: sumOf('newly dead-lettered', deadLettered, 1),
      threshold: 0,
    })
  }
  const unresolved = ofEach('UnresolvedDeadLetters', 'Maximum')
  observability.alarm(relay, 'UnresolvedDeadLetters', {
    description: 'Orders are dead-lettered, and wait for an operator.',
    runbookHeading: 'Dead-lettered orders',
    metric: sumOf('dead-lettered orders', unresolved, 1),
    threshold: 0,
  })
  observability.addRow(
    'Dead letters',
    { title: 'Dead-lettered orders that wait for an operator', metrics: unresolved },
    { title: 'Longest wait (seconds)', metrics: ofEach('OldestDeadLetterSeconds', 'Maximum') },
  )
  observability.addRow(
    'outbox-relay',
    { title: 'Most overdue order (seconds)', metrics: ofEach('OldestOverdueSeconds', 'Maximum') },
    {
      title: 'Events sent again, orders that could not be sent or were given up',
      metrics: [
        ...ofEach('EventsRepublished', 'Sum', consumers),
        ...ofEach('OrdersPostponed', 'Sum', consumers, ': could not be sent'),
        ...ofEach('OrdersDeadLettered', 'Sum', names, ': given up'),
      ],
    },
    observeFunction(observability, relay).graph,
  )
}
