import type { Values } from './config-schema.ts'

/** Defaults for an environment's config: everything but the vendors and their routes. */
export const defaults: Omit<Values, 'vendors' | 'routes'> = {
  retainData: false,
  logLevel: 'DEBUG',
  logRetentionDays: 7,
  orderRetentionDays: 30,
  eventArchiveDays: 7,
  clients: { 'smoke-tests': 'shop', support: 'support' },
  throttle: { ratePerSecond: 500, burst: 1000 },
  gradualRelease: false,
  alarms: { vendorDownMinutes: 10, runbookUrl: 'docs/runbook.md' },
  retry: { delaysMs: [1000, 5000, 20_000, 60_000], waitingLimitMs: 24 * 3_600_000 },
  breaker: { failureThreshold: 5, openMs: 10_000, maxOpenMs: 300_000, cacheMs: 2000 },
  outbox: {
    graceMs: 60_000,
    relayIntervalMs: 60_000,
    backoffMs: [60_000, 120_000, 240_000, 480_000, 900_000],
    shards: 16,
  },
}

/** Defaults for a vendor's config. Its URL, idempotency, rate and concurrency have none. */
export const vendorDefaults = {
  adapter: 'contract',
  options: {},
  auth: 'bearer' as const,
  limits: {},
  timeoutMs: 3000,
  canBeLookedUp: true,
  canBeCancelled: true,
  settleMs: 60_000,
  keysKeptHours: 30 * 24,
  codes: {},
} satisfies Partial<Values['vendors'][string]>
