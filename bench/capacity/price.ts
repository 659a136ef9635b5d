import { costOf } from '../cost/prices.ts'
import type { Plan } from './simulation.ts'

/**
 * Write units of an order of up to 2 KB: 2 for each of its six writes, 4 for two locks, and the indexes' share:
 * one in byOwner; in the outbox index two wherever its key changes, one where it comes or goes.
 */
export const writeUnitsPerOrder = 6 * 2 + 4 + 1 + (1 + 2 + 2 + 2 + 2 + 1)
/** The writes among them that meet one step's partitions of the outbox index: in, moved by the claim, out. */
export const outboxWritesPerStep = 4
export const eventsPerOrder = 3
const stepsPerOrder = 2
/** Log lines and metrics of an order, in bytes. */
const logBytesPerOrder = 4000
const clickSeconds = 0.03
const clickGb = 1
const workerGb = 0.25

/** What a day of such orders costs, by service. Batches are full only while a queue is deep. */
export function costPerDay(plan: Plan): Record<string, number> {
  const orders = plan.ordersPerSecond * 86_400
  const batch = Math.max(1, Math.min(10, plan.ordersPerSecond * 0.1))
  const invocations = (orders * stepsPerOrder) / batch
  const workerSeconds = invocations * (plan.vendorLatencyMs / 1000 + 0.1)
  return {
    'API Gateway': costOf('apiRequest', orders),
    'Lambda, click':
      costOf('lambdaRequest', orders) + costOf('lambdaGbSecond', orders * clickSeconds * clickGb),
    'Lambda, workers':
      costOf('lambdaRequest', invocations) + costOf('lambdaGbSecond', workerSeconds * workerGb),
    DynamoDB: costOf('writeUnit', orders * writeUnitsPerOrder),
    EventBridge: costOf('event', orders * eventsPerOrder),
    // A message is sent once; it is received and deleted with its batch.
    SQS: costOf('queueRequest', orders * stepsPerOrder * (1 + 2 / batch)),
    'CloudWatch Logs': costOf('logGb', (orders * logBytesPerOrder) / 1e9),
  }
}
