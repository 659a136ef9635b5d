import { eventsPerOrder, outboxWritesPerStep, writeUnitsPerOrder } from './price.ts'
import { invocationsPerConcurrency, type QuotaName, quotas } from './quotas.ts'
import type { Plan } from './simulation.ts'

/** How many partitions a consumer's share of the outbox index has: lambdas/domain/outbox.ts. */
const outboxShards = 16
const batchSize = 10
const clickSeconds = 0.03
const ownSeconds = 0.06
const steps = 2

/** How much of each quota a plan needs, and the rate of orders at which it is used up. */
export function limitsOf(plan: Plan): { quota: QuotaName; needed: number; ordersPerSecondAtLimit: number }[] {
  const rate = plan.ordersPerSecond
  const workers = (rate * (plan.vendorLatencyMs / 1000 + ownSeconds)) / batchSize
  const click = Math.max(rate * clickSeconds, rate / invocationsPerConcurrency)
  const needed: Record<QuotaName, number> = {
    apiRequests: rate,
    concurrency: click + steps * workers,
    putEvents: rate * eventsPerOrder,
    invocations: rate * steps,
    tableWrites: rate * (writeUnitsPerOrder - 4),
    shardWrites: (rate * outboxWritesPerStep) / outboxShards,
    ownerWrites: rate,
    pollers: workers,
  }
  return (Object.keys(quotas) as QuotaName[]).map((quota) => ({
    quota,
    needed: needed[quota],
    ordersPerSecondAtLimit: (quotas[quota].limit / needed[quota]) * rate,
  }))
}
