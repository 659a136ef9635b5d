import { parseArgs } from 'node:util'
import type { Pipeline } from './deployment.ts'
import { singleStrikes } from './explore.ts'
import { assertFits } from './hooks.ts'
import { huntLimit } from './hunt.ts'
import { type Done, type Failure, type Job, replay } from './jobs.ts'
import { explicitPlan, type Fault, type Strike } from './kernel/places.ts'
import type { RecordedCall } from './kernel/world.ts'
import { mutants } from './mutants.ts'
import { onAllCores } from './pool.ts'
import { play } from './run.ts'
import { type PathName, paths, randomScenario, type VendorSort, vendorSorts } from './scenarios.ts'
import { shrink } from './shrink.ts'

const usage = `npm run simulate -- [options]

  --only cuts|random|mutants   one part instead of all three
  --schedules N                random worlds to play (10000)
  --seed S                     the first of their seeds (1)
  --path P --sort S            cuts of this path with vendors of this sort only
  --every N                    play every Nth pair of cuts; 0 for none, 1 for all
  --fast                       the subset that npm test runs
  --tell                       tell the story of one run: of --seed, or of --path and --sort with each --strike
  --record N                   print every call of DynamoDB in N random worlds, as JSON, a line for each
  --strike "fault at address"  what strikes in it, as a failing run's last lines say
`

/** Random worlds that one thread plays at a stretch. */
const stretch = 20

/** The paths whose pairs of cuts are all played, and those whose single cuts are, and every so many-th pair. */
const sortsOf: Record<PathName, readonly VendorSort[]> = {
  straight: Object.keys(vendorSorts) as VendorSort[],
  'corrected and redriven': ['honours keys', 'look-up only', 'neither'],
  'refused and cancelled': ['look-up only'],
  'delivered twice': ['honours keys', 'look-up only'],
  'no credential': ['look-up only'],
  outage: ['look-up only'],
  'never consumed': ['look-up only'],
}
const pairsOf: Record<PathName, number> = {
  straight: 1,
  'corrected and redriven': 5,
  'refused and cancelled': 5,
  'delivered twice': 5,
  'no credential': 200,
  outage: 200,
  'never consumed': 200,
}

interface Total extends Omit<Done, 'hunted'> {
  jobs: number
}

/** Counts what comes in, and says so on one line while somebody looks. */
function counter(title: string, jobs: number) {
  const total: Total = { jobs: 0, runs: 0, strikes: 0, ends: {}, failures: [] }
  return {
    total,
    add({ runs, strikes, ends, failures }: Done): void {
      total.jobs++
      total.runs += runs
      total.strikes += strikes
      total.failures.push(...failures)
      for (const [end, count] of Object.entries(ends)) total.ends[end] = (total.ends[end] ?? 0) + count
      if (process.stderr.isTTY)
        process.stderr.write(
          `\r\x1b[K${title}: ${Math.round((100 * total.jobs) / jobs)} %, ${total.runs} runs`,
        )
    },
    clear: () => process.stderr.isTTY && process.stderr.write('\r\x1b[K'),
  }
}

async function report(pipeline: Pipeline, failure: Failure): Promise<void> {
  const { scenario, invariant } = failure
  console.log(
    `\nBROKEN: ${invariant}, in ${scenario.name}. The story of a run that was made as small as it gets:\n`,
  )
  const small = await shrink(pipeline, scenario, failure.strikes)
  const run = small?.run ?? (await replay(pipeline, failure))
  console.log(run.story.join('\n'))
  for (const broken of run.broken) console.log(`\n${broken.invariant}: ${broken.detail}`)
  for (const { fault, address } of run.struck) console.log(`Struck: "${fault} at ${address}"`)
  const { wishes, ...world } = small?.scenario ?? scenario
  console.log(`World: ${JSON.stringify(world)}, with ${wishes.length} orders`)
  if (scenario.isWild)
    console.log(`Again: npm run simulate -- --only random --schedules 1 --seed ${scenario.seed}`)
}

/** Does the jobs of one part; answers what came of them, after the story of a failure, should there be one. */
async function part(pipeline: Pipeline, title: string, jobs: readonly Job[]): Promise<Total> {
  const { total, add, clear } = counter(title, jobs.length)
  await onAllCores(jobs, (_, done) => {
    add(done)
    return total.failures.length === 0
  })
  clear()
  const [failure] = total.failures
  const ends = Object.entries(total.ends).map(([end, count]) => `${count} ${end}`)
  const verdict = failure ? 'BROKEN' : 'nothing broken'
  console.log(`${title}: ${total.runs} runs, ${total.strikes} strikes, ${ends.join(', ')}; ${verdict}`)
  if (failure) await report(pipeline, failure)
  return total
}

interface Cuts {
  path?: string | undefined
  sort?: string | undefined
  every?: number | undefined
  fast: boolean
}

async function cuts(pipeline: Pipeline, { every, fast, ...only }: Cuts): Promise<boolean> {
  let holds = true
  for (const path of Object.keys(paths) as PathName[])
    for (const sort of sortsOf[path].slice(0, fast && path !== 'straight' ? 1 : undefined)) {
      if ((only.path ?? path) !== path || (only.sort ?? sort) !== sort) continue
      const firsts = await singleStrikes(pipeline, paths[path](sort))
      const pairs = every ?? pairsOf[path]
      const jobs = firsts.map((first): Job => ({ kind: 'strike', path, sort, first, every: pairs }))
      const which = pairs === 1 ? 'every pair' : pairs === 0 ? 'no pairs' : `one pair in ${pairs}`
      const title = `${path}, ${sort}: every cut (${firsts.length}), ${which}`
      holds = (await part(pipeline, title, jobs)).failures.length === 0 && holds
    }
  return holds
}

async function randomWorlds(pipeline: Pipeline, from: number, count: number): Promise<boolean> {
  const jobs = Array.from({ length: Math.ceil(count / stretch) }, (_, index): Job => {
    const first = index * stretch
    return { kind: 'random', from: from + first, count: Math.min(stretch, count - first) }
  })
  const title = `random worlds, seeds ${from} to ${from + count - 1}`
  return (await part(pipeline, title, jobs)).failures.length === 0
}

async function mutations(): Promise<boolean> {
  for (const { patches } of mutants) for (const patch of patches) assertFits(patch)
  const { add, clear } = counter('mutants', mutants.length)
  const rows = new Map<string, string>()
  let survivors = 0
  const jobs = mutants.map(({ name }): Job => ({ kind: 'hunt', mutant: name }))
  await onAllCores(jobs, (_, done) => {
    add(done)
    if (!done.hunted) return true
    const { name, schedules, caught } = done.hunted
    if (!caught) survivors++
    rows.set(name, `| ${name} | ${caught?.invariant ?? '**survives**'} | ${schedules} |`)
    return true
  })
  clear()
  console.log('| mutant | caught by | after schedules |\n|---|---|---|')
  for (const { name } of mutants) console.log(rows.get(name))
  console.log(`\n${mutants.length} mutants, ${survivors} survived ${huntLimit} schedules`)
  return survivors === 0
}

/** Prints what random worlds ask of DynamoDB, for an engine to answer it too. Their indexes do not lag. */
async function record(pipeline: Pipeline, from: number, count: number): Promise<number> {
  for (let seed = from; seed < from + count; seed++) {
    const { scenario, plan } = randomScenario(seed)
    const recorder = (call: RecordedCall) => console.log(JSON.stringify({ seed, ...call }))
    await play(pipeline, { ...scenario, indexLagMs: 0 }, plan, { recorder })
  }
  return 0
}

/** Tells the story of one run. */
async function tell(pipeline: Pipeline, seed: number, { path, sort }: Cuts, strikes: readonly string[]) {
  const random = randomScenario(seed)
  const scenario = path ? paths[path as PathName](sort as VendorSort) : random.scenario
  const plan = path ? explicitPlan(strikes.map(parseStrike)) : random.plan
  const { story, broken } = await play(pipeline, scenario, plan, { tells: true })
  console.log(story.join('\n'))
  for (const { invariant, detail } of broken) console.log(`\n${invariant}: ${detail}`)
  return broken.length === 0
}

const parseStrike = (text: string): Strike => {
  const [fault = '', ...address] = text.split(' at ')
  return { fault: fault as Fault, address: address.join(' at ') }
}

/** Runs what the command line asks for. @returns the exit code */
export async function main(pipeline: Pipeline, args: readonly string[]): Promise<number> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      only: { type: 'string' },
      schedules: { type: 'string', default: '10000' },
      seed: { type: 'string', default: '1' },
      every: { type: 'string' },
      path: { type: 'string' },
      sort: { type: 'string' },
      strike: { type: 'string', multiple: true, default: [] },
      record: { type: 'string' },
      tell: { type: 'boolean', default: false },
      fast: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  })
  if (values.help) {
    console.log(usage)
    return 0
  }
  const { only, fast, path, sort } = values
  const [every, schedules, seed] = [values.every, values.schedules, values.seed].map((value) =>
    value === undefined ? undefined : Number(value),
  )
  if (values.record) return record(pipeline, seed ?? 1, Number(values.record))
  if (values.tell) return (await tell(pipeline, seed ?? 1, { path, sort, fast }, values.strike)) ? 0 : 1
  const startedAt = performance.now()
  let holds = true
  if (!only || only === 'cuts') holds = (await cuts(pipeline, { path, sort, every, fast })) && holds
  if (!only || only === 'random')
    holds = (await randomWorlds(pipeline, seed ?? 1, schedules ?? 10_000)) && holds
  if (!only || only === 'mutants') holds = (await mutations()) && holds
  console.log(
    `\n${holds ? 'Everything holds' : 'BROKEN'}, after ${Math.round((performance.now() - startedAt) / 1000)} s`,
  )
  return holds ? 0 : 1
}
