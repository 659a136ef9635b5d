/**
 * `npm run cost`: brings real orders through an embedded cloud, and computes from their usage what a million of them
 * cost at AWS's list prices. `--write` updates docs/cost.md.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import * as z from 'zod'
import { readAssembly, type Stack, synthesize } from '../local/cloud-assembly.ts'
import { table } from '../ops/cli/format.ts'
import { alternativesTo, type BillLine, billOf, storageOf, totalOf } from './cost/bill.ts'
import { idleBillOf } from './cost/idle-stack.ts'
import { priceList } from './cost/prices.ts'
import { measureUsage } from './cost/usage.ts'
import { writeSection } from './report.ts'

const { values } = parseArgs({
  options: {
    orders: { type: 'string', default: '200' },
    rate: { type: 'string', default: '5' },
    'vendor-ms': { type: 'string', default: '300' },
    write: { type: 'boolean', default: false },
  },
})

function option(name: 'orders' | 'rate' | 'vendor-ms'): number {
  const value = Number(values[name])
  if (value > 0) return value
  throw new Error(`--${name} must be a positive number.`)
}

const functionProperties = z.object({ Handler: z.string(), MemorySize: z.number() })

/** The memory of each function of the stacks, by its file's name. */
const memoryIn = (stacks: readonly Stack[]) =>
  new Map(
    stacks
      .flatMap(({ template }) => Object.values(template.Resources))
      .filter(({ Type }) => Type === 'AWS::Lambda::Function')
      .map(({ Properties }) => functionProperties.parse(Properties))
      .map(({ Handler, MemorySize }) => [Handler.replace('.handler', ''), MemorySize]),
  )

async function synthesizeProd(): Promise<Stack[]> {
  const folder = await mkdtemp(join(tmpdir(), 'create-order-cost-'))
  try {
    await synthesize(folder, { env: 'prod' }, new AbortController().signal)
    return await readAssembly(folder)
  } finally {
    await rm(folder, { recursive: true })
  }
}

const dollars = (usd: number): string => usd.toFixed(2)
const billTable = (headings: string[], bill: readonly BillLine[]): string =>
  table([
    headings,
    ...bill.map(({ service, quantity, usd }) => [service, quantity, dollars(usd)]),
    ['total', '', dollars(totalOf(bill))],
  ]).join('\n')

const run = { orders: option('orders'), ratePerSecond: option('rate'), vendorMs: option('vendor-ms') }
const stacks = await synthesizeProd()
const memoryMb = memoryIn(stacks)
const usage = await measureUsage(run, memoryMb)
const bill = billOf(usage)
const designs = Object.entries({ 'This pipeline': totalOf(bill), ...alternativesTo(usage) })
const storage = storageOf(usage)
const report = `${run.orders} orders at ${run.ratePerSecond}/s, vendors with ${run.vendorMs} ms; list prices of ${priceList.region}, compared on ${priceList.comparedOn}.

${billTable(['service', 'for one order', 'USD per million orders'], bill)}

The same orders in other designs:

${table([['', 'USD per million orders'], ...designs.map(([name, usd]) => [name, dollars(usd)])])}

For each month that an order is kept:

${table([[storage.service, storage.quantity, dollars(storage.usd)]])}

For each month, even without an order:

${billTable(['service', '', 'USD'], idleBillOf(stacks, memoryMb.get('create-order') ?? 0))}`
console.log(report)
if (values.write) writeSection('docs/cost.md', 'bill', `\`\`\`\n${report}\n\`\`\``)
process.exit()
