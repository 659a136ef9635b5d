import { loadPipeline, type Pipeline } from './deployment.ts'
import { explicitPlan, type Fault, type Injection } from './kernel/fault-points.ts'
import type { RecordedCall } from './kernel/world.ts'
import { mutants } from './mutants/all-mutants.ts'
import { randomScenario } from './random-worlds.ts'
import { type Failure, play } from './run.ts'
import { runMutant } from './run-mutant.ts'
import { type PathName, paths } from './scenarios.ts'
import { shrink } from './shrink.ts'
import type { VendorKind } from './vendor-kinds.ts'

/** How many lines of a long log are printed: its beginning, and the events before the violation. */
const firstLines = 40
const lastLines = 120
const violationLimit = 10

/** The first and last lines, with a line in between that says how many are left out. */
function abridged(lines: readonly string[], first: number, last: number): string {
  const left = lines.length - first - last
  if (left <= 0) return lines.join('\n')
  const note = `… ${left} more …`
  return [...lines.slice(0, first), note, ...lines.slice(lines.length - last)].join('\n')
}

/** Shrinks a failure, and prints its log and the command that plays it again. */
export async function report(pipeline: Pipeline, failure: Failure): Promise<void> {
  const { scenario, invariant } = failure
  console.log(`\nVIOLATED: ${invariant}, in ${scenario.name}. The smallest run of it:\n`)
  const small = await shrink(pipeline, failure)
  const { run } = small
  console.log(abridged(run.logLines, firstLines, lastLines))
  const violations = run.violations.map(({ invariant: name, detail }) => `${name}: ${detail}`)
  console.log(`\n${abridged(violations, violationLimit, 0)}\n`)
  for (const { fault, address } of run.injected) console.log(`Fault: "${fault} at ${address}"`)
  const { plannedOrders, ...world } = small.scenario
  console.log(`World: ${JSON.stringify(world)}, with ${plannedOrders.length} orders`)
  if (scenario.isWild)
    console.log(`Again: node test/simulation/main.ts --only random --schedules 1 --seed ${scenario.seed}`)
}

const parseInjection = (text: string): Injection => {
  const [fault = '', ...address] = text.split(' at ')
  return { fault: fault as Fault, address: address.join(' at ') }
}

/** Prints the whole log of a run: of a seed, or of a path with its faults. @returns whether all invariants hold */
export async function reportRun(
  pipeline: Pipeline,
  {
    seed,
    path,
    vendorKind,
    injections,
  }: { seed: number; path: PathName | undefined; vendorKind: VendorKind; injections: readonly string[] },
): Promise<boolean> {
  const random = randomScenario(seed)
  const scenario = path ? paths[path](vendorKind) : random.scenario
  const plan = path ? explicitPlan(injections.map(parseInjection)) : random.plan
  const { logLines, violations } = await play(pipeline, scenario, plan, { isLogged: true })
  console.log(logLines.join('\n'))
  for (const { invariant, detail } of violations) console.log(`\n${invariant}: ${detail}`)
  return violations.length === 0
}

/** Runs a mutant and prints the run that catches it. @returns whether it is caught */
export async function reportMutant(name: string): Promise<boolean> {
  const mutant = mutants.find((each) => each.name === name)
  if (!mutant) throw new Error(`There is no mutant "${name}"; --only mutants lists them`)
  const { caught } = await runMutant(mutant)
  if (caught) await report(await loadPipeline(mutant), caught)
  return caught !== undefined
}

/** Prints the DynamoDB calls of random worlds, without index lag, so that they can be replayed on a real engine. */
export async function recordCalls(pipeline: Pipeline, from: number, count: number): Promise<void> {
  for (let seed = from; seed < from + count; seed++) {
    const { scenario, plan } = randomScenario(seed)
    const recorder = (call: RecordedCall) => console.log(JSON.stringify({ seed, ...call }))
    await play(pipeline, { ...scenario, indexLagMs: 0 }, plan, { recorder })
  }
}
