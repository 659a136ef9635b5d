import { costOf, type PriceName } from './prices.ts'
import type { BillLine, FunctionUsage, Usage } from './usage.ts'

const million = 1_000_000
const gb = 1024 ** 3
/** X-Ray's default rule records one request a second and 5 % of the others: https://docs.aws.amazon.com/xray/latest/devguide/xray-console-sampling.html */
const sampledShare = 0.05

const number = (value: number): string =>
  value >= 100 ? value.toFixed(0) : value.toFixed(2).replace(/\.?0+$/, '')

const line = (service: string, price: PriceName, perOrder: number, unit: string): BillLine => ({
  service,
  perOrder: `${number(perOrder)} ${unit}`,
  usdPerMillion: costOf(price, perOrder * million),
})

function lambdaLine(name: string, count: number, ms: number, memoryMb: number): BillLine {
  const gbSeconds = ((ms * count) / 1000) * (memoryMb / 1024)
  return {
    service: `Lambda ${name}`,
    perOrder: `${number(count)} × ${number(ms)} ms × ${memoryMb} MB`,
    usdPerMillion: costOf('lambdaRequest', count * million) + costOf('lambdaGbSecond', gbSeconds * million),
  }
}

const totalOf = (lines: readonly BillLine[]): number =>
  lines.reduce((sum, { usdPerMillion }) => sum + usdPerMillion, 0)

/** What a million orders like those of the run cost, service by service. */
export function billOf(usage: Usage): { lines: BillLine[]; total: number } {
  const per = (amount: number) => amount / usage.orders
  const ofFunction = ({ name, invocations, durationMs, memoryMb }: FunctionUsage) =>
    lambdaLine(name, per(invocations), durationMs / invocations, memoryMb)
  const lines = [
    line('API Gateway', 'apiRequest', per(usage.apiRequests), 'request'),
    ...usage.functions.map(ofFunction),
    ...Object.entries(usage.writeUnits).map(([what, units]) =>
      line(`DynamoDB writes: ${what}`, 'writeUnit', per(units), 'units'),
    ),
    line('DynamoDB reads', 'readUnit', per(usage.readUnits), 'units'),
    line('EventBridge', 'event', per(usage.events), 'events'),
    {
      service: 'EventBridge archive',
      perOrder: `${number(per(usage.eventBytes) / 1024)} KB`,
      usdPerMillion: costOf('archivedGb', (per(usage.eventBytes) * million) / gb),
    },
    line('SQS', 'queueRequest', per(usage.queueRequests), 'requests'),
    {
      service: 'CloudWatch Logs',
      perOrder: `${number(per(usage.logBytes) / 1024)} KB`,
      usdPerMillion: costOf('logGb', (per(usage.logBytes) * million) / gb),
    },
    line('X-Ray', 'trace', sampledShare, 'trace'),
  ]
  return { lines, total: totalOf(lines) }
}

/** What it costs to keep a million orders for a month, and what is told of them. */
export function keepingCosts({ orders, storedBytes, eventBytes, logBytes }: Usage): BillLine[] {
  const kept = (service: string, price: PriceName, bytes: number): BillLine => ({
    service,
    perOrder: `${number(bytes / orders / 1024)} KB`,
    usdPerMillion: costOf(price, ((bytes / orders) * million) / gb),
  })
  return [
    kept('DynamoDB, with backup', 'storedGbMonth', storedBytes),
    kept('EventBridge archive', 'archivedGbMonth', eventBytes),
    kept('CloudWatch Logs', 'logGbMonth', logBytes),
  ]
}

/** Another way to run the same order. */
export interface Alternative {
  name: string
  lines: BillLine[]
  total: number
}

/**
 * The same order, built otherwise, from the same measurements: the click's work, the vendors' time, the mean size of
 * a write. Each writes the order three times (created, AWB, ready) and publishes one event at the end.
 */
export function alternativesTo(usage: Usage): Alternative[] {
  const click = usage.functions.find(({ name }) => name === 'create-order')
  const worker = usage.functions.find(({ name }) => name.endsWith('-worker'))
  if (click === undefined || worker === undefined) throw new Error('The run has no create-order or no worker')
  const clickMs = click.durationMs / click.invocations
  const vendorMs = usage.vendorMs.reduce((sum, ms) => sum + ms, 0)
  const unitsPerWrite = (usage.writeUnits.orders ?? 0) / usage.orderWrites
  // The owner's index is written once, as in ours.
  const shared = [
    line('API Gateway', 'apiRequest', 1, 'request'),
    line('DynamoDB writes', 'writeUnit', 3 * unitsPerWrite + 1, 'units'),
    line('EventBridge', 'event', 1, 'event'),
    line('X-Ray', 'trace', sampledShare, 'trace'),
  ]
  const logs = (share: number): BillLine => ({
    service: 'CloudWatch Logs',
    perOrder: `${number((usage.logBytes * share) / usage.orders / 1024)} KB`,
    usdPerMillion: costOf('logGb', ((usage.logBytes * share) / usage.orders / gb) * million),
  })
  const vendorCalls = usage.vendorMs.map((ms, index) =>
    lambdaLine(`vendor ${index + 1}`, 1, ms, worker.memoryMb),
  )
  // CreateAwb, SaveAwb, CreateShipment, SaveReady, PublishReady; Lambda saves the order before it starts the workflow.
  const states = 5
  const expressSeconds = Math.ceil((vendorMs + clickMs) / 100) / 10
  const ways: [string, BillLine[]][] = [
    [
      'One synchronous Lambda',
      [...shared, lambdaLine('create-order', 1, clickMs + vendorMs, click.memoryMb), logs(1 / 3)],
    ],
    [
      'Step Functions Express',
      [
        ...[...shared, lambdaLine('create-order', 1, clickMs, click.memoryMb), ...vendorCalls, logs(1)],
        line('Step Functions', 'expressRequest', 1, 'execution'),
        line('Step Functions', 'expressGbSecond', expressSeconds / 16, `GB-s (${expressSeconds} s × 64 MB)`),
      ],
    ],
    [
      'Step Functions Standard',
      [
        ...[...shared, lambdaLine('create-order', 1, clickMs, click.memoryMb), ...vendorCalls, logs(1)],
        line('Step Functions', 'transition', states, 'transitions'),
      ],
    ],
  ]
  return ways.map(([name, lines]) => ({ name, lines, total: totalOf(lines) }))
}

/** What the stack costs in a month before the first order comes. */
export interface Standing {
  /** Metrics that alarms look at: one that adds up four is paid like four alarms. */
  alarmMetrics: number
  secrets: number
  customMetrics: number
  /** A run of the relay, in ms, and its memory. */
  relay: { durationMs: number; memoryMb: number }
  queues: number
  /** Instances of create-order that are kept warm, and their memory. */
  warm: { instances: number; memoryMb: number }
}

const minutesOfMonth = 730 * 60
/** Lambda polls an idle queue with at least five long polls of 20 s: https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-scaling.html */
const pollsPerMinute = 15

/** The bill of a month without an order. */
export function standingCosts(standing: Standing): BillLine[] {
  const { alarmMetrics, secrets, customMetrics, relay, queues, warm } = standing
  const gbSeconds = (relay.durationMs / 1000) * (relay.memoryMb / 1024) * minutesOfMonth
  const relayUsd =
    costOf('schedule', minutesOfMonth) +
    costOf('lambdaRequest', minutesOfMonth) +
    costOf('lambdaGbSecond', gbSeconds)
  const polls = queues * pollsPerMinute * minutesOfMonth
  const monthly = (service: string, perOrder: string, usdPerMillion: number) => ({
    service,
    perOrder,
    usdPerMillion,
  })
  const warmGbSeconds = warm.instances * (warm.memoryMb / 1024) * minutesOfMonth * 60
  return [
    monthly(
      'Lambda, kept warm',
      `${warm.instances} × ${warm.memoryMb} MB`,
      costOf('provisionedGbSecond', warmGbSeconds),
    ),
    monthly('CloudWatch metrics', `${customMetrics}`, costOf('customMetricMonth', customMetrics)),
    monthly('CloudWatch alarms', `${alarmMetrics} metrics`, costOf('alarmMetricMonth', alarmMetrics)),
    monthly('CloudWatch dashboard', '1', costOf('dashboardMonth', 1)),
    monthly('Secrets', `${secrets}`, costOf('secretMonth', secrets)),
    monthly('Relay', `${minutesOfMonth} runs × ${number(relay.durationMs)} ms`, relayUsd),
    monthly('SQS, empty receives', `${number(polls)}`, costOf('queueRequest', polls)),
  ]
}
