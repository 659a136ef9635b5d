import { type IMetric, MathExpression, type Metric } from 'aws-cdk-lib/aws-cloudwatch'
import type { Consumer } from '../../lambdas/domain/outbox.ts'
import type { ServiceFunction } from '../functions/service-function.ts'
import { observeFunction } from '../observability/function-observability.ts'
import { serviceMetric } from '../observability/metrics.ts'
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
  const ofStep = (name: string, step: Consumer, statistic: 'Sum' | 'Maximum') =>
    serviceMetric(name, { service, dimensions: { step }, statistic })
  const names = steps.map(({ step }) => step)

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
  }
  observability.addRow(
    'outbox-relay',
    {
      title: 'Most overdue order (seconds)',
      metrics: names.map((step) => ofStep('OldestOverdueSeconds', step, 'Maximum').with({ label: step })),
    },
    {
      title: 'Events sent again, orders that could not be sent or were given up',
      metrics: [
        ...[...names, 'announcement' as const].map((step) =>
          ofStep('EventsRepublished', step, 'Sum').with({ label: step }),
        ),
        ...[...names, 'announcement' as const].map((step) =>
          ofStep('OrdersPostponed', step, 'Sum').with({ label: `${step}: could not be sent` }),
        ),
        ...names.map((step) =>
          ofStep('OrdersDeadLettered', step, 'Sum').with({ label: `${step}: given up` }),
        ),
      ],
    },
    observeFunction(observability, relay).graph,
  )
}
