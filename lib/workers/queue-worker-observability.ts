import { Duration } from 'aws-cdk-lib'
import type { Queue } from 'aws-cdk-lib/aws-sqs'
import type { Construct } from 'constructs'
import type { ServiceFunction } from '../functions/service-function.ts'
import { observeFunction } from '../observability/function-observability.ts'
import type { Observability } from '../observability/observability.ts'

/** More than all attempts of a step take, and less than those of a listener, which is not well by then. */
const messageAgeLimitSeconds = 300
const minute = { period: Duration.minutes(1) }

const depth = (queue: Queue) => queue.metricApproximateNumberOfMessagesVisible(minute)

/** A worker with its queues, and where its alarms are made. */
export interface QueueWorkerToObserve {
  scope: Construct
  worker: ServiceFunction
  queue: Queue
  deadLetterQueue: Queue
  /** What EventBridge could not put into the queue. */
  undelivered: Queue
  deadLetterMeans: string
}

/** Puts a worker's queues on the dashboard, and an alarm on each thing that can go wrong with them. */
export function observeQueueWorker(
  observability: Observability,
  { scope, worker, queue, deadLetterQueue, undelivered, deadLetterMeans }: QueueWorkerToObserve,
): void {
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
    observeFunction(observability, worker).graph,
  )
  // Depth, and not NumberOfMessagesSent, which does not count what SQS moves by itself.
  observability.alarm(scope, 'DeadLettered', {
    description: `Messages of ${name} are dead-lettered: ${deadLetterMeans}.`,
    runbookHeading: 'Dead-lettered orders',
    metric: depth(deadLetterQueue),
    threshold: 0,
  })
  observability.alarm(scope, 'Undelivered', {
    description: `EventBridge could not deliver events to the queue of ${name}.`,
    runbookHeading: 'Undelivered events',
    metric: depth(undelivered),
    threshold: 0,
  })
  observability.alarm(scope, 'FallsBehind', {
    description: `The oldest message of ${name} is more than ${messageAgeLimitSeconds} seconds old.`,
    runbookHeading: 'A queue falls behind',
    metric: age,
    threshold: messageAgeLimitSeconds,
    periods: 3,
  })
}
