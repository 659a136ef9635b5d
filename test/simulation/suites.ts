import { coverage } from './coverage.ts'
import { allInjections } from './cuts.ts'
import type { Pipeline } from './deployment.ts'
import { report } from './failure-report.ts'
import { assertFits } from './hooks.ts'
import type { Job, JobResult } from './jobs.ts'
import { type LoadName, loads } from './loads.ts'
import { mutants } from './mutants/all-mutants.ts'
import { loadMutants } from './mutants/loads.ts'
import { nextRelease } from './next-release.ts'
import type { Pool } from './pool.ts'
import type { Failure } from './run.ts'
import { scheduleLimit } from './run-mutant.ts'
import { type PathName, paths } from './scenarios.ts'

/** The dependencies of every suite. */
export interface Runner {
  pipeline: Pipeline
  pool: Pool
}

/** Adds up results, and shows progress on one line of a terminal. */
function counter(title: string, jobs: number) {
  const total = {
    jobs: 0,
    runs: 0,
    injections: 0,
    ends: {} as Record<string, number>,
    failures: [] as Failure[],
  }
  return {
    total,
    add({ runs, injections, ends, failures }: JobResult): void {
      total.jobs++
      total.runs += runs
      total.injections += injections
      total.failures.push(...failures)
      for (const [end, count] of Object.entries(ends)) total.ends[end] = (total.ends[end] ?? 0) + count
      if (!process.stderr.isTTY) return
      const percent = Math.round((100 * total.jobs) / jobs)
      process.stderr.write(`\r\x1b[K${title}: ${percent} %, ${total.runs} runs`)
    },
    clear: () => process.stderr.isTTY && process.stderr.write('\r\x1b[K'),
  }
}

/** Runs a suite's jobs up to the first failure. @returns the number of runs, and whether all passed */
async function runSuite({ pipeline, pool }: Runner, title: string, jobs: readonly Job[]) {
  const { total, add, clear } = counter(title, jobs.length)
  await pool.run(jobs, (done) => {
    add(done)
    return total.failures.length === 0
  })
  clear()
  const [failure] = total.failures
  const ends = Object.entries(total.ends).map(([end, count]) => `${count} ${end}`)
  const verdict = failure ? 'VIOLATED' : 'all invariants hold'
  console.log(
    `${title}: ${total.runs} runs, ${total.injections} faults injected, ${ends.join(', ')}; ${verdict}`,
  )
  if (failure) await report(pipeline, failure)
  return { runs: total.runs, holds: failure === undefined }
}

/** Which cuts are played. */
export interface Cuts {
  path?: string | undefined
  vendorKind?: string | undefined
  every?: number | undefined
  fast: boolean
  /** Thins the fast subset to one single cut in four, on the straight path in two; the rest use the next vendor kind. */
  thin: boolean
}

/** Plays every cut of one order's paths, and pairs of cuts. */
export async function cuts(runner: Runner, { every, fast, thin, ...only }: Cuts): Promise<boolean> {
  let holds = true
  let runs = 0
  for (const path of Object.keys(coverage) as PathName[]) {
    const { vendorKinds, singly = [], pairs, fast: fastSkip } = coverage[path]
    const isStraight = path === 'straight'
    const skip = thin ? fastSkip * (isStraight ? 2 : 4) : fastSkip
    const kinds = fast && !isStraight ? vendorKinds.slice(-1) : [...singly, ...vendorKinds]
    for (const [turn, vendorKind] of kinds.entries()) {
      if ((only.path ?? path) !== path || (only.vendorKind ?? vendorKind) !== vendorKind) continue
      const all = await allInjections(runner.pipeline, paths[path](vendorKind))
      const firsts = fast ? all.filter((_, index) => (index + turn) % skip === 0) : all
      const second = every ?? (fast || singly.includes(vendorKind) ? 0 : pairs)
      const jobs = firsts.map((first): Job => ({ kind: 'cut', path, vendorKind, first, every: second }))
      const singles = `${firsts.length} of ${all.length} cuts`
      const which = second === 1 ? 'every pair' : second === 0 ? 'no pairs' : `one pair in ${second}`
      const done = await runSuite(runner, `${path}, ${vendorKind}: ${singles}, ${which}`, jobs)
      holds &&= done.holds
      runs += done.runs
    }
  }
  console.log(`${runs} runs of cuts in all\n`)
  return holds
}

/** How many random worlds are one job. */
const seedsPerJob = 20

/** Plays random worlds with consecutive seeds. */
export async function randomWorlds(runner: Runner, from: number, count: number): Promise<boolean> {
  const jobs = Array.from({ length: Math.ceil(count / seedsPerJob) }, (_, index): Job => {
    const first = index * seedsPerJob
    return { kind: 'random', from: from + first, count: Math.min(seedsPerJob, count - first) }
  })
  const { holds } = await runSuite(runner, `random worlds, seeds ${from} to ${from + count - 1}`, jobs)
  return holds
}

/** Plays every mutant; an invariant must catch each of them. */
export async function mutations({ pool }: Runner): Promise<boolean> {
  for (const { patches } of [...mutants, { patches: nextRelease }])
    for (const patch of patches) assertFits(patch)
  const { add, clear } = counter('mutants', mutants.length)
  const rows = new Map<string, string>()
  let survivors = 0
  await pool.run(
    mutants.map(({ name }): Job => ({ kind: 'mutant', mutant: name })),
    (done) => {
      add(done)
      if (!done.mutantResult) return true
      const { name, schedules, caught } = done.mutantResult
      if (!caught) survivors++
      rows.set(name, `| ${name} | ${caught?.invariant ?? '**survives**'} | ${schedules} |`)
      return true
    },
  )
  clear()
  console.log('\n| mutant | caught by | after schedules |\n|---|---|---|')
  for (const { name } of mutants) console.log(rows.get(name))
  console.log(`\n${mutants.length} mutants, ${survivors} survived ${scheduleLimit} schedules`)
  return survivors === 0
}

/** Plays the loads: the unchanged code must keep every promise, and each mutant must break one. */
export async function manyOrders({ pool }: Runner): Promise<boolean> {
  for (const { patches } of loadMutants) for (const patch of patches) assertFits(patch)
  const plain = (Object.keys(loads) as LoadName[]).map((load) => ({ load, name: undefined }))
  let holds = true
  console.log('\n| mutant | load | promises broken |\n|---|---|---|')
  await pool.run(
    [...plain, ...loadMutants].map(({ load, name }): Job => ({ kind: 'load', load, mutant: name })),
    ({ played }) => {
      if (!played) return true
      const { load, mutant, result } = played
      const broken = loads[load].check(result)
      holds &&= broken.length > 0 === (mutant !== undefined)
      console.log(`| ${mutant ?? 'none'} | ${load} | ${broken.join('; ') || 'none'} |`)
      return true
    },
  )
  return holds
}
