import type { Pipeline } from './deployment.ts'
import { explicitPlan, faultsAt, type Place, type Strike } from './kernel/places.ts'
import { play, type Run, type Scenario } from './run.ts'

/** A run that broke an invariant, and what it takes to play it again. */
export interface Finding {
  scenario: Scenario
  strikes: readonly Strike[]
  run: Run
}

/** Everything that can strike at these places, one at a time. */
export const strikesAt = (places: readonly Place[]): Strike[] =>
  places.flatMap(({ address, kind }) => faultsAt[kind].map((fault) => ({ address, fault })))

/** Everything that can strike on a path of one order. */
export async function singleStrikes(pipeline: Pipeline, scenario: Scenario): Promise<Strike[]> {
  return strikesAt((await play(pipeline, scenario, explicitPlan([]))).places)
}

/**
 * Plays a path with one strike and, where `withSeconds`, with every second strike that can follow it. `isMine`
 * picks the second strikes to play, by their number.
 */
export async function* strikeAndFollow(
  pipeline: Pipeline,
  scenario: Scenario,
  first: Strike,
  isMine: (number: number) => boolean,
): AsyncGenerator<Finding | undefined> {
  const attempt = async (strikes: readonly Strike[]) => {
    const run = await play(pipeline, scenario, explicitPlan(strikes))
    return { scenario, strikes, run }
  }
  const finding = await attempt([first])
  yield finding.run.broken.length > 0 ? finding : undefined
  const { places } = finding.run
  const after = places.findIndex(({ address }) => address === first.address) + 1
  for (const [number, second] of strikesAt(places.slice(after)).entries()) {
    if (!isMine(number)) continue
    const pair = await attempt([first, second])
    yield pair.run.broken.length > 0 ? pair : undefined
  }
}
