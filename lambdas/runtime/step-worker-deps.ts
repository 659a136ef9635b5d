import { createCircuitBreaker } from '../adapters/circuit-breaker.ts'
import { createEventPublisher } from '../adapters/event-publisher.ts'
import { createOrderRepository } from '../adapters/order-repository.ts'
import { createStepQueue } from '../adapters/step-queue.ts'
import type { VendorClient, VendorCodes } from '../adapters/vendor-client.ts'
import { createVendorCredential } from '../adapters/vendor-credential.ts'
import { createVendorHttp, type VendorHttp } from '../adapters/vendor-http.ts'
import { createVendorItem } from '../adapters/vendor-item.ts'
import { createVendorPace } from '../adapters/vendor-pace.ts'
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
import { stepWorkerEnv } from './step-worker-env.ts'
import { createTelemetry } from './telemetry.ts'

/** A step's worker with the real AWS and the real vendor, as its environment says. */
export function createStepWorkerDeps(
  step: Link,
  createClient: (http: VendorHttp, codes: VendorCodes) => VendorClient,
): StepWorkerDeps {
  const env = parseEnv(stepWorkerEnv)
  const { client, documents } = createDynamoDb()
  const telemetry = createTelemetry()
  const policy = {
    delaysMs: env.RETRY_DELAYS_MS,
    waitingLimitMs: env.WAITING_LIMIT_MS,
    waitMs: env.OUTBOX_GRACE_MS,
    graceMs: env.OUTBOX_GRACE_MS,
    longestVisibleWaitMs: 60 * env.QUEUE_WAIT_UNIT_MS,
    claimMs: env.CLAIM_MS,
    maxReceiveCount: env.MAX_RECEIVE_COUNT,
    waitUnitMs: env.QUEUE_WAIT_UNIT_MS,
    pauseMs: env.BREAKER_OPEN_MS,
    // A look-up, a create and another look-up, and the calls of ours around them.
    neededMs: 3 * env.VENDOR_TIMEOUT_MS + 2000,
    retentionMs: env.ORDER_RETENTION_DAYS * dayMs,
  }
  const item = createVendorItem(documents, {
    tableName: env.CIRCUIT_BREAKER_TABLE_NAME,
    vendor: env.VENDOR_NAME,
    cacheMs: env.BREAKER_CACHE_MS,
  })
  const onItemError = (error: unknown) =>
    telemetry.warn('Circuit breaker out of reach, it counts as closed', {
      vendor: env.VENDOR_NAME,
      error: error instanceof Error ? error : String(error),
    })
  return {
    step,
    vendorName: env.VENDOR_NAME,
    client: createClient(
      createVendorHttp({
        baseUrl: env.VENDOR_URL,
        timeoutMs: env.VENDOR_TIMEOUT_MS,
        credential: createVendorCredential(createSecretsManager(), env.VENDOR_SECRET_ARN),
        fetch: globalThis.fetch,
        now: systemClock,
      }),
      env.VENDOR_CODES,
    ),
    traits: {
      honoursIdempotencyKey: env.VENDOR_HONOURS_IDEMPOTENCY_KEY,
      canBeLookedUp: env.VENDOR_CAN_BE_LOOKED_UP,
      canBeCancelled: env.VENDOR_CAN_BE_CANCELLED,
      settleMs: env.VENDOR_SETTLE_MS,
      keysKeptMs: env.VENDOR_KEYS_KEPT_MS,
      claimMs: env.CLAIM_MS,
    },
    repository: createOrderRepository(documents, env.ORDER_TABLE_NAME),
    publisher: createEventPublisher(createEventBridge(), env.EVENT_BUS_NAME),
    breaker: createCircuitBreaker(item, {
      policy: {
        failureThreshold: env.BREAKER_FAILURE_THRESHOLD,
        openMs: env.BREAKER_OPEN_MS,
        maxOpenMs: env.BREAKER_MAX_OPEN_MS,
        probeMs: env.CLAIM_MS,
      },
      onError: onItemError,
    }),
    pace: createVendorPace(item, { ratePerSecond: env.VENDOR_RATE_PER_SECOND, onError: onItemError }),
    concurrency: env.VENDOR_CONCURRENCY,
    queue: createStepQueue(createSqs(), {
      queueUrl: env.QUEUE_URL,
      deadLetterQueueUrl: env.DEAD_LETTER_QUEUE_URL,
      waitUnitMs: env.QUEUE_WAIT_UNIT_MS,
    }),
    // The order's status is the truth; a lock that is remembered for an hour spares calls.
    lock: createLock(client, { tableName: env.IDEMPOTENCY_TABLE_NAME, expiresAfterSeconds: 3600 }),
    policy,
    telemetry,
    now: systemClock,
    sleep: systemSleep,
    random: Math.random,
  }
}
