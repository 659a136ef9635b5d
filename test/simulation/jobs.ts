import type { Pipeline } from './deployment.ts'
import { strikeAndFollow } from './explore.ts'
import type { Strike } from './kernel/fault-points.ts'
import { mutants } from './mutants.ts'
import { type Failure, play } from './run.ts'
import { type Hunted, hunt } from './run-mutant.ts'
import { type PathName, paths, randomScenario, type VendorSort } from './scenarios.ts'

/** A piece of work for one thread. */
export type Job =
  /** One strike on a path, and every `every`th of the second strikes that can follow it; 0 for none. */
  | { kind: 'strike'; path: PathName; sort: VendorSort; first: Strike; every: number }
  /** Random worlds of these seeds. */
  | { kind: 'random'; from: number; count: number }
  | { kind: 'hunt'; mutant: string }

/** What came of a job. */
export interface Done {
  runs: number
  strikes: number
  ends: Record<string, number>
  failures: Failure[]
  hunted?: Hunted
}

/** Failures that one job reports at the most: one is enough to begin with. */
const enough = 3

/** Does a job. */
export async function work(pipeline: Pipeline, job: Job): Promise<Done> {
  const done: Done = { runs: 0, strikes: 0, ends: {}, failures: [] }
  if (job.kind === 'hunt') {
    const mutant = mutants.find(({ name }) => name === job.mutant)
    if (!mutant) throw new Error(`There is no mutant ${job.mutant}`)
    const hunted = await hunt(mutant)
    return { ...done, runs: hunted.schedules, hunted }
  }
  for await (const { scenario, run } of runsOf(pipeline, job)) {
    done.runs++
    done.strikes += run.struck.length
    for (const [end, count] of Object.entries(run.ends)) done.ends[end] = (done.ends[end] ?? 0) + count
    const [broken] = run.broken
    if (broken) done.failures.push({ scenario, strikes: run.struck, invariant: broken.invariant })
    if (done.failures.length >= enough) break
  }
  return done
}

async function* runsOf(pipeline: Pipeline, job: Exclude<Job, { kind: 'hunt' }>) {
  if (job.kind === 'strike') {
    const scenario = paths[job.path](job.sort)
    yield* strikeAndFollow(pipeline, scenario, job.first, job.every)
    return
  }
  for (let seed = job.from; seed < job.from + job.count; seed++) {
    const { scenario, plan } = randomScenario(seed)
    yield { scenario, run: await play(pipeline, scenario, plan) }
  }
}
