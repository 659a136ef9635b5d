import type { Context } from 'aws-lambda'
import { createCircuitReader } from './adapters/circuit-breaker.ts'
import { createEventPublisher } from './adapters/event-publisher.ts'
import { createOrderRepository } from './adapters/order-repository.ts'
import { createStepQueue } from './adapters/step-queue.ts'
import { createRelay, type RelayDeps } from './application/relay.ts'
import { createDynamoDb, createEventBridge, createSqs, systemClock } from './runtime/aws-clients.ts'
import { parseEnv } from './runtime/env.ts'
import { outboxRelayEnv } from './runtime/relay-env.ts'
import { createTelemetry } from './runtime/telemetry.ts'

function createDeps(): RelayDeps {
  const env = parseEnv(outboxRelayEnv)
  const { documents } = createDynamoDb()
  const sqs = createSqs()
  return {
    steps: env.STEPS.map(({ step, vendor, ratePerSecond, ...urls }) => ({
      step,
      vendor,
      ratePerSecond,
      queue: createStepQueue(sqs, { ...urls, waitUnitMs: env.QUEUE_WAIT_UNIT_MS }),
      readCircuit: createCircuitReader(documents, env.CIRCUIT_BREAKER_TABLE_NAME, vendor),
    })),
    repository: createOrderRepository(documents, env.ORDER_TABLE_NAME),
    publisher: createEventPublisher(createEventBridge(), env.EVENT_BUS_NAME),
    telemetry: createTelemetry(),
    now: systemClock,
    intervalMs: env.RELAY_INTERVAL_MS,
    backoffMs: env.RELAY_BACKOFF_MS,
    graceMs: env.OUTBOX_GRACE_MS,
  }
}

/** Every minute: looks after the orders that should have got on by now. */
export function createHandler(deps: RelayDeps) {
  const relay = createRelay(deps)
  return (_event: unknown, context: Context): Promise<void> => relay(() => context.getRemainingTimeInMillis())
}

export const handler = createHandler(createDeps())
