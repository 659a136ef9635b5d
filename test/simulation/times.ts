/**
 * The production times, except for a shorter waiting limit: a day of probes shows no more than an hour of them.
 * test/lib/simulation-times.test.ts compares them with the templates, times.test.ts with the clients of lambdas/.
 */
export const times = {
  retryDelaysMs: [1000, 5000, 20_000, 60_000],
  waitingLimitMs: 3_600_000,
  graceMs: 60_000,
  relayIntervalMs: 60_000,
  backoffMs: [60_000, 120_000, 240_000, 480_000, 900_000],
  vendorTimeoutMs: 3000,
  settleMs: 60_000,
  workerTimeoutMs: 28_000,
  claimMs: 29_000,
  breaker: { failureThreshold: 5, openMs: 10_000, maxOpenMs: 300_000, cacheMs: 2000 },
}

/** Receives of a message before SQS dead-letters it. */
export const maxReceiveCount = 10

/** The SDK clients' attempts and time-outs. The bus has a shorter time-out because a buyer waits for it. */
export const sdk = { attempts: 2, requestTimeoutMs: 1000, busTimeoutMs: 700 }
