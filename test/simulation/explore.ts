import type { Pipeline } from './deployment.ts'
import { explicitPlan, faultsAt, type Place, type Strike } from './kernel/fault-points.ts'
import { play, type Run, type Scenario } from './run.ts'

/** Everything that can strike at these places, one at a time. */
export const strikesAt = (places: readonly Place[]): Strike[] =>
  places.flatMap(({ address, kind }) => faultsAt[kind].map((fault) => ({ address, fault })))

/** Everything that can strike on a path of one order. */
export async function singleStrikes(pipeline: Pipeline, scenario: Scenario): Promise<Strike[]> {
  return strikesAt((await play(pipeline, scenario, explicitPlan([]))).places)
}

/**
 * Plays a path with one strike, and again with every `every`th of the second strikes that can follow it (all
 * of them for 1, none for 0). A pair is played once: from the strike that comes first.
 */
export async function* strikeAndFollow(
  pipeline: Pipeline,
  scenario: Scenario,
  first: Strike,
  every: number,
): AsyncGenerator<{ scenario: Scenario; run: Run }> {
  const on = async (...strikes: Strike[]) => ({
    scenario,
    run: await play(pipeline, scenario, explicitPlan(strikes)),
  })
  const single = await on(first)
  yield single
  if (every === 0) return
  const { places } = single.run
  const after = places.findIndex(({ address }) => address === first.address) + 1
  // Which of them are left out differs from one first strike to the next.
  const offset = first.address.length + first.fault.length
  for (const [number, second] of strikesAt(places.slice(after)).entries())
    if ((number + offset) % every === 0) yield await on(first, second)
}
