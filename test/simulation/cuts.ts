import type { Pipeline } from './deployment.ts'
import { explicitPlan, type FaultPoint, faultsByKind, type Injection } from './kernel/fault-points.ts'
import { play, type Run, type Scenario } from './run.ts'

/** Every fault that can be injected at these points. */
export const injectionsAt = (
  faultPoints: readonly FaultPoint[],
  { hasCourier }: Pick<Scenario, 'hasCourier'>,
): Injection[] =>
  faultPoints.flatMap(({ address, kind }) =>
    faultsByKind[kind]
      .map((fault) => ({ address, fault }))
      // With a single carrier no order can be rerouted.
      .filter(({ fault }) => hasCourier || fault !== 'rerouting'),
  )

/** Every fault that can be injected on a path of one order. */
export async function allInjections(pipeline: Pipeline, scenario: Scenario): Promise<Injection[]> {
  return injectionsAt((await play(pipeline, scenario, explicitPlan([]))).faultPoints, scenario)
}

/**
 * Plays a path with one fault, and again with every `every`th of the second faults that can follow it: all of them for
 * 1, none for 0. Each pair is played only once, starting from the earlier fault.
 */
export async function* cutAndFollow(
  pipeline: Pipeline,
  scenario: Scenario,
  first: Injection,
  every: number,
): AsyncGenerator<{ scenario: Scenario; run: Run }> {
  const on = async (...injections: Injection[]) => ({
    scenario,
    run: await play(pipeline, scenario, explicitPlan(injections)),
  })
  const single = await on(first)
  yield single
  if (every === 0) return
  const { faultPoints } = single.run
  const after = faultPoints.findIndex(({ address }) => address === first.address) + 1
  // The offset varies the sample of second faults between first faults.
  const offset = first.address.length + first.fault.length
  for (const [number, second] of injectionsAt(faultPoints.slice(after), scenario).entries())
    if ((number + offset) % every === 0) yield await on(first, second)
}
