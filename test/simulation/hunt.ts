import { type Pipeline, loadPipeline } from './deployment.ts'
import { type Finding, singleStrikes } from './explore.ts'
import { addPatch } from './hooks.ts'
import { Chance } from './kernel/chance.ts'
import { explicitPlan } from './kernel/places.ts'
import type { Mutant } from './mutants.ts'
import { play } from './run.ts'
import { paths, randomScenario } from './scenarios.ts'

/** What became of a mutant. */
export interface Hunted {
  name: string
  schedules: number
  /** The invariant that caught it, if one did. */
  invariant: string | undefined
  finding: Finding | undefined
}

/** Schedules that a mutant may survive at the most. */
export const huntLimit = 3000

/** The schedules of a hunt: single strikes on the mutant's own path and random worlds, turn by turn. */
async function* schedules(pipeline: Pipeline, { path, sort }: Mutant) {
  const scenario = paths[path](sort)
  yield { scenario, plan: explicitPlan([]) }
  const strikes = await singleStrikes(pipeline, scenario)
  const chance = new Chance(1)
  const order = new Map(strikes.map((strike) => [strike, chance.between(`${strike.address} ${strike.fault}`, 0, 1e9)]))
  strikes.sort((a, b) => (order.get(a) ?? 0) - (order.get(b) ?? 0))
  for (let seed = 1; ; seed++) {
    for (const strike of strikes.splice(0, 4)) yield { scenario, plan: explicitPlan([strike]) }
    yield randomScenario(seed)
  }
}

/** Plays schedules with a mutant until an invariant breaks, or the limit is reached. */
export async function hunt(mutant: Mutant): Promise<Hunted> {
  const { name } = mutant
  const id = name.replace(/\W+/g, '-')
  addPatch(id, mutant)
  const pipeline = await loadPipeline(id)
  let count = 0
  for await (const { scenario, plan } of schedules(pipeline, mutant)) {
    count++
    const run = await play(pipeline, scenario, plan)
    const [broken] = run.broken
    if (broken)
      return { name, schedules: count, invariant: broken.invariant, finding: { scenario, strikes: run.struck, run } }
    if (count >= huntLimit) break
  }
  return { name, schedules: count, invariant: undefined, finding: undefined }
}
