import { routes } from '../builders.ts'

/** The vendor of {@link environment}. */
export const vendorSettings = {
  name: 'carrier',
  calls: 1,
  adapter: 'contract',
  options: {},
  auth: 'bearer',
  url: 'https://carrier.example',
  timeoutMs: 3000,
  honoursIdempotencyKey: false,
  canBeLookedUp: true,
  canBeCancelled: true,
  settleMs: 60_000,
  keysKeptHours: 24,
  codes: { OVERLOADED: 'try-again' },
  ratePerSecond: 50,
  concurrency: 4,
}

/** An environment in which every function starts: handler files parse theirs when they are imported. */
export const environment = {
  AWS_REGION: 'us-east-1',
  AWS_ACCESS_KEY_ID: 'test',
  AWS_SECRET_ACCESS_KEY: 'test',
  ORDER_TABLE_NAME: 'orders',
  OWNER_CLAIM: 'sub',
  IDEMPOTENCY_TABLE_NAME: 'locks',
  CIRCUIT_BREAKER_TABLE_NAME: 'circuits',
  EVENT_BUS_NAME: 'bus',
  OUTBOX_SHARDS: '16',
  LIMITS: '{}',
  QUEUE_URL: 'queue',
  DEAD_LETTER_QUEUE_URL: 'dlq',
  ORDER_RETENTION_DAYS: '30',
  OUTBOX_GRACE_MS: '60000',
  MAX_RECEIVE_COUNT: '10',
  CLAIM_MS: '21000',
  QUEUE_WAIT_UNIT_MS: '1000',
  WAITING_LIMIT_MS: '86400000',
  VENDOR_SECRET_ARN: 'arn:aws:secretsmanager:us-east-1:000000000000:secret:carrier',
  VENDOR: JSON.stringify(vendorSettings),
  RETRY: JSON.stringify({ delaysMs: [1000, 5000, 20_000, 60_000], waitingLimitMs: 86_400_000 }),
  BREAKER: JSON.stringify({ failureThreshold: 5, openMs: 10_000, maxOpenMs: 300_000, cacheMs: 2000 }),
  RELAY_INTERVAL_MS: '60000',
  RELAY_BACKOFF_MS: '[60000,120000]',
  ROUTES: JSON.stringify(routes),
  LANES: JSON.stringify([
    { step: 'logistics', vendor: 'carrier', queueUrl: 'queue', deadLetterQueueUrl: 'dlq', ratePerSecond: 50 },
  ]),
}
