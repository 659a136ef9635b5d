import { Duration } from 'aws-cdk-lib'
import type { Construct } from 'constructs'
import type { DetailType } from '../../lambdas/domain/chain.ts'
import type { ListenerEnv, QueueEnv } from '../../lambdas/runtime/env.ts'
import { QueueWorker, type SharedProps } from './queue-worker.ts'

/** The events that a listener consumes, and its function. */
export interface ListenerProps extends SharedProps {
  /** The events that its function has a handler for. */
  detailTypes: DetailType[]
  /** The function's file in lambdas/ without its extension. */
  name: string
  /** Concurrent invocations, each with up to 10 events; at least 2. */
  concurrency: number
  /** The variables that its own function reads. */
  environment: Record<string, string>
}

/** A listener beside the chain: its function handles each event once. */
export class Listener extends QueueWorker<Omit<ListenerEnv, keyof QueueEnv>> {
  constructor(scope: Construct, id: string, props: ListenerProps) {
    super(scope, id, {
      ...props,
      file: props.name,
      consumes: { detailType: props.detailTypes },
      timeout: Duration.seconds(30),
      deadLetterMeans: 'their events are not handled',
      environment: { ...props.environment, LISTENER_NAME: props.name },
    })
  }
}
