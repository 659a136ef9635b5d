/** A list price: `usd` for `per` units; the name says which units. */
export interface Price {
  usd: number
  per: number
  source: string
}

/** Where and when the prices were checked. They exclude free tiers, volume discounts and savings plans. */
export const priceList = { region: 'us-east-1', comparedOn: '2026-11-23' }

const million = 1_000_000
const apiGateway = 'https://aws.amazon.com/api-gateway/pricing/'
const lambda = 'https://aws.amazon.com/lambda/pricing/'
const dynamoDb = 'https://aws.amazon.com/dynamodb/pricing/on-demand/'
const eventBridge = 'https://aws.amazon.com/eventbridge/pricing/'
const sqs = 'https://aws.amazon.com/sqs/pricing/'
const cloudWatch = 'https://aws.amazon.com/cloudwatch/pricing/'
const secretsManager = 'https://aws.amazon.com/secrets-manager/pricing/'
const xray = 'https://aws.amazon.com/xray/pricing/'
const stepFunctions = 'https://aws.amazon.com/step-functions/pricing/'

/**
 * AWS's list prices. Change them here if yours differ. Only `transition` could be read on AWS's own page; the others
 * agree with dated guides and with excerpts of AWS's price list (docs/cost.md). Check a price at its source before
 * you base a budget on it.
 */
export const prices = {
  httpApiRequest: { usd: 1, per: million, source: apiGateway },
  lambdaRequest: { usd: 0.2, per: million, source: lambda },
  lambdaArmGbSecond: { usd: 0.0000133334, per: 1, source: lambda },
  provisionedArmGbSecond: { usd: 0.0000033334, per: 1, source: lambda },
  writeUnit: { usd: 0.625, per: million, source: dynamoDb },
  readUnit: { usd: 0.125, per: million, source: dynamoDb },
  /** Storage and point-in-time recovery. */
  storedGbMonth: { usd: 0.25 + 0.2, per: 1, source: dynamoDb },
  /** Of up to 64 KB. */
  customEvent: { usd: 1, per: million, source: eventBridge },
  archivedGb: { usd: 0.1, per: 1, source: eventBridge },
  /** Of up to 64 KB. */
  queueRequest: { usd: 0.4, per: million, source: sqs },
  logGb: { usd: 0.5, per: 1, source: cloudWatch },
  customMetricMonth: { usd: 0.3, per: 1, source: cloudWatch },
  alarmMetricMonth: { usd: 0.1, per: 1, source: cloudWatch },
  dashboardMonth: { usd: 3, per: 1, source: cloudWatch },
  secretMonth: { usd: 0.4, per: 1, source: secretsManager },
  recordedTrace: { usd: 5, per: million, source: xray },
  standardTransition: { usd: 25, per: million, source: stepFunctions },
  expressRequest: { usd: 1, per: million, source: stepFunctions },
  expressGbSecond: { usd: 0.00001667, per: 1, source: stepFunctions },
} as const satisfies Record<string, Price>
export type PriceName = keyof typeof prices

/** The price of a number of units, in USD. */
export const costOf = (name: PriceName, units: number): number =>
  (prices[name].usd / prices[name].per) * units
