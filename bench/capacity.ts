/**
 * `npm run capacity -- --orders-per-second 200 --vendor-latency 800 --outage 600`: predicts queue depth, drain
 * time, concurrency and dollars a day, and which of AWS's quotas is used up first. `--write` puts the predictions
 * for docs/scaling.md there, with their plots.
 */
import { parseArgs, styleText } from 'node:util'
import { limitsOf } from './capacity/limits.ts'
import { costPerDay } from './capacity/price.ts'
import { quotas } from './capacity/quotas.ts'
import { type Plan, type Prediction, simulate } from './capacity/simulation.ts'
import { writeSection } from './report/document.ts'
import { writePlot } from './report/plot.ts'

const defaults = {
  'orders-per-second': '20',
  'vendor-latency': '800',
  'vendor-rate': '50',
  concurrency: '4',
  outage: '0',
  'relay-rate': '400',
}
const { values } = parseArgs({
  options: {
    ...Object.fromEntries(
      Object.entries(defaults).map(([name, value]) => [name, { type: 'string', default: value } as const]),
    ),
    write: { type: 'boolean', default: false },
  },
})

const given = (name: keyof typeof defaults): number => {
  const value = Number((values as Record<string, string | boolean>)[name])
  if (value >= 0) return value
  throw new Error(`--${name} must be a number of at least 0.`)
}

const planOf = (changes: Partial<Plan>): Plan => {
  const plan = {
    ordersPerSecond: 20,
    vendorLatencyMs: 800,
    vendorRatePerSecond: 50,
    concurrency: 4,
    outageSeconds: 0,
    outageAtSeconds: 60,
    seconds: 600,
    breakerOpenSeconds: 10,
    breakerMaxOpenSeconds: 300,
    relayIntervalSeconds: 60,
    relayPerSecond: 400,
    ...changes,
  }
  return { ...plan, seconds: Math.max(600, plan.outageSeconds * 8 + 1200) }
}

const dollars = (plan: Plan): number => Object.values(costPerDay(plan)).reduce((sum, each) => sum + each, 0)
const whole = (value: number): string => Math.round(value).toLocaleString('en-US')
const drain = ({ drainSeconds }: Prediction, { outageSeconds }: Plan): string => {
  if (outageSeconds === 0) return '–'
  return drainSeconds === undefined
    ? 'never: the vendor takes less than comes in'
    : `${whole(drainSeconds)} s`
}

const headings = [
  'orders/s',
  'vendor',
  'vendor takes',
  'concurrency',
  'down for',
  'greatest queue',
  'greatest waiting',
  'drained after',
  'calls while down',
  '$ per day',
]
const line = (plan: Plan, prediction: Prediction): string[] => [
  whole(plan.ordersPerSecond),
  `${plan.vendorLatencyMs} ms`,
  `${whole(plan.vendorRatePerSecond)}/s`,
  `${plan.concurrency}`,
  plan.outageSeconds ? `${whole(plan.outageSeconds)} s` : '–',
  whole(prediction.greatestQueue),
  whole(prediction.greatestWaiting),
  drain(prediction, plan),
  whole(prediction.callsWhileDown),
  whole(dollars(plan)),
]
const markdown = (rows: string[][]): string =>
  [rows[0], rows[0]?.map(() => '---'), ...rows.slice(1)]
    .map((cells) => `| ${cells?.join(' | ')} |`)
    .join('\n')

const limitRows = (plan: Plan): string[][] =>
  limitsOf(plan)
    .sort((a, b) => a.ordersPerSecondAtLimit - b.ordersPerSecondAtLimit)
    .map(({ quota, needed, ordersPerSecondAtLimit }) => {
      const { name, limit, unit, adjustable, source } = quotas[quota]
      return [
        `[${name}](${source})`,
        `${whole(limit)}${unit}`,
        adjustable ? 'yes' : 'no',
        `${whole(needed)}${unit}`,
        whole(ordersPerSecondAtLimit),
      ]
    })
const limitHeadings = ['Quota', 'By default', 'Can be raised', 'Needed', 'Used up at orders/s']

const plan = planOf({
  ordersPerSecond: given('orders-per-second'),
  vendorLatencyMs: given('vendor-latency'),
  vendorRatePerSecond: given('vendor-rate'),
  concurrency: given('concurrency'),
  outageSeconds: given('outage'),
  relayPerSecond: given('relay-rate'),
})
const prediction = simulate(plan)
line(plan, prediction).forEach((text, index) => {
  console.log(`${(headings[index] ?? '').padEnd(18)} ${styleText('bold', text)}`)
})
console.log(`\n${'Used up first'.padEnd(18)} at orders/s`)
for (const [name = '', , , , at = ''] of limitRows(plan).slice(0, 4))
  console.log(`${at.padStart(10)}  ${name.replace(/^\[(.*)\]\(.*$/, '$1')}`)

if (values.write) {
  const plans = [
    planOf({ outageSeconds: 600 }),
    planOf({ ordersPerSecond: 200, vendorRatePerSecond: 400, concurrency: 40, outageSeconds: 600 }),
    planOf({ ordersPerSecond: 200, vendorRatePerSecond: 400, concurrency: 40, outageSeconds: 3600 }),
    planOf({ ordersPerSecond: 1000, vendorRatePerSecond: 2000, concurrency: 200, outageSeconds: 600 }),
    planOf({
      ordersPerSecond: 1000,
      vendorRatePerSecond: 2000,
      concurrency: 200,
      outageSeconds: 600,
      relayPerSecond: 2000,
    }),
    planOf({ ordersPerSecond: 10_000, vendorRatePerSecond: 12_000, concurrency: 1000 }),
  ]
  const predictions = plans.map((each) => ({ each, result: simulate(each) }))
  writeSection(
    'docs/scaling.md',
    'predictions',
    markdown([headings, ...predictions.map(({ each, result }) => line(each, result))]),
  )
  const large = planOf({ ordersPerSecond: 10_000, vendorRatePerSecond: 12_000, concurrency: 1000 })
  writeSection('docs/scaling.md', 'limits', markdown([limitHeadings, ...limitRows(large)]))
  const bills = [20, 200, 1000, 10_000].map((ordersPerSecond) => costPerDay(planOf({ ordersPerSecond })))
  const services = Object.keys(bills[0] ?? {})
  writeSection(
    'docs/scaling.md',
    'bills',
    markdown([
      ['$ per day', '20/s', '200/s', '1,000/s', '10,000/s'],
      ...services.map((service) => [service, ...bills.map((bill) => whole(bill[service] ?? 0))]),
      ['all', ...bills.map((bill) => whole(Object.values(bill).reduce((sum, each) => sum + each, 0)))],
    ]),
  )
  const shown = predictions[1]
  if (shown)
    writePlot('capacity-outage', {
      title: '200 orders/s, the carrier down for 10 minutes: predicted',
      x: 'seconds',
      y: 'orders',
      series: [
        {
          name: 'waiting in the outbox',
          points: shown.result.series.slice(0, 3600).map(({ at, waiting }) => ({ x: at, y: waiting })),
        },
        {
          name: 'in the queue',
          points: shown.result.series.slice(0, 3600).map(({ at, queued }) => ({ x: at, y: queued })),
        },
      ],
    })
}
