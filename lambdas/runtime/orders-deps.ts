import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb'
import type * as z from 'zod/mini'
import { createEventPublisher } from '../adapters/event-publisher.ts'
import { createDynamoDb, createEventBridge, systemClock } from './aws-clients.ts'
import type { cancelOrderEnv, readOrdersEnv } from './env.ts'
import { createTelemetry } from './telemetry.ts'

/** Creates only the part of the order repository that an endpoint needs, to keep its bundle small. */
type CreateRepository<Repository> = (client: DynamoDBDocumentClient, tableName: string) => Repository

/** Dependencies of every endpoint on AWS. */
export const createOrdersDeps = <Repository>(
  env: z.output<typeof readOrdersEnv>,
  create: CreateRepository<Repository>,
) => ({
  repository: create(createDynamoDb().documents, env.ORDER_TABLE_NAME),
  ownerClaim: env.OWNER_CLAIM,
  telemetry: createTelemetry(),
  now: systemClock,
})

/** Dependencies of an endpoint that publishes events. */
export const createPublishingDeps = <Repository>(
  env: Omit<z.output<typeof cancelOrderEnv>, 'ORDER_RETENTION_DAYS'>,
  create: CreateRepository<Repository>,
) => ({
  ...createOrdersDeps(env, create),
  publisher: createEventPublisher(createEventBridge(), env.EVENT_BUS_NAME),
  graceMs: env.OUTBOX_GRACE_MS,
})
