import { Aws, Duration, Stack } from 'aws-cdk-lib'
import { type IMetric, MathExpression, type Metric } from 'aws-cdk-lib/aws-cloudwatch'
import * as iam from 'aws-cdk-lib/aws-iam'
import { CfnSchedule, ScheduleExpression } from 'aws-cdk-lib/aws-scheduler'
import { Construct } from 'constructs'
import { announcement } from '../../lambdas/domain/outbox.ts'
import type { OutboxRelayEnv, Scheduled } from '../../lambdas/runtime/relay-env.ts'
import { ServiceFunction } from '../functions/service-function.ts'
import { minute, serviceMetric, sumOf } from '../observability/metrics.ts'
import type { SharedProps } from './queue-worker.ts'
import type { StepWorker } from './step-worker.ts'

/** Outbox shards per run. Each takes at most 1,000 writes per second. */
const shardsPerRun = 16

const overdueLimitSeconds = 600

/** Every run emits a sample for each lane, so a missing sample means that the runs of a group of shards have stopped. */
function overdueOrSilent(overdue: Metric, groups: number): IMetric {
  if (groups === 1) return overdue
  return new MathExpression({
    label: 'most overdue, or a group is silent',
    expression: `IF(runs < ${groups}, ${overdueLimitSeconds + 1}, overdue)`,
    usingMetrics: { overdue, runs: overdue.with({ statistic: 'SampleCount' }) },
    period: overdue.period,
  })
}

/** The shared props, and the lanes that the relay serves. */
type OutboxRelayProps = SharedProps & { lanes: readonly StepWorker[] }

/** The scheduled function that sends the events of overdue orders again. */
export class OutboxRelay extends Construct {
  readonly relay: ServiceFunction

  constructor(scope: Construct, id: string, props: OutboxRelayProps) {
    super(scope, id)
    const { settings, data, lanes } = props
    const { orderTable, circuitBreakerTable, idempotencyTable, bus } = data
    this.relay = new ServiceFunction(this, 'Relay', {
      settings,
      network: props.network,
      name: 'outbox-relay',
      // Less than the schedule's minute, so that its lease expires before the next run of the same shards.
      timeout: Duration.seconds(50),
      // One full vCPU, which is what limits a run under a backlog (docs/scaling.md).
      memoryMb: 1769,
      environment: {
        ORDER_TABLE_NAME: orderTable.tableName,
        EVENT_BUS_NAME: bus.eventBusName,
        OUTBOX_GRACE_MS: `${settings.outbox.graceMs}`,
        CIRCUIT_BREAKER_TABLE_NAME: circuitBreakerTable.tableName,
        IDEMPOTENCY_TABLE_NAME: idempotencyTable.tableName,
        OUTBOX_SHARDS: `${settings.outbox.shards}`,
        RELAY_INTERVAL_MS: `${settings.outbox.relayIntervalMs}`,
        RELAY_BACKOFF_MS: JSON.stringify(settings.outbox.backoffMs),
        QUEUE_WAIT_UNIT_MS: `${settings.queueWaitUnitMs}`,
        WAITING_LIMIT_MS: `${settings.retry.waitingLimitMs}`,
        LANES: Stack.of(this).toJsonString(
          lanes.map(({ step, vendor, queue, deadLetterQueue }) => ({
            step,
            vendor: vendor.name,
            queueUrl: queue.queueUrl,
            deadLetterQueueUrl: deadLetterQueue.queueUrl,
            ratePerSecond: vendor.ratePerSecond,
          })),
        ),
      } satisfies OutboxRelayEnv,
    })
    this.relay.allow(['dynamodb:BatchGetItem', 'dynamodb:UpdateItem'], orderTable.tableArn)
    this.relay.allow(['dynamodb:Query'], orderTable.indexArn('outbox'), orderTable.indexArn('deadLetters'))
    this.relay.allow(['dynamodb:GetItem'], circuitBreakerTable.tableArn)
    this.relay.allow(['dynamodb:UpdateItem'], idempotencyTable.tableArn)
    this.relay.allow(['events:PutEvents'], bus.eventBusArn)
    this.relay.allow(
      ['sqs:SendMessage', 'sqs:GetQueueAttributes'],
      ...lanes.map(({ queue }) => queue.queueArn),
    )
    this.relay.allow(['sqs:SendMessage'], ...lanes.map(({ deadLetterQueue }) => deadLetterQueue.queueArn))
    // A failed run is not retried: the next one does the same work.
    this.relay.function.configureAsyncInvoke({ retryAttempts: 0, maxEventAge: Duration.minutes(1) })
    const groups = Math.ceil(settings.outbox.shards / shardsPerRun)
    // A schedule runs at most once a minute; at speed, the embedded cloud runs it more often.
    const interval = Duration.minutes(Math.round((settings.outbox.relayIntervalMs * settings.speed) / 60_000))
    this.schedule(interval, groups)
    this.observe(props, interval, groups)
  }

  private schedule(interval: Duration, groups: number): void {
    const { functionArn } = this.relay.function
    const role = new iam.Role(this, 'ScheduleRole', {
      assumedBy: new iam.ServicePrincipal('scheduler.amazonaws.com', {
        conditions: { StringEquals: { 'aws:SourceAccount': Aws.ACCOUNT_ID } },
      }),
    })
    role.addToPolicy(
      new iam.PolicyStatement({ actions: ['lambda:InvokeFunction'], resources: [functionArn] }),
    )
    for (let group = 0; group < groups; group += 1)
      new CfnSchedule(this, `Schedule${group || ''}`, {
        scheduleExpression: ScheduleExpression.rate(interval).expressionString,
        flexibleTimeWindow: { mode: 'OFF' },
        // No DLQ: the next run makes up for a lost one, and the alarm on overdue orders detects missing runs.
        target: {
          arn: functionArn,
          roleArn: role.roleArn,
          input: JSON.stringify({ group, groups } satisfies Scheduled),
          retryPolicy: { maximumRetryAttempts: 0, maximumEventAgeInSeconds: 60 },
        },
      })
  }

  /** Adds graphs and alarms for what only the relay sees: overdue orders, and vendors that are down. */
  private observe(props: OutboxRelayProps, interval: Duration, groups: number): void {
    const { observability, settings, lanes } = props
    const { relay } = this
    const { vendorDownMinutes } = settings.alarms
    const ofLane = (name: string, lane: string, statistic: 'Sum' | 'Maximum') =>
      serviceMetric(name, { service: relay, dimensions: { lane }, statistic })
    const names = lanes.map(({ vendor }) => vendor.name)
    const ofEach = (name: string, statistic: 'Sum' | 'Maximum', of: readonly string[] = names, note = '') =>
      of.map((lane) => ofLane(name, lane, statistic).with({ label: `${lane}${note}` }))

    for (const { worker } of lanes) {
      const lane = worker.name
      const down = ofLane('VendorDownSeconds', lane, 'Maximum')
      const overdue = ofLane('OldestOverdueSeconds', lane, 'Maximum').with({ period: interval })
      observability.vendorDown.addLeftMetric(down.with({ label: lane }))
      observability.ordersWaiting.addLeftMetric(
        ofLane('OrdersWaiting', lane, 'Maximum').with({ label: lane }),
      )
      observability.alarm(worker, 'VendorDown', {
        description: `The vendor ${lane} has been down for more than ${vendorDownMinutes} minutes.`,
        runbookHeading: 'A vendor is down',
        metric: down,
        threshold: vendorDownMinutes * 60,
      })
      observability.alarm(worker, 'OrdersOverdue', {
        description: `An order is overdue for ${lane} by more than ${overdueLimitSeconds} seconds, or the relay is silent${groups > 1 ? ' about a group of shards' : ''}.`,
        runbookHeading: 'Orders are overdue',
        metric: overdueOrSilent(overdue, groups),
        threshold: overdueLimitSeconds,
        periods: 5,
        silenceIsAlarming: true,
      })
      const deadLettered = [
        ofLane('OrdersDeadLettered', lane, 'Sum'),
        serviceMetric('OrdersDeadLettered', { service: worker, dimensions: { lane }, statistic: 'Sum' }),
      ]
      // It clears after a minute without a new one, so that the next one raises it again.
      observability.alarm(worker, 'NewDeadLetters', {
        description: `An order or a message was dead-lettered for ${lane} in the last minute.`,
        runbookHeading: 'Dead-lettered orders',
        metric: sumOf('newly dead-lettered', deadLettered, minute),
        threshold: 0,
      })
    }
    // An order is due again after at most 15 minutes.
    const unclaimed = serviceMetric('UnclaimedSeconds', { service: relay, statistic: 'Maximum' })
    observability.alarm(relay, 'OrdersUnclaimed', {
      description: `For more than ${overdueLimitSeconds} seconds, no worker has claimed an order that the relay sent, or tried to send.`,
      runbookHeading: 'No worker claims an order',
      metric: unclaimed.with({ period: Duration.minutes(15) }),
      threshold: overdueLimitSeconds,
    })
    const unresolved = ofEach('UnresolvedDeadLetters', 'Maximum')
    observability.alarm(relay, 'UnresolvedDeadLetters', {
      description: 'Dead-lettered orders are waiting for an operator.',
      runbookHeading: 'Dead-lettered orders',
      metric: sumOf('dead-lettered orders', unresolved, minute),
      threshold: 0,
    })
    observability.addRow(
      'Dead letters',
      { title: 'Dead-lettered orders waiting for an operator', metrics: unresolved },
      { title: 'Longest wait (seconds)', metrics: ofEach('OldestDeadLetterSeconds', 'Maximum') },
    )
    observability.addRow(
      'outbox-relay',
      {
        title: 'Most overdue order, and longest without a claim (seconds)',
        metrics: [...ofEach('OldestOverdueSeconds', 'Maximum'), unclaimed.with({ label: 'unclaimed' })],
      },
      {
        title: 'Events sent again, orders that could not be sent or were given up',
        metrics: [
          ...ofEach('EventsRepublished', 'Sum', [...names, announcement]),
          ...ofEach('OrdersPostponed', 'Sum', [...names, announcement], ': could not be sent'),
          ...ofEach('OrdersDeadLettered', 'Sum', names, ': given up'),
        ],
      },
      observability.observeFunction(relay),
    )
  }
}
