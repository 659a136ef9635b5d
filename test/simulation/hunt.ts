import { loadPipeline, type Pipeline } from './deployment.ts'
import { strikesAt } from './explore.ts'
import { addPatches } from './hooks.ts'
import { Chance } from './kernel/chance.ts'
import { explicitPlan, type Strike } from './kernel/places.ts'
import type { Mutant } from './mutants/mutant.ts'
import { play, type Run } from './run.ts'
import { paths, randomScenario } from './scenarios.ts'

/** What became of a mutant. */
export interface Hunted {
  name: string
  schedules: number
  /** The invariant that caught it, and how; undefined where it survived. */
  caught: { invariant: string; detail: string } | undefined
}

/** Schedules that a mutant may survive at the most. */
export const huntLimit = 3000

/** So many cuts are played between two random worlds. */
const cutsPerWorld = 6

/**
 * The runs of a hunt: the mutant's own path with every single strike, in a shuffled order, then with pairs of
 * strikes picked at random; and random worlds in between.
 */
async function* runs(pipeline: Pipeline, { path, sort }: Mutant): AsyncGenerator<Run> {
  const scenario = paths[path](sort)
  const chance = new Chance(1)
  const on = (...strikes: Strike[]) => play(pipeline, scenario, explicitPlan(strikes))
  const straight = await on()
  yield straight
  const rank = ({ address, fault }: Strike) => chance.between(`${address} ${fault}`, 0, 1e9)
  const singles = strikesAt(straight.places).sort((a, b) => rank(a) - rank(b))
  for (let number = 1; ; number++) {
    if (number % cutsPerWorld === 0) {
      const world = randomScenario(number / cutsPerWorld)
      yield await play(pipeline, world.scenario, world.plan)
    }
    const first = singles[number - 1] ?? chance.pick(`first ${number}`, singles)
    const run = await on(first)
    yield run
    if (number <= singles.length) continue
    const after = run.places.findIndex(({ address }) => address === first.address) + 1
    const seconds = strikesAt(run.places.slice(after))
    if (seconds.length > 0) yield await on(first, chance.pick(`second ${number}`, seconds))
  }
}

/** Plays schedules with a mutant until an invariant breaks, or the limit is reached. */
export async function hunt(mutant: Mutant): Promise<Hunted> {
  const { name } = mutant
  const id = name.replace(/\W+/g, '-')
  addPatches(id, mutant.patches)
  const pipeline = await loadPipeline(id)
  let schedules = 0
  for await (const { broken } of runs(pipeline, mutant)) {
    schedules++
    if (broken[0]) return { name, schedules, caught: broken[0] }
    if (schedules >= huntLimit) break
  }
  return { name, schedules, caught: undefined }
}
