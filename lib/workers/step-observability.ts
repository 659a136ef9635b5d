import type { StepName } from '../../lambdas/domain/chain.ts'
import { type FailureKind, failureKinds } from '../../lambdas/domain/deed.ts'
import type { ServiceFunction } from '../functions/service-function.ts'
import { serviceMetric, sumOf } from '../observability/metrics.ts'
import type { Observability } from '../observability/observability.ts'

/** An order that waits for its vendor has not failed. */
const alarmingKinds = failureKinds.filter((kind) => kind !== 'waiting')
const failureLimit = 10

/** Graphs of a step's failures, its vendor's latency and its outcomes, with an alarm on failures. */
export function observeStep(observability: Observability, step: StepName, worker: ServiceFunction): void {
  const service = worker.name
  const failed = (kind: FailureKind, label: string = kind) =>
    serviceMetric('StepFailed', { service, dimensions: { step, kind }, statistic: 'Sum', label })
  const latency = (statistic: 'p50' | 'p99') =>
    serviceMetric('VendorLatency', { service, dimensions: { vendor: step }, statistic, label: statistic })
  const count = (name: string, label: string) =>
    serviceMetric(name, { service, dimensions: { step }, statistic: 'Sum', label })

  const failures = alarmingKinds.map((kind) => failed(kind, `${step}: ${kind}`))
  for (const metric of failures) observability.workerFailures.addLeftMetric(metric)
  observability.addRow(
    `${step}: vendor and outcomes`,
    { title: "Vendor's latency (ms)", metrics: [latency('p50'), latency('p99')] },
    {
      title: 'Outcomes',
      metrics: [
        count('StepCompleted', 'completed'),
        count('RetriesScheduled', 'retries'),
        failed('waiting', 'sent to wait'),
        count('OrdersDeadLettered', 'dead-lettered'),
      ],
    },
  )
  // Lambda's own Errors stay 0: a failed message is answered for in the partial batch response.
  observability.alarm(worker, 'StepFails', {
    description: `${worker.name} failed more than ${failureLimit} times in five minutes.`,
    runbookHeading: 'A worker is failing',
    metric: sumOf('failures of all kinds', failures, 5),
    threshold: failureLimit,
  })
}
