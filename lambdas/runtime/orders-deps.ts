import type * as z from 'zod/mini'
import { createEventPublisher } from '../adapters/event-publisher.ts'
import { createOrderRepository } from '../adapters/order-repository.ts'
import { createDynamoDb, createEventBridge, systemClock } from './aws-clients.ts'
import type { cancelOrderEnv, readOrdersEnv } from './env.ts'
import { createTelemetry } from './telemetry.ts'

/** What every endpoint works with on AWS. */
export const createOrdersDeps = (env: z.output<typeof readOrdersEnv>) => ({
  repository: createOrderRepository(createDynamoDb().documents, env.ORDER_TABLE_NAME),
  ownerClaim: env.OWNER_CLAIM,
  telemetry: createTelemetry(),
  now: systemClock,
})

/** What an endpoint works with that publishes events. */
export const createPublishingDeps = (env: Omit<z.output<typeof cancelOrderEnv>, 'ORDER_RETENTION_DAYS'>) => ({
  ...createOrdersDeps(env),
  publisher: createEventPublisher(createEventBridge(), env.EVENT_BUS_NAME),
  graceMs: env.OUTBOX_GRACE_MS,
})
