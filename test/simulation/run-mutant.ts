import { injectionsAt } from './cuts.ts'
import { loadPipeline, type Pipeline } from './deployment.ts'
import { Chance } from './kernel/chance.ts'
import { explicitPlan, type Injection } from './kernel/fault-points.ts'
import type { Mutant } from './mutants/mutant.ts'
import { randomScenario } from './random-worlds.ts'
import { type Failure, play, type Run, type Scenario } from './run.ts'
import { paths } from './scenarios.ts'

/** Whether and how a mutant was caught. */
export interface MutantResult {
  name: string
  schedules: number
  /** The run that broke an invariant; undefined if the mutant survived. */
  caught: Failure | undefined
}

/** A mutant that breaks no invariant in this many schedules has survived. */
export const scheduleLimit = 3000

/** How many cuts are played between two random worlds. */
const cutsPerWorld = 6

/**
 * Plays the mutant's path with every single cut, first those that it names, then the others in random order; then with
 * random pairs of cuts. Random worlds are played in between.
 */
async function* runs(
  pipeline: Pipeline,
  { path, vendorKind, first: named }: Mutant,
): AsyncGenerator<{ scenario: Scenario; run: Run }> {
  const scenario = paths[path](vendorKind)
  const chance = new Chance(1)
  const on = async (...injections: Injection[]) => ({
    scenario,
    run: await play(pipeline, scenario, explicitPlan(injections)),
  })
  const straight = await on()
  yield straight
  const rank = ({ address, fault }: Injection) =>
    named !== undefined && `${fault} at ${address}`.startsWith(named)
      ? 0
      : chance.between(`${address} ${fault}`, 1, 1e9)
  const singles = injectionsAt(straight.run.faultPoints, scenario).sort((a, b) => rank(a) - rank(b))
  for (let number = 1; ; number++) {
    if (number % cutsPerWorld === 0) {
      const world = randomScenario(number / cutsPerWorld)
      yield { scenario: world.scenario, run: await play(pipeline, world.scenario, world.plan) }
    }
    const first = singles[number - 1] ?? chance.pick(`first ${number}`, singles)
    const single = await on(first)
    yield single
    if (number <= singles.length) continue
    const { faultPoints } = single.run
    const after = faultPoints.findIndex(({ address }) => address === first.address) + 1
    const seconds = injectionsAt(faultPoints.slice(after), scenario)
    if (seconds.length > 0) yield await on(first, chance.pick(`second ${number}`, seconds))
  }
}

/** Plays schedules with a mutant until an invariant breaks, or the limit is reached. */
export async function runMutant(mutant: Mutant): Promise<MutantResult> {
  const { name } = mutant
  const pipeline = await loadPipeline(mutant)
  let schedules = 0
  for await (const { scenario, run } of runs(pipeline, mutant)) {
    schedules++
    const [violation] = run.violations
    if (violation) {
      const { invariant } = violation
      return { name, schedules, caught: { scenario, injections: run.injected, invariant } }
    }
    if (schedules >= scheduleLimit) break
  }
  return { name, schedules, caught: undefined }
}
