import type { Context } from 'aws-lambda'
import * as z from 'zod/mini'
import { createCircuitReader } from './adapters/circuit.ts'
import { createEventPublisher } from './adapters/event-publisher.ts'
import { createLease } from './adapters/lease.ts'
import { createOutboxRepository } from './adapters/outbox-repository.ts'
import { createStepQueue } from './adapters/step-queue.ts'
import type { RelayDeps } from './application/relay/relay-deps.ts'
import { createRelay } from './application/relay.ts'
import { createDynamoDb, createEventBridge, createSqs, systemClock } from './runtime/aws-clients.ts'
import { parseEnv } from './runtime/env.ts'
import { outboxRelayEnv, scheduled } from './runtime/relay-env.ts'
import { createTelemetry } from './runtime/telemetry.ts'

function createDeps(): RelayDeps {
  const env = parseEnv(outboxRelayEnv)
  const { documents } = createDynamoDb()
  const sqs = createSqs()
  return {
    lanes: env.LANES.map(({ step, vendor, ratePerSecond, ...urls }) => ({
      step,
      vendor,
      ratePerSecond,
      queue: createStepQueue(sqs, { ...urls, waitUnitMs: env.QUEUE_WAIT_UNIT_MS }),
      readCircuit: createCircuitReader(documents, env.CIRCUIT_BREAKER_TABLE_NAME, vendor),
    })),
    repository: createOutboxRepository(documents, env.ORDER_TABLE_NAME),
    publisher: createEventPublisher(createEventBridge(), env.EVENT_BUS_NAME),
    leaseOf: (name) => createLease(documents, env.IDEMPOTENCY_TABLE_NAME, name),
    telemetry: createTelemetry(),
    now: systemClock,
    shards: env.OUTBOX_SHARDS,
    intervalMs: env.RELAY_INTERVAL_MS,
    backoffMs: env.RELAY_BACKOFF_MS,
    graceMs: env.OUTBOX_GRACE_MS,
    waitingLimitMs: env.WAITING_LIMIT_MS,
  }
}

/** Runs every minute for each group of shards, and sends the events of overdue orders. */
export function createHandler(deps: RelayDeps) {
  const relay = createRelay(deps)
  return async (event: unknown, context: Context): Promise<void> =>
    relay(z.parse(scheduled, event), context.awsRequestId, () => context.getRemainingTimeInMillis())
}

export const handler = createHandler(createDeps())
