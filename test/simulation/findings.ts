import { coverage } from './coverage.ts'
import { allInjections } from './cuts.ts'
import type { Job } from './jobs.ts'
import type { Fault, Injection } from './kernel/fault-points.ts'
import { open } from './open-findings.ts'
import type { Failure } from './run.ts'
import { type PathName, paths } from './scenarios.ts'
import type { Runner } from './suites.ts'
import type { VendorKind } from './vendor-kinds.ts'

/** What is played for one entry of the open lists. */
interface Trial {
  entry: string
  path: PathName
  vendorKind: VendorKind
  /** The only fault, and the only invariant, that matters. */
  fault?: Fault
  invariant?: string
}

const everydayKinds: readonly VendorKind[] = ['honours keys', 'look-up only', 'neither']
const coveredPaths = Object.keys(coverage) as PathName[]

/** An entry's trials: an open path with its vendors, an open kind of vendors on its paths, and so on. */
function* trials(): Generator<Trial> {
  for (const path of open.paths)
    for (const vendorKind of coverage[path].vendorKinds) yield { entry: path, path, vendorKind }
  for (const vendorKind of open.vendorKinds)
    for (const path of coveredPaths)
      if (coverage[path].vendorKinds.includes(vendorKind) && !open.paths.includes(path))
        yield { entry: vendorKind, path, vendorKind }
  for (const fault of open.faults)
    for (const vendorKind of everydayKinds) yield { entry: fault, path: 'straight', vendorKind, fault }
  for (const invariant of open.invariants)
    for (const path of ['straight', 'never consumed', 'refused and cancelled'] as const)
      for (const vendorKind of everydayKinds) yield { entry: invariant, path, vendorKind, invariant }
}

/** Cuts of one trial, at the most: of a long path, one in so many. */
const cutsPerTrial = 500
const cutsPerJob = 25

async function injectionsOf(
  { pipeline }: Runner,
  { path, vendorKind, fault, invariant }: Trial,
): Promise<Injection[]> {
  const without = invariant === undefined ? [] : open.faults
  const all = await allInjections(pipeline, paths[path](vendorKind), without)
  const chosen = fault ? all.filter((injection) => injection.fault === fault) : all
  const every = Math.ceil(chosen.length / cutsPerTrial)
  return chosen.filter((_, index) => index % every === 0)
}

const quoted = (text: string) => `"${text}"`

/** The command that prints the log of a violation. */
function commandOf({ path, vendorKind }: Trial, { injections }: Failure): string {
  const faults = injections.map(({ address, fault }) => ` --fault ${quoted(`${fault} at ${address}`)}`)
  return `npm run simulate -- --report --path ${quoted(path)} --vendor ${quoted(vendorKind)}${faults.join('')}`
}

/** Plays what is open, and prints which invariants it violates and how to see that. @returns whether all of it holds */
export async function findings(runner: Runner): Promise<boolean> {
  const violated = new Set<string>()
  for (const trial of trials()) {
    const injections = await injectionsOf(runner, trial)
    const jobs = Array.from({ length: Math.ceil(injections.length / cutsPerJob) }, (_, index): Job => {
      const { path, vendorKind } = trial
      const part = injections.slice(index * cutsPerJob, (index + 1) * cutsPerJob)
      return { kind: 'finding', path, vendorKind, injections: part }
    })
    const byInvariant = new Map<string, Failure[]>()
    await runner.pool.run(jobs, ({ failures }) => {
      for (const failure of failures)
        if ((trial.invariant ?? failure.invariant) === failure.invariant)
          byInvariant.set(failure.invariant, [...(byInvariant.get(failure.invariant) ?? []), failure])
      return true
    })
    const { entry, path, vendorKind } = trial
    console.log(`${entry}: ${path}, ${vendorKind}: ${injections.length} cuts`)
    for (const [invariant, failures] of byInvariant) {
      violated.add(entry)
      const [simplest] = failures.sort((a, b) => a.injections.length - b.injections.length)
      console.log(
        `  ${invariant} violated ${failures.length} times: ${simplest ? commandOf(trial, simplest) : ''}`,
      )
    }
  }
  const entries = [...open.paths, ...open.vendorKinds, ...open.faults, ...open.invariants]
  for (const entry of entries)
    if (!violated.has(entry)) console.log(`\n"${entry}" holds: take it out of open-findings.ts`)
  return violated.size === 0
}
