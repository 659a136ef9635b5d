import { table } from '../ops/cli/format.ts'
import { amountArgument, jsonOption, positiveArgument, print, type Tool } from '../ops/cli/program.ts'
import { type Plan, simulate } from './capacity/model.ts'
import { quotas } from './capacity/quotas.ts'
import { markdownTable, writeSection } from './report.ts'

const whole = (value: number): string => Math.round(value).toLocaleString('en-US')

const predictionHeadings = [
  'orders/s',
  'vendor latency',
  'vendor rate',
  'concurrency',
  'down for',
  'most in queue',
  'most waiting',
  'drained after',
  'calls while down',
  'answered 429',
]
function predictionCells(plan: Plan): string[] {
  const { outageSeconds } = plan
  const { maxQueued, maxWaiting, drainSeconds, callsWhileDown, refused } = simulate(plan)
  const drained = drainSeconds === undefined ? "never: above the vendor's rate" : `${whole(drainSeconds)} s`
  return [
    whole(plan.ordersPerSecond),
    `${plan.vendorLatencyMs} ms`,
    `${whole(plan.vendorRatePerSecond)}/s${plan.configuredRatePerSecond === plan.vendorRatePerSecond ? '' : ` (config: ${whole(plan.configuredRatePerSecond)}/s)`}`,
    `${plan.concurrency}`,
    outageSeconds > 0 ? `${whole(outageSeconds)} s` : '–',
    whole(maxQueued),
    whole(maxWaiting),
    outageSeconds > 0 ? drained : '–',
    whole(callsWhileDown),
    whole(refused),
  ]
}

/** The quotas, in the order in which a growing load reaches them. */
const limitsOf = (plan: Plan) =>
  quotas
    .map((quota) => ({ ...quota, needed: quota.needed(plan) }))
    .map((quota) => ({ ...quota, maxOrdersPerSecond: (quota.limit / quota.needed) * plan.ordersPerSecond }))
    .sort((a, b) => a.maxOrdersPerSecond - b.maxOrdersPerSecond)

function writeDocs(): void {
  const planOf = (
    ordersPerSecond: number,
    rate: number,
    concurrency: number,
    more: Partial<Plan> = {},
  ): Plan => ({
    ordersPerSecond,
    vendorLatencyMs: 800,
    vendorRatePerSecond: rate,
    configuredRatePerSecond: rate,
    concurrency,
    outageSeconds: 600,
    relayPerSecond: 1000,
    ...more,
  })
  const full = planOf(10_000, 12_000, 1000, { outageSeconds: 0 })
  const plans = [
    planOf(20, 50, 4),
    planOf(200, 400, 40),
    planOf(200, 400, 40, { outageSeconds: 3600 }),
    planOf(1000, 2000, 200),
    planOf(1000, 2000, 200, { relayPerSecond: 2000 }),
    planOf(20, 50, 4, { vendorRatePerSecond: 18, outageSeconds: 0 }),
    full,
  ]
  const limitHeadings = ['Quota', 'By default', 'Can be raised', 'Needed', 'Used up at orders/s']
  const limitCells = limitsOf(full).map(({ name, source, limit, adjustable, needed, ...quota }) => [
    `[${name}](${source})`,
    whole(limit),
    adjustable ? 'yes' : 'no',
    whole(needed),
    whole(quota.maxOrdersPerSecond),
  ])
  writeSection(
    'docs/scaling.md',
    'predictions',
    markdownTable([predictionHeadings, ...plans.map(predictionCells)]),
  )
  writeSection('docs/scaling.md', 'limits', markdownTable([limitHeadings, ...limitCells]))
}

/** `capacity`: predicts queue depth, waiting orders and drain time, and which AWS quota is reached first. */
export const addTo = (tool: Tool) =>
  tool
    .option('--orders-per-second <n>', 'orders placed per second', positiveArgument, 20)
    .option('--vendor-latency <ms>', "the carrier's latency", amountArgument, 800)
    .option('--vendor-rate <n>', 'calls per second that the carrier accepts', positiveArgument, 50)
    .option('--configured-rate <n>', 'its rate in the config, if different', positiveArgument)
    .option('--concurrency <n>', "maximum concurrency of the carrier's worker", positiveArgument, 4)
    .option('--outage <seconds>', 'how long the carrier is down', amountArgument, 0)
    .option('--relay-rate <n>', 'orders per second that one relay sends', positiveArgument, 1000)
    .option('--write', 'write the tables of docs/scaling.md')
    .addOption(jsonOption())
    .action(({ write, json, ...given }) => {
      const plan: Plan = {
        ordersPerSecond: given.ordersPerSecond,
        vendorLatencyMs: given.vendorLatency,
        vendorRatePerSecond: given.vendorRate,
        configuredRatePerSecond: given.configuredRate ?? given.vendorRate,
        concurrency: given.concurrency,
        outageSeconds: given.outage,
        relayPerSecond: given.relayRate,
      }
      const cells = predictionCells(plan)
      const limits = limitsOf(plan).slice(0, 4)
      const lines = [
        ...table(predictionHeadings.map((heading, index) => [heading, cells[index] ?? ''])),
        '',
        ...table([
          ['used up first', 'at orders/s'],
          ...limits.map(({ name, maxOrdersPerSecond }) => [name, whole(maxOrdersPerSecond)]),
        ]),
      ]
      print({ lines, json: { plan, prediction: simulate(plan), limits } }, { json }, {})
      if (write) writeDocs()
    })
