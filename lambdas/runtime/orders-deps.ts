import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb'
import type * as z from 'zod/mini'
import { createEventPublisher } from '../adapters/event-publisher.ts'
import { createDynamoDb, createEventBridge, systemClock } from './aws-clients.ts'
import type { cancelOrderEnv, readOrdersEnv } from './env.ts'
import { createTelemetry } from './telemetry.ts'

/** Makes what an endpoint needs of the order repository: its bundle has no more than that. */
type CreateRepository<Repository> = (client: DynamoDBDocumentClient, tableName: string) => Repository

/** What every endpoint works with on AWS. */
export const createOrdersDeps = <Repository>(
  env: z.output<typeof readOrdersEnv>,
  create: CreateRepository<Repository>,
) => ({
  repository: create(createDynamoDb().documents, env.ORDER_TABLE_NAME),
  ownerClaim: env.OWNER_CLAIM,
  telemetry: createTelemetry(),
  now: systemClock,
})

/** What an endpoint works with that publishes events. */
export const createPublishingDeps = <Repository>(
  env: Omit<z.output<typeof cancelOrderEnv>, 'ORDER_RETENTION_DAYS'>,
  create: CreateRepository<Repository>,
) => ({
  ...createOrdersDeps(env, create),
  publisher: createEventPublisher(createEventBridge(), env.EVENT_BUS_NAME),
  graceMs: env.OUTBOX_GRACE_MS,
})
