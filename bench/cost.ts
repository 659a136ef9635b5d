import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { table } from '../ops/cli/format.ts'
import { alternativesTo, billOf, keepingCosts, standingCosts } from './cost/bill.ts'
import { priceList, prices } from './cost/prices.ts'
import { measure } from './cost/run.ts'
import type { BillLine } from './cost/usage.ts'

const usage = `Usage: npm run cost -- [--orders N] [--rate N] [--vendor-ms N] [--json]
Runs real orders on an embedded cloud and says what a million of them cost at AWS's list prices.`

const dollars = (usd: number): string => usd.toFixed(2)
const sumOf = (lines: readonly BillLine[]) => lines.reduce((sum, { usdPerMillion }) => sum + usdPerMillion, 0)
const rowsOf = (lines: readonly BillLine[]) =>
  lines.map(({ service, perOrder, usdPerMillion }) => [service, perOrder, dollars(usdPerMillion)])

const { values } = parseArgs({
  options: {
    orders: { type: 'string', default: '200' },
    rate: { type: 'string', default: '5' },
    'vendor-ms': { type: 'string', default: '300' },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', short: 'h', default: false },
  },
})
const [count, ratePerSecond, vendorMs] = [values.orders, values.rate, values['vendor-ms']].map(Number)

if (values.help || !(count && count > 0) || !(ratePerSecond && ratePerSecond > 0) || vendorMs === undefined) {
  console.log(usage)
  process.exitCode = values.help ? 0 : 2
} else {
  const file = join(import.meta.dirname, '..', 'test', 'data', 'orders.jsonl')
  const real = readFileSync(file, 'utf8').trim().split('\n')
  const orders = Array.from({ length: count }, (_, index) => ({
    ...JSON.parse(real[index % real.length] ?? '{}'),
    reference: `cost-${index}`,
  }))
  const [used, standing] = await measure({ orders, ratePerSecond, vendorMs })
  const bill = billOf(used)
  const alternatives = alternativesTo(used)
  const keeping = keepingCosts(used)
  const monthly = standingCosts(standing)
  if (values.json)
    console.log(JSON.stringify({ priceList, prices, used, bill, alternatives, keeping, monthly }, null, 2))
  else
    console.log(`${count} orders at ${ratePerSecond}/s, vendors that take ${vendorMs} ms; list prices of ${priceList.region}, compared on ${priceList.comparedOn} (bench/cost/prices.ts).

${table([['service', 'for one order', 'USD per million orders'], ...rowsOf(bill.lines), ['together', '', dollars(bill.total)]])}

The same order, built otherwise:

${table([['', 'USD per million orders'], ['This pipeline', dollars(bill.total)], ...alternatives.map(({ name, total }) => [name, dollars(total)])])}

${alternatives.map(({ name, lines, total }) => `${name}:\n${table([...rowsOf(lines), ['together', '', dollars(total)]])}`).join('\n\n')}

For each month that they are kept:

${table([['', 'of one order', 'USD per million orders'], ...rowsOf(keeping), ['together', '', dollars(sumOf(keeping))]])}

In a month, before the first order comes:

${table([['', '', 'USD'], ...rowsOf(monthly), ['together', '', dollars(sumOf(monthly))]])}`)
  process.exit()
}
