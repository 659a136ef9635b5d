import { Duration } from 'aws-cdk-lib'
import type { Construct } from 'constructs'
import type { DetailType } from '../../lambdas/domain/chain.ts'
import type { ListenerEnv } from '../../lambdas/runtime/listener-env.ts'
import type { Settings } from '../config.ts'
import type { Network } from '../functions/network.ts'
import type { Observability } from '../observability/observability.ts'
import type { StatefulStack } from '../stateful-stack.ts'
import { type Bus, maxReceiveCount, QueueWorker } from './queue-worker.ts'

/** What a listener listens to and runs. */
export interface ListenerProps {
  settings: Settings
  observability: Observability
  data: StatefulStack
  bus: Bus
  network?: Network | undefined
  /** The events that its function has a handler for. */
  detailTypes: DetailType[]
  /** The function's file in lambdas/ without its extension. */
  name: string
  /** Invocations at a time, each with up to 10 events at once; at least 2. */
  concurrency: number
  /** The variables that its own function reads. */
  environment: Record<string, string>
}

/** A listener beside the chain: a QueueWorker whose function gets each event once, and does with it what it likes. */
export class Listener extends QueueWorker<ListenerEnv> {
  constructor(scope: Construct, id: string, props: ListenerProps) {
    const { settings, data, name } = props
    super(scope, id, {
      settings,
      observability: props.observability,
      data,
      bus: props.bus,
      network: props.network,
      consumes: { detailType: props.detailTypes },
      name,
      timeout: Duration.seconds(30),
      concurrency: props.concurrency,
      deadLetterMeans: 'their events are not handled',
      environment: ({ queue, deadLetterQueue }) => ({
        ...props.environment,
        LISTENER_NAME: name,
        IDEMPOTENCY_TABLE_NAME: data.idempotencyTable.tableName,
        QUEUE_URL: queue.queueUrl,
        DEAD_LETTER_QUEUE_URL: deadLetterQueue.queueUrl,
        MAX_RECEIVE_COUNT: `${maxReceiveCount}`,
        QUEUE_WAIT_UNIT_MS: `${settings.queueWaitUnitMs}`,
      }),
    })
  }
}
