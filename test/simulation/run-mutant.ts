import { loadPipeline, type Pipeline } from './deployment.ts'
import { strikesAt } from './explore.ts'
import { addPatches } from './hooks.ts'
import { Chance } from './kernel/chance.ts'
import { explicitPlan, type Strike } from './kernel/fault-points.ts'
import type { Mutant } from './mutants/mutant.ts'
import { type Failure, play, type Run, type Scenario } from './run.ts'
import { paths, randomScenario } from './scenarios.ts'

/** What became of a mutant. */
export interface Hunted {
  name: string
  schedules: number
  /** The run that broke an invariant; undefined where it survived. */
  caught: Failure | undefined
}

/** Schedules that a mutant may survive at the most. */
export const huntLimit = 3000

/** So many cuts are played between two random worlds. */
const cutsPerWorld = 6

/**
 * The runs of a hunt: the mutant's own path with every single strike, in a shuffled order, then with pairs of
 * strikes picked at random; and random worlds in between.
 */
async function* runs(
  pipeline: Pipeline,
  { path, sort }: Mutant,
): AsyncGenerator<{ scenario: Scenario; run: Run }> {
  const scenario = paths[path](sort)
  const chance = new Chance(1)
  const on = async (...strikes: Strike[]) => ({
    scenario,
    run: await play(pipeline, scenario, explicitPlan(strikes)),
  })
  const straight = await on()
  yield straight
  const rank = ({ address, fault }: Strike) => chance.between(`${address} ${fault}`, 0, 1e9)
  const singles = strikesAt(straight.run.places).sort((a, b) => rank(a) - rank(b))
  for (let number = 1; ; number++) {
    if (number % cutsPerWorld === 0) {
      const world = randomScenario(number / cutsPerWorld)
      yield { scenario: world.scenario, run: await play(pipeline, world.scenario, world.plan) }
    }
    const first = singles[number - 1] ?? chance.pick(`first ${number}`, singles)
    const single = await on(first)
    yield single
    if (number <= singles.length) continue
    const { places } = single.run
    const after = places.findIndex(({ address }) => address === first.address) + 1
    const seconds = strikesAt(places.slice(after))
    if (seconds.length > 0) yield await on(first, chance.pick(`second ${number}`, seconds))
  }
}

/** Loads lambdas/ with a mutant's patches. */
export function loadMutant({ name, patches }: Mutant): Promise<Pipeline> {
  const id = name.replace(/\W+/g, '-')
  addPatches(id, patches)
  return loadPipeline(id)
}

/** Plays schedules with a mutant until an invariant breaks, or the limit is reached. */
export async function hunt(mutant: Mutant): Promise<Hunted> {
  const { name } = mutant
  const pipeline = await loadMutant(mutant)
  let schedules = 0
  for await (const { scenario, run } of runs(pipeline, mutant)) {
    schedules++
    const [broken] = run.broken
    if (broken) {
      const { invariant } = broken
      return { name, schedules, caught: { scenario, strikes: run.struck, invariant } }
    }
    if (schedules >= huntLimit) break
  }
  return { name, schedules, caught: undefined }
}
