import { readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { Command } from '@commander-js/extra-typings'
import * as z from 'zod'
import { bundleFunctions, functionFiles } from '../lib/functions/bundle.ts'
import { optionsOf } from '../scripts/options.ts'
import { countCallsOfOneOrder } from './calls.ts'
import { bundleStockClients, ownBundle, shareOfStock } from './floor/bundles.ts'

const budgetFile = join(import.meta.dirname, 'budget.json')
const counts = z.record(z.string(), z.number())
const budgetSchema = z.strictObject({
  /** Maximum size of each function's bundle in KiB, rounded up. */
  bundleKib: counts,
  /** The AWS calls that each function makes for one order on an instance that has just started. */
  calls: z.record(z.string(), counts),
})

const kib = (file: string): number => Math.ceil(statSync(file).size / 1024)

async function measure(): Promise<z.output<typeof budgetSchema>> {
  await bundleFunctions()
  return {
    bundleKib: Object.fromEntries([...functionFiles().keys()].map((name) => [name, kib(ownBundle(name))])),
    calls: await countCallsOfOneOrder(),
  }
}

const { write } = optionsOf(
  new Command('node bench/gate.ts')
    .description('Fails if the size of a bundle or the AWS calls for an order exceed their budget.')
    .option('--write', 'write a new budget'),
)
const measured = await measure()
if (write) {
  writeFileSync(budgetFile, `${JSON.stringify(measured, null, 2)}\n`)
  console.log('bench/budget.json is written: say in the commit why it changed.')
  process.exit()
}

const budget = budgetSchema.parse(JSON.parse(readFileSync(budgetFile, 'utf8')))
/** A function that is new may be as large as the largest one. */
const maxKibOf = (name: string) => budget.bundleKib[name] ?? Math.max(...Object.values(budget.bundleKib))
const share = statSync(ownBundle('create-order')).size / statSync(bundleStockClients('create-order')).size
const problems = [
  ...Object.entries(measured.bundleKib)
    .filter(([name, size]) => size > maxKibOf(name))
    .map(([name, size]) => `The bundle of ${name} has ${size} KiB; its budget is ${maxKibOf(name)}.`),
  ...(share > shareOfStock
    ? [
        `create-order's bundle is ${share.toFixed(3)} of one with the stock SDK clients; the target is ${shareOfStock}.`,
      ]
    : []),
  ...Object.keys({ ...budget.calls, ...measured.calls })
    .filter((name) => !isDeepStrictEqual(budget.calls[name], measured.calls[name]))
    .map(
      (name) =>
        `${name} calls ${JSON.stringify(measured.calls[name] ?? {})} for an order; its budget is ${JSON.stringify(budget.calls[name] ?? {})}.`,
    ),
]
for (const problem of problems) console.error(problem)
if (problems.length > 0) console.error('If that is intended: node bench/gate.ts --write')
process.exit(problems.length > 0 ? 1 : 0)
