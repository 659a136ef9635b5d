import { createCircuitBreaker } from '../adapters/circuit-breaker.ts'
import { createEventPublisher } from '../adapters/event-publisher.ts'
import { createOrderRepository } from '../adapters/order-repository.ts'
import { createStepQueue } from '../adapters/step-queue.ts'
import { type CreateClient, createSafeClient } from '../adapters/vendor-client.ts'
import { createVendorCredential } from '../adapters/vendor-credential.ts'
import { createVendorHttp } from '../adapters/vendor-http.ts'
import { createVendorItem } from '../adapters/vendor-item.ts'
import { createVendorPace } from '../adapters/vendor-pace.ts'
import { asError } from '../application/telemetry.ts'
import type { Link } from '../domain/chain.ts'
import {
  createDynamoDb,
  createEventBridge,
  createSecretsManager,
  createSqs,
  systemClock,
  systemSleep,
} from './aws-clients.ts'
import { dayMs, parseEnv } from './env.ts'
import { createLock } from './lock.ts'
import type { StepWorkerDeps } from './step-worker.ts'
import { stepWorkerEnv, vendorCallsMs } from './step-worker-env.ts'
import { createTelemetry } from './telemetry.ts'

/** A step worker's dependencies on AWS, from its environment. `clients` are keyed by adapter name. */
export function createStepWorkerDeps(
  step: Link,
  clients: Readonly<Record<string, CreateClient>>,
): StepWorkerDeps {
  const env = parseEnv(stepWorkerEnv)
  const { client, documents } = createDynamoDb()
  const telemetry = createTelemetry()
  const { VENDOR: vendor, BREAKER: breaker, CLAIM_MS: claimMs } = env
  const createClient = clients[vendor.adapter]
  if (createClient === undefined) throw new Error(`${step.name} has no adapter ${vendor.adapter}`)
  const credential = createVendorCredential(createSecretsManager(), env.VENDOR_SECRET_ARN)
  const http = createVendorHttp({ ...vendor, credential, fetch: globalThis.fetch, now: systemClock })
  const policy = {
    ...env.RETRY,
    graceMs: env.OUTBOX_GRACE_MS,
    claimMs,
    maxReceiveCount: env.MAX_RECEIVE_COUNT,
    waitUnitMs: env.QUEUE_WAIT_UNIT_MS,
    pauseMs: breaker.openMs,
    // The vendor calls, and the AWS calls around them.
    neededMs: vendorCallsMs(vendor) + 2000,
    retentionMs: env.ORDER_RETENTION_DAYS * dayMs,
  }
  const item = createVendorItem(documents, {
    tableName: env.CIRCUIT_BREAKER_TABLE_NAME,
    vendor: vendor.name,
    cacheMs: breaker.cacheMs,
  })
  const onItemError = (error: unknown) =>
    telemetry.warn('Circuit breaker unavailable, it counts as closed', {
      vendor: vendor.name,
      error: asError(error),
    })
  return {
    step,
    vendorName: vendor.name,
    client: createSafeClient(http, (each) => createClient(each, vendor.codes, vendor.options)),
    clientCalls: vendor.calls,
    traits: { ...vendor, keysKeptMs: vendor.keysKeptHours * 3_600_000, claimMs },
    repository: createOrderRepository(documents, env.ORDER_TABLE_NAME),
    publisher: createEventPublisher(createEventBridge(), env.EVENT_BUS_NAME),
    breaker: createCircuitBreaker(item, {
      policy: { ...breaker, probeMs: claimMs },
      onError: onItemError,
    }),
    pace: createVendorPace(item, { ratePerSecond: vendor.ratePerSecond, onError: onItemError }),
    concurrency: vendor.concurrency,
    queue: createStepQueue(createSqs(), {
      queueUrl: env.QUEUE_URL,
      deadLetterQueueUrl: env.DEAD_LETTER_QUEUE_URL,
      waitUnitMs: env.QUEUE_WAIT_UNIT_MS,
    }),
    // The order's status decides; a lock that is remembered for an hour only saves calls.
    lock: createLock(client, { tableName: env.IDEMPOTENCY_TABLE_NAME, expiresAfterSeconds: 3600 }),
    policy,
    telemetry,
    now: systemClock,
    sleep: systemSleep,
    random: Math.random,
  }
}
