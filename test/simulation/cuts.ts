import type { Pipeline } from './deployment.ts'
import {
  explicitPlan,
  type Fault,
  type FaultPoint,
  faultsByKind,
  type Injection,
} from './kernel/fault-points.ts'
import { open } from './open-findings.ts'
import { play, type Run, type Scenario } from './run.ts'

/** Every fault that can be injected at these points, but for those that the code does not survive yet. */
export const injectionsAt = (
  faultPoints: readonly FaultPoint[],
  without: readonly Fault[] = open.faults,
): Injection[] =>
  faultPoints.flatMap(({ address, kind }) =>
    faultsByKind[kind].filter((fault) => !without.includes(fault)).map((fault) => ({ address, fault })),
  )

/** Every fault that can be injected on a path of one order. */
export async function allInjections(
  pipeline: Pipeline,
  scenario: Scenario,
  without?: readonly Fault[],
): Promise<Injection[]> {
  return injectionsAt((await play(pipeline, scenario, explicitPlan([]))).faultPoints, without)
}

/**
 * Plays a path with one fault, and again with every `every`th of the second faults that can follow it (all of them
 * for 1, none for 0). A pair is played once: from the fault that comes first.
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
  // Which of them are left out differs from one first fault to the next.
  const offset = first.address.length + first.fault.length
  for (const [number, second] of injectionsAt(faultPoints.slice(after)).entries())
    if ((number + offset) % every === 0) yield await on(first, second)
}

/** Plays a path with one fault, and again with each fault of one sort that can follow it. */
export async function* cutFollowedBy(
  pipeline: Pipeline,
  scenario: Scenario,
  first: Injection,
  fault: Fault | undefined,
): AsyncGenerator<{ scenario: Scenario; run: Run }> {
  const single = await play(pipeline, scenario, explicitPlan([first]))
  yield { scenario, run: single }
  if (fault === undefined) return
  const after = single.faultPoints.findIndex(({ address }) => address === first.address) + 1
  const seconds = injectionsAt(single.faultPoints.slice(after), []).filter((each) => each.fault === fault)
  for (const second of seconds)
    yield { scenario, run: await play(pipeline, scenario, explicitPlan([first, second])) }
}
