import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as z from 'zod'
import { readAssembly, type Stack, synthesize } from '../local/cloud-assembly.ts'
import { table } from '../ops/cli/format.ts'
import { positiveArgument, type Tool } from '../ops/cli/program.ts'
import { alternativesTo, type BillLine, billOf, storageOf, totalOf } from './cost/bill.ts'
import { idleBillOf } from './cost/idle-stack.ts'
import { priceList } from './cost/prices.ts'
import { measureUsage, type RunOptions } from './cost/usage.ts'
import { writeSection } from './report.ts'

const functionProperties = z.object({ Handler: z.string(), MemorySize: z.number() })

/** The memory of each function in the stacks, by its file name. */
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

/** The cost of a run's orders on AWS, as text. */
async function costReport(run: RunOptions): Promise<string> {
  const stacks = await synthesizeProd()
  const memoryMb = memoryIn(stacks)
  const usage = await measureUsage(run, memoryMb)
  const bill = billOf(usage)
  const designs = Object.entries({ 'This pipeline': totalOf(bill), ...alternativesTo(usage) })
  const storage = storageOf(usage)
  return `${run.orders} orders at ${run.ratePerSecond}/s, vendors with ${run.vendorMs} ms; list prices of ${priceList.region}, compared on ${priceList.comparedOn}.

${billTable(['service', 'for one order', 'USD per million orders'], bill)}

The same orders in other designs:

${table([['', 'USD per million orders'], ...designs.map(([name, usd]) => [name, dollars(usd)])]).join('\n')}

For each month that an order is kept:

${table([[storage.service, storage.quantity, dollars(storage.usd)]]).join('\n')}

For each month, even without an order:

${billTable(['service', '', 'USD'], idleBillOf(stacks, memoryMb.get('create-order') ?? 0))}`
}

/** `cost`: the price of a million orders at AWS's list prices, from the usage metered in an embedded cloud. */
export const addTo = (tool: Tool) =>
  tool
    .option('--orders <n>', 'orders to run through an embedded cloud', positiveArgument, 200)
    .option('--rate <n>', 'orders per second', positiveArgument, 5)
    .option('--vendor-ms <ms>', "the vendors' latency", positiveArgument, 300)
    .option('--write', 'write the bill of docs/cost.md')
    .action(async ({ orders, rate, vendorMs, write }) => {
      const report = await costReport({ orders, ratePerSecond: rate, vendorMs })
      console.log(report)
      if (write) writeSection('docs/cost.md', 'bill', `\`\`\`\n${report}\n\`\`\``)
      process.exit()
    })
