/**
 * `npm run capacity -- --orders-per-second 200 --vendor-latency 800 --outage 600`: predicts queue depth, waiting
 * orders and drain time, and which of AWS's quotas is used up first. `--write` updates the tables of docs/scaling.md.
 */
import { parseArgs } from 'node:util'
import { table } from '../ops/cli/format.ts'
import { type Plan, simulate } from './capacity/model.ts'
import { quotas } from './capacity/quotas.ts'
import { markdownTable, writeSection } from './report.ts'

const { values } = parseArgs({
  options: {
    'orders-per-second': { type: 'string', default: '20' },
    'vendor-latency': { type: 'string', default: '800' },
    'vendor-rate': { type: 'string', default: '50' },
    'configured-rate': { type: 'string' },
    concurrency: { type: 'string', default: '4' },
    outage: { type: 'string', default: '0' },
    'relay-rate': { type: 'string', default: '1000' },
    write: { type: 'boolean', default: false },
  },
})

function option(name: Exclude<keyof typeof values, 'write'>): number {
  const value = Number(values[name])
  if (value >= 0) return value
  throw new Error(`--${name} must be a number of at least 0.`)
}

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
  const drained = drainSeconds === undefined ? 'never: above the vendor’s rate' : `${whole(drainSeconds)} s`
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

/** The quotas in the order in which growing load uses them up. */
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

const plan: Plan = {
  ordersPerSecond: option('orders-per-second'),
  vendorLatencyMs: option('vendor-latency'),
  vendorRatePerSecond: option('vendor-rate'),
  configuredRatePerSecond:
    values['configured-rate'] === undefined ? option('vendor-rate') : option('configured-rate'),
  concurrency: option('concurrency'),
  outageSeconds: option('outage'),
  relayPerSecond: option('relay-rate'),
}
const cells = predictionCells(plan)
const first = limitsOf(plan).slice(0, 4)
console.log(`${table(predictionHeadings.map((heading, index) => [heading, cells[index] ?? '']))}

${table([['used up first', 'at orders/s'], ...first.map((quota) => [quota.name, whole(quota.maxOrdersPerSecond)])])}`)
if (values.write) writeDocs()
