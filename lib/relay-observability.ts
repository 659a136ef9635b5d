import { observeFunction } from './function-observability.ts'
import { serviceMetric } from './metrics.ts'
import type { Observability } from './observability.ts'
import type { ServiceFunction } from './service-function.ts'
import type { StepWorker } from './step-worker.ts'

const overdueLimitSeconds = 600

/** Puts what only the relay sees on the dashboard, with alarms: overdue orders, vendors that are down. */
export function observeRelay<Environment extends Record<string, string>>(
  observability: Observability,
  relay: ServiceFunction<Environment>,
  steps: readonly StepWorker[],
  vendorDownMinutes: number,
): void {
  const service = relay.name
  const ofStep = (name: string, { step }: StepWorker, statistic: 'Sum' | 'Maximum') =>
    serviceMetric(name, { service, dimensions: { step }, statistic, label: step })

  for (const each of steps) {
    const { step, worker } = each
    const down = serviceMetric('VendorDownSeconds', {
      ...{ service, dimensions: { vendor: step }, statistic: 'Maximum', label: step },
    })
    observability.vendorDown.addLeftMetric(down)
    observability.ordersWaiting.addLeftMetric(ofStep('OrdersWaiting', each, 'Maximum'))
    observability.alarm(worker, 'VendorDown', {
      description: `The vendor of step ${step} has been down for more than ${vendorDownMinutes} minutes.`,
      runbookHeading: 'A vendor is down',
      metric: down,
      threshold: vendorDownMinutes * 60,
    })
    observability.alarm(worker, 'OrdersOverdue', {
      description: `An order is overdue at step ${step} by more than ${overdueLimitSeconds} seconds, or the relay is silent.`,
      runbookHeading: 'Orders are overdue',
      metric: ofStep('OldestOverdueSeconds', each, 'Maximum'),
      threshold: overdueLimitSeconds,
      periods: 5,
      silenceIsAlarming: true,
    })
  }
  observability.addRow(
    'outbox-relay',
    {
      title: 'Most overdue order (seconds)',
      metrics: steps.map((each) => ofStep('OldestOverdueSeconds', each, 'Maximum')),
    },
    {
      title: 'Events sent again',
      metrics: steps.map((each) => ofStep('EventsRepublished', each, 'Sum')),
    },
    observeFunction(observability, relay),
  )
}
