import { Command } from '@commander-js/extra-typings'
import { bundleFunctions } from '../lib/functions/bundle.ts'
import { table } from '../ops/cli/format.ts'
import { optionsOf } from '../scripts/options.ts'
import { type Cloud, startCloud } from '../test/e2e/cloud.ts'
import { measureCalls } from './calls.ts'
import { measureCold } from './floor/cold.ts'
import { measureRelay } from './floor/relay.ts'
import { measureWarm } from './floor/warm.ts'
import { measureOverload, measurePoison, measureRecovery } from './overload.ts'
import { measurePromise } from './promise/promise.ts'
import { cellsOf, markdownTable, progress, type Row, writeSection } from './report.ts'

const values = optionsOf(
  new Command('node bench/run.ts')
    .description('Measures the figures of docs/performance.md, prints them, and writes the complete tables.')
    .option('--quick', 'fewer samples; only prints')
    .option('--only <parts>', 'some parts, such as warm,cold'),
)
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
}

/** Parts in virtual time: their figures are the same on every machine. */
const virtual: typeof parts = {
  recovery: measureRecovery,
  overload: measureOverload,
  poison: measurePoison,
}

const relay: typeof parts = {
  relay: () => measureRelay(values.quick ? [1000, 10_000] : [1000, 10_000, 100_000]),
}

const all = { ...parts, ...virtual, ...relay }
const selected = values.only?.split(',') ?? Object.keys(all)
const unknown = selected.filter((name) => !Object.hasOwn(all, name))
if (unknown.length > 0)
  throw new Error(`There is no part ${unknown.join(', ')}: ${Object.keys(all).join(', ')}.`)

await bundleFunctions()
const rows: Row[] = []
for (const [section, of] of Object.entries({ bench: parts, virtual, relay })) {
  const names = Object.keys(of).filter((name) => selected.includes(name))
  const mine: Row[] = []
  for (const name of names) mine.push(...((await of[name]?.()) ?? []))
  rows.push(...mine)
  const isWhole = names.length === Object.keys(of).length && !values.quick
  if (isWhole) writeSection('docs/performance.md', section, markdownTable(cellsOf(mine)))
}
progress('')
console.log(table(cellsOf(rows)).join('\n'))
process.exit(rows.some(({ holds }) => holds === false) ? 1 : 0)
