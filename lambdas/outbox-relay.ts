import { createCircuitReader } from './adapters/circuit-breaker.ts'
import { createEventPublisher } from './adapters/event-publisher.ts'
import { createOrderRepository } from './adapters/order-repository.ts'
import { createStepQueue } from './adapters/step-queue.ts'
import { parseEnv } from './runtime/env.ts'
import { liveClock, liveDynamoDb, liveEventBridge, liveSqs } from './runtime/live.ts'
import { createTelemetry } from './runtime/powertools.ts'
import { createRelay, type RelayParts } from './runtime/relay.ts'
import { outboxRelayEnv } from './runtime/relay-env.ts'

function live(): RelayParts {
  const env = parseEnv(outboxRelayEnv)
  const { documents } = liveDynamoDb()
  const sqs = liveSqs()
  return {
    steps: env.STEPS.map(({ step, vendor, ratePerSecond, ...urls }) => ({
      ...{ step, vendor, ratePerSecond },
      queue: createStepQueue(sqs, { ...urls, waitUnitMs: env.QUEUE_WAIT_UNIT_MS }),
      readCircuit: createCircuitReader(documents, env.CIRCUIT_BREAKER_TABLE_NAME, vendor),
    })),
    repository: createOrderRepository(documents, env.ORDER_TABLE_NAME),
    publisher: createEventPublisher(liveEventBridge(), env.EVENT_BUS_NAME),
    telemetry: createTelemetry(),
    now: liveClock,
    intervalMs: env.RELAY_INTERVAL_MS,
    backoffMs: env.RELAY_BACKOFF_MS,
    graceMs: env.OUTBOX_GRACE_MS,
  }
}

/** Every minute: looks after the orders that should have got on by now. */
export const handler = createRelay(live())
