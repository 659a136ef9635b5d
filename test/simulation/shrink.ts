import type { Pipeline } from './deployment.ts'
import { explicitPlan, type Injection } from './kernel/fault-points.ts'
import { type Failure, play, type Run, type Scenario } from './run.ts'

/** A failing run, made smaller. */
export interface Shrunk {
  scenario: Scenario
  injections: readonly Injection[]
  run: Run
}

/** Worlds that are simpler than this one, simplest first. */
function* simpler(scenario: Scenario): Generator<Scenario> {
  const { plannedOrders, outages, ourOutages, poison } = scenario
  const without = <T>(items: readonly T[], index: number) => items.filter((_, other) => other !== index)
  if (scenario.isWild) yield { ...scenario, isWild: false }
  if (scenario.skewMs > 0) yield { ...scenario, skewMs: 0 }
  if (scenario.indexLagMs > 0) yield { ...scenario, indexLagMs: 0 }
  if (scenario.coldStartRate > 0) yield { ...scenario, coldStartRate: 0 }
  if (scenario.releasedAtMs !== undefined) yield { ...scenario, releasedAtMs: undefined }
  for (const index of ourOutages.keys()) yield { ...scenario, ourOutages: without(ourOutages, index) }
  for (const index of outages.keys()) yield { ...scenario, outages: without(outages, index) }
  for (const index of poison.keys()) yield { ...scenario, poison: without(poison, index) }
  if (plannedOrders.length > 1)
    for (const index of plannedOrders.keys())
      yield { ...scenario, plannedOrders: without(plannedOrders, index) }
  for (const [index, planned] of plannedOrders.entries())
    if (planned.cancelAtMs !== undefined || planned.correctAtMs !== undefined) {
      const plain = { ...planned, cancelAtMs: undefined, correctAtMs: undefined }
      yield { ...scenario, plannedOrders: plannedOrders.map((other, at) => (at === index ? plain : other)) }
    }
}

/**
 * Makes a failing run smaller as long as it breaks the same invariant: fewer faults, removing halves first, and a
 * simpler world. Random decisions depend on their names, so removing one does not change the others.
 */
export async function shrink(
  pipeline: Pipeline,
  { scenario, injections: injected, invariant }: Failure,
): Promise<Shrunk> {
  const attempt = async (world: Scenario, injections: readonly Injection[]): Promise<Shrunk> => ({
    scenario: world,
    injections,
    run: await play(pipeline, world, explicitPlan(injections), { isLogged: true }),
  })
  let smallest = await attempt(scenario, injected)
  const isViolated = ({ run }: Shrunk) =>
    run.violations.some((violation) => violation.invariant === invariant)
  if (!isViolated(smallest)) throw new Error('What broke in this run does not break again')
  const adopt = (candidate: Shrunk): boolean => {
    if (isViolated(candidate)) smallest = candidate
    return smallest === candidate
  }
  for (let size = Math.max(1, smallest.injections.length >> 1); ; size = Math.max(1, size >> 1)) {
    for (let at = 0; at < smallest.injections.length; ) {
      const { injections } = smallest
      const fewer = [...injections.slice(0, at), ...injections.slice(at + size)]
      if (!adopt(await attempt(smallest.scenario, fewer))) at += size
    }
    if (size === 1) break
  }
  for (let found = true; found; ) {
    found = false
    for (const world of simpler(smallest.scenario))
      if (adopt(await attempt(world, smallest.injections))) {
        found = true
        break
      }
  }
  return smallest
}
