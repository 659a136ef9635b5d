import { cutAndFollow } from './cuts.ts'
import { loadPipeline, type Pipeline } from './deployment.ts'
import type { Injection } from './kernel/fault-points.ts'
import { type Load, type LoadResult, playLoad } from './load.ts'
import { type LoadName, loads } from './loads.ts'
import { mutants } from './mutants/all-mutants.ts'
import { loadMutants } from './mutants/loads.ts'
import { randomScenario } from './random-worlds.ts'
import { type Failure, play } from './run.ts'
import { type MutantResult, runMutant } from './run-mutant.ts'
import { type PathName, paths } from './scenarios.ts'
import type { VendorKind } from './vendor-kinds.ts'

/** A unit of work for one thread. */
export type Job =
  /** One cut of a path, and every `every`th of the second cuts that can follow it; 0 for none. */
  | { kind: 'cut'; path: PathName; vendorKind: VendorKind; first: Injection; every: number }
  /** Random worlds with `count` seeds, beginning at `from`. */
  | { kind: 'random'; from: number; count: number }
  | { kind: 'mutant'; mutant: string }
  /** A load of the suite, with a mutant if one is named; or a load of the caller's own, for measurements. */
  | { kind: 'load'; load: LoadName | Load; mutant?: string | undefined }

/** The result of a job. */
export interface JobResult {
  runs: number
  injections: number
  ends: Record<string, number>
  failures: Failure[]
  mutantResult?: MutantResult
  played?: { load: LoadName; mutant: string | undefined; result: LoadResult }
  loadResult?: LoadResult
}

/** A job stops after this many failures. */
const failuresPerJob = 3

export async function runJob(pipeline: Pipeline, job: Job): Promise<JobResult> {
  const done: JobResult = { runs: 0, injections: 0, ends: {}, failures: [] }
  if (job.kind === 'load') {
    const { load, mutant } = job
    if (typeof load !== 'string') return { ...done, loadResult: await playLoad(pipeline, load) }
    const bug = loadMutants.find(({ name }) => name === mutant)
    const result = await playLoad(bug ? await loadPipeline(bug) : pipeline, loads[load].load)
    return { ...done, played: { load, mutant, result } }
  }
  if (job.kind === 'mutant') {
    const mutant = mutants.find(({ name }) => name === job.mutant)
    if (!mutant) throw new Error(`There is no mutant ${job.mutant}`)
    const mutantResult = await runMutant(mutant)
    return { ...done, runs: mutantResult.schedules, mutantResult }
  }
  for await (const { scenario, run } of runsOf(pipeline, job)) {
    done.runs++
    done.injections += run.injected.length
    for (const [end, count] of Object.entries(run.ends)) done.ends[end] = (done.ends[end] ?? 0) + count
    const invariants = new Set(run.violations.map((each) => each.invariant))
    for (const invariant of invariants) done.failures.push({ scenario, injections: run.injected, invariant })
    if (done.failures.length >= failuresPerJob) break
  }
  return done
}

async function* runsOf(pipeline: Pipeline, job: Exclude<Job, { kind: 'mutant' | 'load' }>) {
  if (job.kind === 'cut') {
    const scenario = paths[job.path](job.vendorKind)
    yield* cutAndFollow(pipeline, scenario, job.first, job.every)
    return
  }
  for (let seed = job.from; seed < job.from + job.count; seed++) {
    const { scenario, plan } = randomScenario(seed)
    yield { scenario, run: await play(pipeline, scenario, plan) }
  }
}
