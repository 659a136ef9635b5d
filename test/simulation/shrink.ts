import type { Pipeline } from './deployment.ts'
import { explicitPlan, type Strike } from './kernel/fault-points.ts'
import { play, type Run, type Scenario } from './run.ts'

/** A failing run made small. */
export interface Shrunk {
  scenario: Scenario
  strikes: readonly Strike[]
  run: Run
}

/** Worlds that are simpler than this one, the simplest first. */
function* simpler(scenario: Scenario): Generator<Scenario> {
  const { wishes, outages, poison } = scenario
  const without = <T>(items: readonly T[], index: number) => items.filter((_, other) => other !== index)
  if (scenario.isWild) yield { ...scenario, isWild: false }
  if (scenario.skewMs > 0) yield { ...scenario, skewMs: 0 }
  if (scenario.indexLagMs > 0) yield { ...scenario, indexLagMs: 0 }
  if (scenario.coldStartRate > 0) yield { ...scenario, coldStartRate: 0 }
  if (scenario.brokenRules) yield { ...scenario, brokenRules: undefined }
  if (scenario.lockOutage) yield { ...scenario, lockOutage: undefined }
  if (scenario.busOutage) yield { ...scenario, busOutage: undefined }
  for (const index of outages.keys()) yield { ...scenario, outages: without(outages, index) }
  for (const index of poison.keys()) yield { ...scenario, poison: without(poison, index) }
  if (wishes.length > 1)
    for (const index of wishes.keys()) yield { ...scenario, wishes: without(wishes, index) }
  for (const [index, wish] of wishes.entries())
    if (wish.cancelAtMs !== undefined || wish.correctAtMs !== undefined) {
      const plain = { ...wish, cancelAtMs: undefined, correctAtMs: undefined }
      yield { ...scenario, wishes: wishes.map((other, at) => (at === index ? plain : other)) }
    }
}

/**
 * Makes a failing run smaller as long as it breaks the same invariant: fewer strikes, halves first, and a
 * simpler world. Every decision of a run goes by its own name, so that what is left stays as it was.
 */
export async function shrink(
  pipeline: Pipeline,
  scenario: Scenario,
  struck: readonly Strike[],
): Promise<Shrunk> {
  const attempt = async (world: Scenario, strikes: readonly Strike[]): Promise<Shrunk> => ({
    scenario: world,
    strikes,
    run: await play(pipeline, world, explicitPlan(strikes), { tells: true }),
  })
  let smallest = await attempt(scenario, struck)
  const invariant = smallest.run.broken[0]?.invariant
  if (invariant === undefined) throw new Error('What broke in this run does not break again')
  const adopt = (candidate: Shrunk): boolean => {
    const holds = candidate.run.broken.every((broken) => broken.invariant !== invariant)
    if (!holds) smallest = candidate
    return !holds
  }
  for (let size = Math.max(1, smallest.strikes.length >> 1); ; size = Math.max(1, size >> 1)) {
    for (let at = 0; at < smallest.strikes.length; ) {
      const { strikes } = smallest
      const fewer = [...strikes.slice(0, at), ...strikes.slice(at + size)]
      if (!adopt(await attempt(smallest.scenario, fewer))) at += size
    }
    if (size === 1) break
  }
  for (let found = true; found; ) {
    found = false
    for (const world of simpler(smallest.scenario))
      if (adopt(await attempt(world, smallest.strikes))) {
        found = true
        break
      }
  }
  return smallest
}
