/**
 * `npm run bench`: measures what docs/performance.md claims, prints it as one table, and writes the table there.
 * With `--quick` (fewer samples) or `--only cold,warm` (some parts) it only prints.
 */
import { parseArgs } from 'node:util'
import { bundleFunctions } from '../lib/functions/bundle.ts'
import { table } from '../ops/cli/format.ts'
import { type Cloud, startCloud } from '../test/e2e/cloud.ts'
import { measureCalls } from './calls.ts'
import { measureCold } from './floor/cold.ts'
import { measureWarm } from './floor/warm.ts'
import { measureOverload, measurePoison } from './overload.ts'
import { measurePromise } from './promise/promise.ts'
import { measureRecovery, recoverySpeed } from './recovery/recovery.ts'
import { cellsOf, markdownTable, progress, type Row, writeSection } from './report.ts'

const { values } = parseArgs({
  options: { quick: { type: 'boolean', default: false }, only: { type: 'string' } },
})
const pick = (quick: number, full: number): number => (values.quick ? quick : full)

async function onCloud(measure: (cloud: Cloud) => Promise<Row[]>, speed = 1): Promise<Row[]> {
  const cloud = await startCloud({ speed })
  try {
    return await measure(cloud)
  } finally {
    await cloud.stop()
  }
}

const parts: Record<string, () => Promise<Row[]>> = {
  promise: () => onCloud((cloud) => measurePromise(cloud, pick(12, 120))),
  warm: () => measureWarm(pick(7, 21)),
  cold: () => measureCold(pick(9, 61)),
  calls: measureCalls,
  overload: measureOverload,
  poison: measurePoison,
  recovery: () => onCloud((cloud) => measureRecovery(cloud, pick(30, 60)), recoverySpeed),
}

const selected = values.only?.split(',') ?? Object.keys(parts)
const unknown = selected.filter((name) => !Object.hasOwn(parts, name))
if (unknown.length > 0)
  throw new Error(`There is no part ${unknown.join(', ')}: ${Object.keys(parts).join(', ')}.`)

await bundleFunctions()
const rows: Row[] = []
for (const name of selected) rows.push(...((await parts[name]?.()) ?? []))
progress('')
console.log(table(cellsOf(rows)))
if (!values.quick && values.only === undefined)
  writeSection('docs/performance.md', 'bench', markdownTable(cellsOf(rows)))
process.exit(rows.some(({ holds }) => holds === false) ? 1 : 0)
