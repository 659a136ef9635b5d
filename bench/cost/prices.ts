/** A list price: so many USD for so many units. */
export interface Price {
  usd: number
  per: number
  unit: string
  source: string
}

/** Where the prices hold, and when they were last compared. Free tiers, volume discounts and savings plans are left out. */
export const priceList = { region: 'us-east-1', comparedOn: '2026-11-23' }

const million = 1_000_000

/**
 * AWS's list prices, one table: whoever pays others changes them here. AWS's pages fill in their figures by script,
 * and only the one of `transition` could be read on such a page; the others agree with what dated guides and excerpts
 * of AWS's price list quote (docs/cost.md). Before a budget hangs on one, look at its source.
 */
export const prices = {
  apiRequest: {
    usd: 1,
    per: million,
    unit: 'HTTP API request',
    source: 'https://aws.amazon.com/api-gateway/pricing/',
  },
  lambdaRequest: {
    usd: 0.2,
    per: million,
    unit: 'invocation',
    source: 'https://aws.amazon.com/lambda/pricing/',
  },
  lambdaGbSecond: {
    usd: 0.0000133334,
    per: 1,
    unit: 'GB-second (arm64)',
    source: 'https://aws.amazon.com/lambda/pricing/',
  },
  provisionedGbSecond: {
    usd: 0.0000033334,
    per: 1,
    unit: 'GB-second kept warm (arm64)',
    source: 'https://aws.amazon.com/lambda/pricing/',
  },
  writeUnit: {
    usd: 0.625,
    per: million,
    unit: 'write request unit',
    source: 'https://aws.amazon.com/dynamodb/pricing/on-demand/',
  },
  readUnit: {
    usd: 0.125,
    per: million,
    unit: 'read request unit',
    source: 'https://aws.amazon.com/dynamodb/pricing/on-demand/',
  },
  storedGbMonth: {
    usd: 0.25 + 0.2,
    per: 1,
    unit: 'GB-month stored and backed up (PITR)',
    source: 'https://aws.amazon.com/dynamodb/pricing/on-demand/',
  },
  event: {
    usd: 1,
    per: million,
    unit: 'custom event of up to 64 KB',
    source: 'https://aws.amazon.com/eventbridge/pricing/',
  },
  archivedGb: {
    usd: 0.1,
    per: 1,
    unit: 'GB archived',
    source: 'https://aws.amazon.com/eventbridge/pricing/',
  },
  archivedGbMonth: {
    usd: 0.023,
    per: 1,
    unit: 'GB-month in the archive',
    source: 'https://aws.amazon.com/eventbridge/pricing/',
  },
  queueRequest: {
    usd: 0.4,
    per: million,
    unit: 'request of up to 64 KB',
    source: 'https://aws.amazon.com/sqs/pricing/',
  },
  logGb: {
    usd: 0.5,
    per: 1,
    unit: 'GB of logs taken in',
    source: 'https://aws.amazon.com/cloudwatch/pricing/',
  },
  logGbMonth: {
    usd: 0.03,
    per: 1,
    unit: 'GB-month of logs kept',
    source: 'https://aws.amazon.com/cloudwatch/pricing/',
  },
  customMetricMonth: {
    usd: 0.3,
    per: 1,
    unit: 'custom metric and month',
    source: 'https://aws.amazon.com/cloudwatch/pricing/',
  },
  alarmMetricMonth: {
    usd: 0.1,
    per: 1,
    unit: 'metric of an alarm and month',
    source: 'https://aws.amazon.com/cloudwatch/pricing/',
  },
  dashboardMonth: {
    usd: 3,
    per: 1,
    unit: 'dashboard and month',
    source: 'https://aws.amazon.com/cloudwatch/pricing/',
  },
  secretMonth: {
    usd: 0.4,
    per: 1,
    unit: 'secret and month',
    source: 'https://aws.amazon.com/secrets-manager/pricing/',
  },
  trace: {
    usd: 5,
    per: million,
    unit: 'trace recorded',
    source: 'https://aws.amazon.com/xray/pricing/',
  },
  schedule: {
    usd: 1,
    per: million,
    unit: 'scheduled invocation',
    source: 'https://aws.amazon.com/eventbridge/pricing/',
  },
  transition: {
    usd: 25,
    per: million,
    unit: 'state transition (Standard)',
    source: 'https://aws.amazon.com/step-functions/pricing/',
  },
  expressRequest: {
    usd: 1,
    per: million,
    unit: 'execution (Express)',
    source: 'https://aws.amazon.com/step-functions/pricing/',
  },
  expressGbSecond: {
    usd: 0.00001667,
    per: 1,
    unit: 'GB-second (Express)',
    source: 'https://aws.amazon.com/step-functions/pricing/',
  },
} as const satisfies Record<string, Price>
export type PriceName = keyof typeof prices

/** What so many units cost, in USD. */
export const costOf = (name: PriceName, units: number): number =>
  (prices[name].usd / prices[name].per) * units
