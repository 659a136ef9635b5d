import * as z from 'zod/mini'
import { consumeMessages, type Environment, text } from './env.ts'

/** What a listener's frame finds in its environment. */
export const listenerEnv = z.object({
  ...consumeMessages,
  /** Tells its records in the idempotency table from other listeners'. */
  LISTENER_NAME: text,
})
/** Environment of a listener's frame. */
export type ListenerEnv = Environment<typeof listenerEnv>
