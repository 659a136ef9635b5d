import { costOf, type PriceName } from './prices.ts'

/** What AWS would have metered for a run's orders. */
export interface Usage {
  orders: number
  apiRequests: number
  functions: { name: string; invocations: number; durationMs: number; memoryMb: number }[]
  /** Write units of the orders, of their indexes, and of locks and circuit breakers. */
  writeUnits: { orders: number; indexes: number; locks: number }
  /** Writes to the order table. */
  orderWrites: number
  readUnits: number
  /** The size of all orders in their table and its indexes, after their last write. */
  storedBytes: number
  events: number
  eventBytes: number
  queueRequests: number
  logBytes: number
  /** The latency of each of the two vendors. */
  vendorMs: number
}

/** One line of a bill. */
export interface BillLine {
  service: string
  /** The quantity, per order or per month. */
  quantity: string
  usd: number
}

const million = 1_000_000
const gb = 1024 ** 3
/** X-Ray's default rule: https://docs.aws.amazon.com/xray/latest/devguide/xray-console-sampling.html */
const sampledShare = 0.05

const format = (value: number): string =>
  value >= 100 ? value.toFixed(0) : value.toFixed(2).replace(/\.?0+$/, '')

const line = (service: string, price: PriceName, perOrder: number, unit: string): BillLine => ({
  service,
  quantity: `${format(perOrder)} ${unit}`,
  usd: costOf(price, perOrder * million),
})

const bytesLine = (service: string, price: PriceName, bytesPerOrder: number): BillLine => ({
  service,
  quantity: `${format(bytesPerOrder / 1024)} KB`,
  usd: costOf(price, (bytesPerOrder * million) / gb),
})

/** The price in USD of a million times `count` invocations. */
const lambdaUsd = (count: number, ms: number, memoryMb: number): number =>
  costOf('lambdaRequest', count * million) +
  costOf('lambdaArmGbSecond', ((count * ms) / 1000) * (memoryMb / 1024) * million)

/** The total of a bill in USD. */
export const totalOf = (lines: readonly BillLine[]): number => lines.reduce((sum, { usd }) => sum + usd, 0)

/** The bill for a million orders like the run's. */
export function billOf(usage: Usage): BillLine[] {
  const { orders, functions, writeUnits } = usage
  return [
    line('API Gateway', 'httpApiRequest', usage.apiRequests / orders, 'request'),
    ...functions.map(({ name, invocations, durationMs, memoryMb }) => {
      const [count, ms] = [invocations / orders, durationMs / invocations]
      return {
        service: `Lambda ${name}`,
        quantity: `${format(count)} × ${format(ms)} ms × ${memoryMb} MB`,
        usd: lambdaUsd(count, ms, memoryMb),
      }
    }),
    line('DynamoDB writes: orders', 'writeUnit', writeUnits.orders / orders, 'units'),
    line('DynamoDB writes: their indexes', 'writeUnit', writeUnits.indexes / orders, 'units'),
    line('DynamoDB writes: locks and circuits', 'writeUnit', writeUnits.locks / orders, 'units'),
    line('DynamoDB reads', 'readUnit', usage.readUnits / orders, 'units'),
    line('EventBridge', 'customEvent', usage.events / orders, 'events'),
    bytesLine('EventBridge archive', 'archivedGb', usage.eventBytes / orders),
    line('SQS', 'queueRequest', usage.queueRequests / orders, 'requests'),
    bytesLine('CloudWatch Logs', 'logGb', usage.logBytes / orders),
    line('X-Ray', 'recordedTrace', sampledShare, 'trace'),
  ]
}

/** The bill for keeping a million orders in the table for a month. */
export const storageOf = ({ orders, storedBytes }: Usage): BillLine =>
  bytesLine('DynamoDB storage and backup', 'storedGbMonth', storedBytes / orders)

/** States: CreateAwb, SaveAwb, CreateShipment, SaveReady, PublishReady. The Lambda saves the order before them. */
const transitions = 5
const expressMemoryGb = 1 / 16

/**
 * The price in USD of a million of the same orders in other designs, from the measured request, vendors' latency and
 * size of a write. Each design writes the order three times (created, AWB, ready) and publishes one event at the end.
 */
export function alternativesTo(usage: Usage): Record<string, number> {
  const click = usage.functions.find(({ name }) => name === 'create-order')
  const worker = usage.functions.find(({ name }) => name.endsWith('-worker'))
  if (click === undefined || worker === undefined) throw new Error('The run has no create-order or no worker')
  const clickMs = click.durationMs / click.invocations
  const vendorsMs = 2 * usage.vendorMs
  // As in our design, the index byOwner is written once.
  const writeUnits = 3 * (usage.writeUnits.orders / usage.orderWrites) + 1
  const logUsd = costOf('logGb', (usage.logBytes / usage.orders / gb) * million)
  const shared =
    costOf('httpApiRequest', million) +
    costOf('writeUnit', writeUnits * million) +
    costOf('customEvent', million) +
    costOf('recordedTrace', sampledShare * million)
  const stepFunctions =
    shared + logUsd + lambdaUsd(1, clickMs, click.memoryMb) + lambdaUsd(2, usage.vendorMs, worker.memoryMb)
  // Express is billed in steps of 100 ms.
  const expressSeconds = Math.ceil((vendorsMs + clickMs) / 100) / 10
  return {
    'One synchronous Lambda': shared + logUsd / 3 + lambdaUsd(1, clickMs + vendorsMs, click.memoryMb),
    'Step Functions Express':
      stepFunctions +
      costOf('expressRequest', million) +
      costOf('expressGbSecond', expressSeconds * expressMemoryGb * million),
    'Step Functions Standard': stepFunctions + costOf('standardTransition', transitions * million),
  }
}
