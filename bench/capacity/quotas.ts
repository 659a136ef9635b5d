import { links } from '../../lambdas/domain/chain.ts'
import { defaults } from '../../lib/defaults.ts'
import { batchSize, ownCallsMs, type Plan } from './model.ts'

/** A default AWS quota in us-east-1, and how much of it a plan needs. */
export interface Quota {
  name: string
  limit: number
  adjustable: boolean
  source: string
  needed: (plan: Plan) => number
}

const lambdaGuide = 'https://docs.aws.amazon.com/lambda/latest/dg'
const dynamoDbGuide = 'https://docs.aws.amazon.com/amazondynamodb/latest/developerguide'
const eventBridgeQuotas = 'https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-quota.html'

const eventsPerOrder = links.length + 1
/** Six writes of an order of up to 2 KB, one each to byOwner and byAwb, and six to the outbox index; `npx orderctl cost` measures them. */
const writeUnitsPerOrder = 6 * 2 + 2 + 6
/** Writes to one step's partitions of the outbox index: one adds an entry, one removes it. Claims do not move it. */
const outboxWritesPerStep = 2
const clickSeconds = 0.03
/** Synchronous invocations per second of an instance: https://docs.aws.amazon.com/lambda/latest/dg/lambda-concurrency.html */
const invocationsPerInstance = 10

const clickInstances = ({ ordersPerSecond }: Plan): number =>
  ordersPerSecond * Math.max(clickSeconds, 1 / invocationsPerInstance)
const workerInstances = ({ ordersPerSecond, vendorLatencyMs }: Plan): number =>
  (ordersPerSecond * (vendorLatencyMs + ownCallsMs)) / 1000 / batchSize

/** The quotas that limit the pipeline's throughput. */
export const quotas: readonly Quota[] = [
  {
    name: 'API Gateway, requests/s of an account',
    limit: 10_000,
    adjustable: true,
    source: 'https://docs.aws.amazon.com/apigateway/latest/developerguide/limits.html',
    needed: ({ ordersPerSecond }) => ordersPerSecond,
  },
  {
    name: 'Lambda, concurrent executions of an account',
    limit: 1000,
    adjustable: true,
    source: `${lambdaGuide}/gettingstarted-limits.html`,
    needed: (plan) => clickInstances(plan) + links.length * workerInstances(plan),
  },
  {
    name: 'EventBridge, PutEvents/s of an account',
    limit: 10_000,
    adjustable: true,
    source: eventBridgeQuotas,
    needed: ({ ordersPerSecond }) => ordersPerSecond * eventsPerOrder,
  },
  {
    name: 'EventBridge, deliveries/s to targets',
    limit: 18_750,
    adjustable: true,
    source: eventBridgeQuotas,
    needed: ({ ordersPerSecond }) => ordersPerSecond * links.length,
  },
  {
    name: 'DynamoDB, write units/s of a table on demand',
    limit: 40_000,
    adjustable: true,
    source: `${dynamoDbGuide}/ServiceQuotas.html`,
    needed: ({ ordersPerSecond }) => ordersPerSecond * writeUnitsPerOrder,
  },
  {
    name: 'DynamoDB, write units/s of one partition: a shard of the outbox index',
    limit: 1000,
    adjustable: false,
    source: `${dynamoDbGuide}/bp-partition-key-design.html`,
    needed: ({ ordersPerSecond }) => (ordersPerSecond * outboxWritesPerStep) / defaults.outbox.shards,
  },
  {
    name: 'DynamoDB, write units/s of one partition: byOwner, if one owner places all orders',
    limit: 1000,
    adjustable: false,
    source: `${dynamoDbGuide}/bp-partition-key-design.html`,
    needed: ({ ordersPerSecond }) => ordersPerSecond,
  },
  {
    name: 'Lambda, concurrent invocations of one queue',
    limit: 1000,
    adjustable: false,
    source: `${lambdaGuide}/services-sqs-scaling.html`,
    needed: workerInstances,
  },
]
