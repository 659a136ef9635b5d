import * as z from 'zod/mini'
import { type Environment, positive, text } from './env.ts'

/** What a listener's frame finds in its environment. */
export const listenerEnv = z.object({
  /** Tells its records in the idempotency table from other listeners'. */
  LISTENER_NAME: text,
  IDEMPOTENCY_TABLE_NAME: text,
  QUEUE_URL: text,
  DEAD_LETTER_QUEUE_URL: text,
  /** The queue's maxReceiveCount: after this many receives SQS dead-letters a message. */
  MAX_RECEIVE_COUNT: positive,
  /** The unit in which the queue can wait: 1,000 on AWS (VisibilityTimeout is in whole seconds). */
  QUEUE_WAIT_UNIT_MS: positive,
})
/** Environment of a listener's frame. */
export type ListenerEnv = Environment<typeof listenerEnv>
