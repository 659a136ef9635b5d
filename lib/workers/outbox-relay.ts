import { Aws, Duration, Stack } from 'aws-cdk-lib'
import * as iam from 'aws-cdk-lib/aws-iam'
import { CfnSchedule } from 'aws-cdk-lib/aws-scheduler'
import { Construct } from 'constructs'
import type { OutboxRelayEnv, Scheduled } from '../../lambdas/runtime/relay-env.ts'
import type { Settings } from '../config.ts'
import { ServiceFunction } from '../functions/service-function.ts'
import type { WorkerProps } from './queue-worker.ts'
import { observeRelay } from './relay-observability.ts'
import type { StepWorker } from './step-worker.ts'

/** Shards of the outbox that one run looks after, at 1,000 writes a second each at most. */
const shardsPerRun = 16

/** What the relay looks after. */
export interface OutboxRelayProps extends WorkerProps {
  steps: readonly StepWorker[]
}

/** The function that, on a schedule, brings on every order that has not gone on by itself. */
export class OutboxRelay extends Construct {
  readonly relay: ServiceFunction<OutboxRelayEnv>

  constructor(scope: Construct, id: string, props: OutboxRelayProps) {
    super(scope, id)
    const { settings, data, bus, steps } = props
    const { orderTable, circuitBreakerTable, idempotencyTable } = data
    this.relay = new ServiceFunction(this, 'Relay', {
      settings,
      network: props.network,
      name: 'outbox-relay',
      // Less than the schedule's minute, so that its lease is over before the next run of the same shards.
      timeout: Duration.seconds(50),
      // One whole CPU: under a backlog it is what limits a run (docs/scaling.md).
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
        STEPS: Stack.of(this).toJsonString(
          steps.map(({ step, queue, deadLetterQueue }) => ({
            step,
            vendor: step,
            queueUrl: queue.queueUrl,
            deadLetterQueueUrl: deadLetterQueue.queueUrl,
            ratePerSecond: settings.vendors[step].ratePerSecond,
          })),
        ),
      },
    })
    this.relay.allow(['dynamodb:BatchGetItem', 'dynamodb:UpdateItem'], orderTable.tableArn)
    this.relay.allow(['dynamodb:Query'], orderTable.indexArn('outbox'), orderTable.indexArn('deadLetters'))
    this.relay.allow(['dynamodb:GetItem'], circuitBreakerTable.tableArn)
    this.relay.allow(['dynamodb:UpdateItem'], idempotencyTable.tableArn)
    this.relay.allow(['events:PutEvents'], bus.eventBusArn)
    this.relay.allow(
      ['sqs:SendMessage', 'sqs:GetQueueAttributes'],
      ...steps.map(({ queue }) => queue.queueArn),
    )
    this.relay.allow(['sqs:SendMessage'], ...steps.map(({ deadLetterQueue }) => deadLetterQueue.queueArn))
    // A run that failed is not repeated: the next one does the same.
    this.relay.function.configureAsyncInvoke({ retryAttempts: 0, maxEventAge: Duration.minutes(1) })
    const groups = Math.ceil(settings.outbox.shards / shardsPerRun)
    this.schedule(settings, groups)
    const { vendorDownMinutes } = settings.alarms
    observeRelay(props.observability, this.relay, steps, { groups, vendorDownMinutes })
  }

  private schedule({ outbox, speed }: Settings, groups: number): void {
    const { functionArn } = this.relay.function
    const role = new iam.Role(this, 'ScheduleRole', {
      assumedBy: new iam.ServicePrincipal('scheduler.amazonaws.com', {
        conditions: { StringEquals: { 'aws:SourceAccount': Aws.ACCOUNT_ID } },
      }),
    })
    role.addToPolicy(
      new iam.PolicyStatement({ actions: ['lambda:InvokeFunction'], resources: [functionArn] }),
    )
    // A schedule cannot say less than a minute: at speed, the embedded cloud runs it as often as speed says.
    const minutes = Math.round((outbox.relayIntervalMs * speed) / 60_000)
    for (let group = 0; group < groups; group += 1)
      new CfnSchedule(this, `Schedule${group || ''}`, {
        scheduleExpression: minutes === 1 ? 'rate(1 minute)' : `rate(${minutes} minutes)`,
        flexibleTimeWindow: { mode: 'OFF' },
        // No DLQ: the next run makes up for a lost one, and the alarm on overdue orders hears the silence.
        target: {
          arn: functionArn,
          roleArn: role.roleArn,
          input: JSON.stringify({ group, groups } satisfies Scheduled),
          retryPolicy: { maximumRetryAttempts: 0, maximumEventAgeInSeconds: 60 },
        },
      })
  }
}
