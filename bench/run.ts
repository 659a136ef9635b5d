/**
 * `npm run bench`: measures what docs/performance.md claims, prints it as one table, and writes it there with its
 * plots. `-- --quick` takes fewer samples; `-- --only cold,warm` measures these parts alone and writes nothing.
 */
import { parseArgs } from 'node:util'
import { bundleFunctions } from '../lib/functions/bundle.ts'
import { measureCalls } from './calls/calls.ts'
import { type Client, startCloud } from './cloud.ts'
import { measureCold } from './floor/cold.ts'
import { measureStandIns } from './floor/stand-ins.ts'
import { measureWarm } from './floor/warm.ts'
import { measureGrowth } from './growth/growth.ts'
import { measureClickToReady } from './promise/click-to-ready.ts'
import { measurePromise } from './promise/promise.ts'
import { measureRecovery, recoverySpeed } from './recovery/recovery.ts'
import { writeSection } from './report/document.ts'
import { progress } from './report/progress.ts'
import type { Row } from './report/row.ts'
import { markdownTable, terminalTable } from './report/table.ts'

const { values } = parseArgs({
  options: { quick: { type: 'boolean', default: false }, only: { type: 'string' } },
})
const pick = (quick: number, full: number): number => (values.quick ? quick : full)

async function onCloud(measure: (cloud: Client) => Promise<Row[]>, speed = 1): Promise<Row[]> {
  const cloud = await startCloud(speed)
  try {
    return await measure(cloud)
  } finally {
    await cloud.stop()
  }
}

const parts: Record<string, () => Promise<Row[]>> = {
  ready: () => onCloud((cloud) => measureClickToReady(cloud, pick(10, 60))),
  promise: () => onCloud((cloud) => onCloud((healthy) => measurePromise(cloud, healthy, pick(12, 120)))),
  recovery: () => onCloud((cloud) => measureRecovery(cloud, pick(30, 60)), recoverySpeed),
  warm: () => measureWarm(pick(7, 21)),
  cold: () => measureCold(pick(9, 61)),
  'stand-ins': measureStandIns,
  calls: measureCalls,
  growth: () => measureGrowth(values.quick ? [1000, 10_000] : [1000, 10_000, 100_000], pick(3, 9)),
}

const wanted = values.only?.split(',') ?? Object.keys(parts)
const unknown = wanted.filter((name) => !Object.hasOwn(parts, name))
if (unknown.length > 0)
  throw new Error(`There is no part ${unknown.join(', ')}: ${Object.keys(parts).join(', ')}.`)

await bundleFunctions()
const rows: Row[] = []
for (const name of wanted) rows.push(...((await parts[name]?.()) ?? []))
rows.sort((a, b) => a.part.localeCompare(b.part))
progress('')
console.log(terminalTable(rows))
if (values.only === undefined) writeSection('docs/performance.md', 'bench', markdownTable(rows))
process.exit(rows.some(({ holds }) => holds === false) ? 1 : 0)
