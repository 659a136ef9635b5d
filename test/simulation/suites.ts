import type { Pipeline } from './deployment.ts'
import { singleStrikes } from './explore.ts'
import { report } from './failure-report.ts'
import { assertFits } from './hooks.ts'
import type { Done, Job } from './jobs.ts'
import { mutants } from './mutants.ts'
import type { Pool } from './pool.ts'
import type { Failure } from './run.ts'
import { huntLimit } from './run-mutant.ts'
import { type PathName, paths, type VendorSort, vendorSorts } from './scenarios.ts'

/** What every part of the simulation works with. */
export interface Workshop {
  pipeline: Pipeline
  pool: Pool
}

interface Coverage {
  sorts: readonly VendorSort[]
  /** Every so many-th pair of cuts is played. */
  pairs: number
  /** In the fast subset: every so many-th single cut. */
  fast: number
}

const allSorts = Object.keys(vendorSorts) as VendorSort[]

/** What is played of each path: of the straight one everything. */
const coverage: Record<PathName, Coverage> = {
  straight: { sorts: allSorts, pairs: 1, fast: 1 },
  'corrected and redriven': { sorts: ['honours keys', 'look-up only', 'neither'], pairs: 5, fast: 2 },
  'refused and cancelled': { sorts: ['look-up only'], pairs: 5, fast: 2 },
  'delivered twice': { sorts: ['honours keys', 'look-up only'], pairs: 5, fast: 2 },
  'no bus': { sorts: ['look-up only'], pairs: 20, fast: 4 },
  'no lock': { sorts: ['look-up only'], pairs: 20, fast: 8 },
  'late answers': { sorts: ['honours keys', 'look-up only'], pairs: 20, fast: 4 },
  'no credential': { sorts: ['look-up only'], pairs: 100, fast: 16 },
  'failing vendor': { sorts: ['honours keys', 'look-up only'], pairs: 100, fast: 8 },
  outage: { sorts: ['look-up only'], pairs: 100, fast: 16 },
  'never consumed': { sorts: ['look-up only'], pairs: 100, fast: 16 },
}

/** Counts what comes in, and says so on one line while somebody looks. */
function counter(title: string, jobs: number) {
  const total = {
    jobs: 0,
    runs: 0,
    strikes: 0,
    ends: {} as Record<string, number>,
    failures: [] as Failure[],
  }
  return {
    total,
    add({ runs, strikes, ends, failures }: Done): void {
      total.jobs++
      total.runs += runs
      total.strikes += strikes
      total.failures.push(...failures)
      for (const [end, count] of Object.entries(ends)) total.ends[end] = (total.ends[end] ?? 0) + count
      if (!process.stderr.isTTY) return
      const percent = Math.round((100 * total.jobs) / jobs)
      process.stderr.write(`\r\x1b[K${title}: ${percent} %, ${total.runs} runs`)
    },
    clear: () => process.stderr.isTTY && process.stderr.write('\r\x1b[K'),
  }
}

/** Does the jobs of one part, up to the first failure. @returns how many runs, and whether all held */
async function part({ pipeline, pool }: Workshop, title: string, jobs: readonly Job[]) {
  const { total, add, clear } = counter(title, jobs.length)
  await pool.run(jobs, (done) => {
    add(done)
    return total.failures.length === 0
  })
  clear()
  const [failure] = total.failures
  const ends = Object.entries(total.ends).map(([end, count]) => `${count} ${end}`)
  const verdict = failure ? 'BROKEN' : 'nothing broken'
  console.log(`${title}: ${total.runs} runs, ${total.strikes} strikes, ${ends.join(', ')}; ${verdict}`)
  if (failure) await report(pipeline, failure)
  return { runs: total.runs, holds: failure === undefined }
}

/** Which cuts are played. */
export interface Cuts {
  path?: string | undefined
  sort?: string | undefined
  every?: number | undefined
  fast: boolean
}

/** Every cut of one order's paths, and pairs of them. */
export async function cuts(workshop: Workshop, { every, fast, ...only }: Cuts): Promise<boolean> {
  let holds = true
  let runs = 0
  for (const [path, { sorts, pairs, fast: skip }] of Object.entries(coverage) as [PathName, Coverage][])
    for (const sort of fast && path !== 'straight' ? sorts.slice(-1) : sorts) {
      if ((only.path ?? path) !== path || (only.sort ?? sort) !== sort) continue
      const all = await singleStrikes(workshop.pipeline, paths[path](sort))
      const firsts = fast ? all.filter((_, index) => index % skip === 0) : all
      const second = every ?? (fast ? 0 : pairs)
      const jobs = firsts.map((first): Job => ({ kind: 'strike', path, sort, first, every: second }))
      const singles = `${firsts.length} of ${all.length} cuts`
      const which = second === 1 ? 'every pair' : second === 0 ? 'no pairs' : `one pair in ${second}`
      const done = await part(workshop, `${path}, ${sort}: ${singles}, ${which}`, jobs)
      holds &&= done.holds
      runs += done.runs
    }
  console.log(`${runs} runs of cuts in all\n`)
  return holds
}

/** Random worlds that one thread plays at a stretch. */
const stretch = 20

/** Random worlds of so many seeds. */
export async function randomWorlds(workshop: Workshop, from: number, count: number): Promise<boolean> {
  const jobs = Array.from({ length: Math.ceil(count / stretch) }, (_, index): Job => {
    const first = index * stretch
    return { kind: 'random', from: from + first, count: Math.min(stretch, count - first) }
  })
  const { holds } = await part(workshop, `random worlds, seeds ${from} to ${from + count - 1}`, jobs)
  return holds
}

/** Every mutant: each must be caught. */
export async function mutations({ pool }: Workshop): Promise<boolean> {
  for (const { patches } of mutants) for (const patch of patches) assertFits(patch)
  const { add, clear } = counter('mutants', mutants.length)
  const rows = new Map<string, string>()
  let survivors = 0
  await pool.run(
    mutants.map(({ name }): Job => ({ kind: 'hunt', mutant: name })),
    (done) => {
      add(done)
      if (!done.hunted) return true
      const { name, schedules, caught } = done.hunted
      if (!caught) survivors++
      rows.set(name, `| ${name} | ${caught?.invariant ?? '**survives**'} | ${schedules} |`)
      return true
    },
  )
  clear()
  console.log('\n| mutant | caught by | after schedules |\n|---|---|---|')
  for (const { name } of mutants) console.log(rows.get(name))
  console.log(`\n${mutants.length} mutants, ${survivors} survived ${huntLimit} schedules`)
  return survivors === 0
}
