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
  /** The only fault, or the only invariant, that matters. */
  fault?: Fault
  invariant?: string
}

const everydayKinds: readonly VendorKind[] = ['honours keys', 'look-up only', 'neither']
const coveredPaths = Object.keys(coverage) as PathName[]

/** An open path with its vendors, an open kind of vendors on its paths, and so on. */
function* allTrials(): Generator<Trial> {
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

/** The cuts of one trial: all of those at the vendor, and of the others one in so many. */
const otherCuts = 150
const cutsPerJob = 25
const isAtVendor = ({ address }: Injection) => / (create|look up) at /.test(address)

async function injectionsOf({ pipeline }: Runner, { path, vendorKind, fault }: Trial): Promise<Injection[]> {
  const without = fault === undefined ? open.faults : []
  const all = await allInjections(pipeline, paths[path](vendorKind), without)
  if (fault !== undefined)
    return all.filter(
      (each) => each.fault === fault || (isAtVendor(each) && !open.faults.includes(each.fault)),
    )
  const every = Math.ceil(all.length / otherCuts)
  return all.filter((injection, index) => index % every === 0 || isAtVendor(injection))
}

/** The command that prints the log of a violation. */
function commandOf({ path, vendorKind }: Trial, { injections }: Failure): string {
  const faults = injections.map(({ address, fault }) => ` --fault "${fault} at ${address}"`)
  return `npm run simulate -- --report --path "${path}" --vendor "${vendorKind}"${faults.join('')}`
}

/** Plays a trial. @returns its failures by the invariant that they violate */
async function play(runner: Runner, trial: Trial, injections: readonly Injection[]) {
  const { path, vendorKind } = trial
  const jobs = Array.from({ length: Math.ceil(injections.length / cutsPerJob) }, (_, index): Job => {
    const part = injections.slice(index * cutsPerJob, (index + 1) * cutsPerJob)
    return { kind: 'finding', path, vendorKind, injections: part, followedBy: trial.fault }
  })
  const byInvariant = new Map<string, Failure[]>()
  await runner.pool.run(jobs, ({ failures }) => {
    for (const failure of failures)
      if ((trial.invariant ?? failure.invariant) === failure.invariant)
        byInvariant.set(failure.invariant, [...(byInvariant.get(failure.invariant) ?? []), failure])
    return true
  })
  return byInvariant
}

/** Which findings are played. */
export interface Which {
  path: PathName | undefined
  vendorKind: VendorKind | undefined
}

/** Plays what is open, and prints which invariants it violates and how to see that. @returns whether all of it holds */
export async function findings(runner: Runner, which: Which): Promise<boolean> {
  const trials = [...allTrials()].filter(
    ({ path, vendorKind }) =>
      (which.path ?? path) === path && (which.vendorKind ?? vendorKind) === vendorKind,
  )
  const violated = new Set<string>()
  for (const trial of trials) {
    const { entry, path, vendorKind } = trial
    const injections = await injectionsOf(runner, trial)
    const byInvariant = await play(runner, trial, injections)
    console.log(`${entry}: ${path}, ${vendorKind}: ${injections.length} cuts`)
    const rank = ({ injections: [first] }: Failure) =>
      injections.findIndex(({ address, fault }) => address === first?.address && fault === first.fault)
    for (const [invariant, failures] of byInvariant) {
      violated.add(entry)
      const [first] = failures.sort((a, b) => rank(a) - rank(b))
      console.log(`  ${invariant}, ${failures.length} times: ${first ? commandOf(trial, first) : ''}`)
    }
  }
  for (const entry of new Set(trials.map((trial) => trial.entry)))
    if (!violated.has(entry)) console.log(`\n"${entry}" holds: take it out of open-findings.ts`)
  return violated.size === 0
}
