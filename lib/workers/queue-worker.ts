import { Duration, Validations } from 'aws-cdk-lib'
import { type IEventBus, Rule } from 'aws-cdk-lib/aws-events'
import { SqsQueue } from 'aws-cdk-lib/aws-events-targets'
import { Queue, QueueEncryption, type QueueProps } from 'aws-cdk-lib/aws-sqs'
import { Construct } from 'constructs'
import type { DetailType } from '../../lambdas/domain/chain.ts'
import { eventSource } from '../../lambdas/domain/events.ts'
import type { QueueEnv } from '../../lambdas/runtime/env.ts'
import { type Network, ServiceFunction } from '../functions/service-function.ts'
import { minute } from '../observability/metrics.ts'
import type { Observability } from '../observability/observability.ts'
import type { Settings } from '../settings.ts'
import type { StatefulStack } from '../stateful-stack.ts'

/** Receives after which SQS itself dead-letters a message: a safety net for one that kills its worker. */
const maxReceiveCount = 10

/** Six times the function's time-out: https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html */
const visibilityPerTimeout = 6

/** Longer than all attempts of a step, but shorter than those of a listener, which is failing by then. */
const messageAgeLimitSeconds = 300

const depth = (queue: Queue) => queue.metricApproximateNumberOfMessagesVisible(minute)

/** An event bus: CDK's interface without the member that its own class does not match under strict types. */
export type Bus = Omit<IEventBus, 'eventSourceName'>

/** Props that the stacks pass to each of their parts. */
export interface SharedProps {
  settings: Settings
  observability: Observability
  data: StatefulStack
  /** An existing network to run the functions in. */
  network?: Network | undefined
}

/** The events that a worker consumes, and its function. */
export interface QueueWorkerProps<Environment extends Record<string, string>> extends SharedProps {
  /** The events that it consumes: those of its lane, or those of some types. */
  consumes: { detail: { data: { lane: [string] } } } | { detailType: DetailType[] }
  /** Its name in alarms and on the dashboard. */
  name: string
  /** The function's file in lambdas/ without its extension. */
  file: string
  timeout: Duration
  /** Concurrent invocations, each with up to 10 messages. */
  concurrency: number
  /** The consequence of a dead-lettered message, as the end of the alarm's sentence. */
  deadLetterMeans: string
  /** The variables that its function reads besides {@link QueueEnv}. */
  environment: Environment
}

/** Rule → queue → function, with a DLQ each for rule and function, alarms, and a row on the dashboard. */
export class QueueWorker<Environment extends Record<string, string>> extends Construct {
  readonly queue: Queue
  readonly deadLetterQueue: Queue
  readonly undeliveredQueue: Queue
  readonly worker: ServiceFunction

  constructor(scope: Construct, id: string, props: QueueWorkerProps<Environment>) {
    super(scope, id)
    const { settings, data, name, file, timeout, concurrency } = props
    this.deadLetterQueue = newQueue(this, 'DeadLetterQueue', { retentionPeriod: Duration.days(14) })
    this.queue = newQueue(this, 'Queue', {
      visibilityTimeout: visibilityOf(timeout, settings.speed),
      deadLetterQueue: { queue: this.deadLetterQueue, maxReceiveCount },
    })
    this.undeliveredQueue = newQueue(this, 'UndeliveredQueue', { retentionPeriod: Duration.days(14) })
    Validations.of(this.undeliveredQueue).acknowledge({
      id: 'AwsSolutions-SQS3',
      reason: "It is the DLQ of the rule's target, which the check does not recognize.",
    })
    new Rule(this, 'Rule', {
      eventBus: data.bus,
      eventPattern: { source: [eventSource], ...props.consumes },
      targets: [new SqsQueue(this.queue, { deadLetterQueue: this.undeliveredQueue })],
    })
    const queueEnv: QueueEnv = {
      IDEMPOTENCY_TABLE_NAME: data.idempotencyTable.tableName,
      QUEUE_URL: this.queue.queueUrl,
      DEAD_LETTER_QUEUE_URL: this.deadLetterQueue.queueUrl,
      MAX_RECEIVE_COUNT: `${maxReceiveCount}`,
      QUEUE_WAIT_UNIT_MS: `${settings.queueWaitUnitMs}`,
    }
    this.worker = new ServiceFunction(this, 'Worker', {
      settings,
      name,
      file,
      timeout,
      network: props.network,
      environment: { ...props.environment, ...queueEnv },
      // It mostly waits for a vendor, with ten messages at once.
      memoryMb: 256,
    })
    this.worker.allow(
      ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes', 'sqs:ChangeMessageVisibility'],
      this.queue.queueArn,
    )
    this.worker.allow(['sqs:SendMessage'], this.deadLetterQueue.queueArn)
    this.worker.allow(
      ['dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:UpdateItem', 'dynamodb:DeleteItem'],
      data.idempotencyTable.tableArn,
    )
    this.worker.function.addEventSourceMapping('Messages', {
      eventSourceArn: this.queue.queueArn,
      batchSize: 10,
      maxConcurrency: concurrency,
      reportBatchItemFailures: true,
    })
    this.observe(props.observability, props.deadLetterMeans)
  }

  /** Adds graphs and alarms for the worker's queues. */
  private observe(observability: Observability, deadLetterMeans: string): void {
    const { queue, deadLetterQueue, undeliveredQueue: undelivered, worker } = this
    const { name } = worker
    const age = queue.metricApproximateAgeOfOldestMessage(minute)
    observability.queueDepth.addLeftMetric(depth(queue).with({ label: name }))
    observability.queueDepth.addLeftMetric(depth(deadLetterQueue).with({ label: `${name}: dead-lettered` }))
    observability.queueDepth.addLeftMetric(depth(undelivered).with({ label: `${name}: undelivered` }))
    observability.addRow(
      `${name}: queue and function`,
      {
        title: 'Messages',
        metrics: [
          depth(queue).with({ label: 'visible' }),
          queue.metricApproximateNumberOfMessagesNotVisible({ ...minute, label: 'in flight' }),
          queue.metricApproximateNumberOfMessagesDelayed({ ...minute, label: 'delayed' }),
        ],
      },
      { title: 'Age (seconds)', metrics: [age.with({ label: 'oldest message' })] },
      observability.observeFunction(worker),
    )
    // Depth, since NumberOfMessagesSent does not count messages that SQS itself moves to a DLQ.
    observability.alarm(this, 'DeadLettered', {
      description: `Messages of ${name} are dead-lettered: ${deadLetterMeans}.`,
      runbookHeading: 'Dead-lettered orders',
      metric: depth(deadLetterQueue),
      threshold: 0,
    })
    observability.alarm(this, 'Undelivered', {
      description: `EventBridge could not deliver events to the queue of ${name}.`,
      runbookHeading: 'Undelivered events',
      metric: depth(undelivered),
      threshold: 0,
    })
    observability.alarm(this, 'FallsBehind', {
      description: `The oldest message of ${name} is more than ${messageAgeLimitSeconds} seconds old.`,
      runbookHeading: 'A queue falls behind',
      metric: age,
      threshold: messageAgeLimitSeconds,
      periods: 3,
    })
  }
}

function newQueue(scope: Construct, id: string, props: QueueProps): Queue {
  // EventBridge can send to SSE-SQS queues; with the AWS managed KMS key it fails silently.
  return new Queue(scope, id, { ...props, encryption: QueueEncryption.SQS_MANAGED, enforceSSL: true })
}

/** Divided by speed, but never shorter than the function may run. */
function visibilityOf(timeout: Duration, speed: number): Duration {
  const seconds = timeout.toSeconds()
  return Duration.seconds(Math.max(Math.ceil((visibilityPerTimeout * seconds) / speed), seconds + 1))
}
