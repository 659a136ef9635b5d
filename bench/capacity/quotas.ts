/** A limit of AWS as it is by default, in us-east-1, and where it is written. */
export interface Quota {
  name: string
  limit: number
  unit: string
  adjustable: boolean
  source: string
}

const lambdaGuide = 'https://docs.aws.amazon.com/lambda/latest/dg'
const dynamoDbGuide = 'https://docs.aws.amazon.com/amazondynamodb/latest/developerguide'

/** What stands in the way first, service by service. */
export const quotas = {
  apiRequests: {
    name: 'API Gateway, requests of an account',
    limit: 10_000,
    unit: '/s',
    adjustable: true,
    source: 'https://docs.aws.amazon.com/apigateway/latest/developerguide/limits.html',
  },
  concurrency: {
    name: 'Lambda, concurrent executions of an account',
    limit: 1000,
    unit: '',
    adjustable: true,
    source: `${lambdaGuide}/gettingstarted-limits.html`,
  },
  putEvents: {
    name: 'EventBridge, PutEvents of an account',
    limit: 10_000,
    unit: '/s',
    adjustable: true,
    source: 'https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-quota.html',
  },
  invocations: {
    name: 'EventBridge, deliveries to targets',
    limit: 18_750,
    unit: '/s',
    adjustable: true,
    source: 'https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-quota.html',
  },
  tableWrites: {
    name: 'DynamoDB, write units of a table on demand',
    limit: 40_000,
    unit: '/s',
    adjustable: true,
    source: `${dynamoDbGuide}/ServiceQuotas.html`,
  },
  shardWrites: {
    name: 'DynamoDB, write units of one partition: a shard of the outbox index',
    limit: 1000,
    unit: '/s',
    adjustable: false,
    source: `${dynamoDbGuide}/bp-partition-key-design.html`,
  },
  ownerWrites: {
    name: 'DynamoDB, write units of one partition: one owner in byOwner, if all orders are his',
    limit: 1000,
    unit: '/s',
    adjustable: false,
    source: `${dynamoDbGuide}/bp-partition-key-design.html`,
  },
  pollers: {
    name: 'Lambda, concurrent invocations of one queue',
    limit: 1000,
    unit: '',
    adjustable: false,
    source: `${lambdaGuide}/services-sqs-scaling.html`,
  },
} as const satisfies Record<string, Quota>
export type QuotaName = keyof typeof quotas

/** A function can be invoked synchronously ten times a second for each unit of its concurrency. */
export const invocationsPerConcurrency = 10
/** A queue's pollers start at five invocations and add 300 a minute: services-sqs-scaling.html, above. */
export const firstPollers = 5
export const pollersPerSecond = 300 / 60
