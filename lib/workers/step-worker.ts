import { Duration } from 'aws-cdk-lib'
import type { Construct } from 'constructs'
import { type StepName, stepNames } from '../../lambdas/domain/chain.ts'
import { type FailureKind, failureKinds } from '../../lambdas/domain/decision.ts'
import type { QueueEnv } from '../../lambdas/runtime/env.ts'
import { type StepWorkerEnv, vendorCallsMs } from '../../lambdas/runtime/step-worker-env.ts'
import type { VendorConfig } from '../config-schema.ts'
import type { ServiceFunction } from '../functions/service-function.ts'
import { fiveMinutes, type ServiceMetricProps, serviceMetric, sumOf } from '../observability/metrics.ts'
import type { Observability } from '../observability/observability.ts'
import { QueueWorker, type SharedProps } from './queue-worker.ts'

/** An order that waits for its vendor has not failed, so it raises no alarm. */
const alarmingKinds = failureKinds.filter((kind) => kind !== 'waiting')
const failureLimit = 10

/** The time that an invocation needs for AWS calls. */
const ownCallsMs = 16_000

/** A lane: a QueueWorker that claims a step's orders, calls one vendor for them and publishes the next event. */
export class StepWorker extends QueueWorker<Omit<StepWorkerEnv, keyof QueueEnv>> {
  readonly step: StepName
  readonly vendor: VendorConfig & { name: string }

  constructor(scope: Construct, id: string, props: SharedProps & { vendor: string }) {
    const { settings, data, vendor: name } = props
    const vendor = settings.vendors[name]
    const secret = data.vendorSecrets[name]
    if (vendor === undefined || secret === undefined) throw new Error(`The config has no vendor ${name}`)
    // `step` is for the local console, which sees only the templates.
    const { limits, retired, secretArn, ...forWorker } = vendor
    const { step } = vendor
    const called = { ...forWorker, name, calls: settings.adapters[vendor.adapter]?.calls ?? 1 }
    const timeout = Duration.seconds(Math.ceil((vendorCallsMs(called) + ownCallsMs) / 1000))
    super(scope, id, {
      ...props,
      consumes: { detail: { data: { lane: [name] } } },
      name,
      file: `${step}-worker`,
      timeout,
      concurrency: vendor.concurrency,
      deadLetterMeans: 'these orders are not being processed',
      environment: {
        ORDER_TABLE_NAME: data.orderTable.tableName,
        EVENT_BUS_NAME: data.bus.eventBusName,
        OUTBOX_GRACE_MS: `${settings.outbox.graceMs}`,
        ORDER_RETENTION_DAYS: `${settings.orderRetentionDays}`,
        CIRCUIT_BREAKER_TABLE_NAME: data.circuitBreakerTable.tableName,
        CLAIM_MS: `${timeout.toMilliseconds() + 1000}`,
        VENDOR_SECRET_ARN: secret.secretArn,
        VENDOR: JSON.stringify(called),
        RETRY: JSON.stringify(settings.retry),
        BREAKER: JSON.stringify(settings.breaker),
      },
    })
    this.step = step
    this.vendor = { ...vendor, name }
    const { worker } = this
    worker.allow(['dynamodb:GetItem', 'dynamodb:UpdateItem'], data.orderTable.tableArn)
    worker.allow(['dynamodb:GetItem', 'dynamodb:UpdateItem'], data.circuitBreakerTable.tableArn)
    worker.allow(['events:PutEvents'], data.bus.eventBusArn)
    worker.allow(['secretsmanager:GetSecretValue'], secret.secretArn)
    observeLane(props.observability, step, worker)
  }
}

/** Graphs of a lane's failures, its vendor's latency and its outcomes, with an alarm on failures. */
function observeLane(observability: Observability, step: StepName, service: ServiceFunction): void {
  const { name } = service
  const failed = (kind: FailureKind, label: string = kind) =>
    serviceMetric('StepFailed', { service, dimensions: { step, kind }, statistic: 'Sum', label })
  const latency = (statistic: 'p50' | 'p99') =>
    serviceMetric('VendorLatency', { service, dimensions: { lane: name }, statistic, label: statistic })
  const count = (metric: string, label: string, dimensions: ServiceMetricProps['dimensions'] = { step }) =>
    serviceMetric(metric, { service, dimensions, statistic: 'Sum', label })

  const failures = alarmingKinds.map((kind) => failed(kind, `${name}: ${kind}`))
  for (const metric of failures) observability.workerFailures.addLeftMetric(metric)
  observability.addRow(
    `${name}: vendor and outcomes`,
    { title: 'Vendor latency (ms)', metrics: [latency('p50'), latency('p99')] },
    {
      title: 'Outcomes',
      metrics: [
        count('StepCompleted', 'completed'),
        count('RetriesScheduled', 'retries'),
        failed('waiting', 'sent to wait'),
        count('OrdersDeadLettered', 'dead-lettered', { lane: name }),
      ],
    },
  )
  // Lambda's own Errors metric stays 0, since the partial batch response reports failed messages.
  observability.alarm(service, 'StepFails', {
    description: `${name} failed more than ${failureLimit} times in five minutes.`,
    runbookHeading: 'A worker is failing',
    metric: sumOf('failures of all kinds', failures, fiveMinutes),
    threshold: failureLimit,
  })
  if (step !== stepNames.at(-1)) return
  // Only the chain's last step knows that an order is ready, and how long that took since the click.
  observability.ordersPerMinute.addLeftMetric(count('StepCompleted', `ready: ${name}`))
  for (const statistic of ['p50', 'p99'] as const)
    observability.clickToReady.addLeftMetric(
      serviceMetric('ClickToReadySeconds', { service, statistic, label: `${name}: ${statistic}` }),
    )
}
