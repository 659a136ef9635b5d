import type { Pipeline } from './deployment.ts'
import { explicitPlan, type Fault, type Strike } from './kernel/fault-points.ts'
import type { RecordedCall } from './kernel/world.ts'
import { mutants } from './mutants.ts'
import { type Failure, play } from './run.ts'
import { hunt, loadMutant } from './run-mutant.ts'
import { type PathName, paths, randomScenario, type VendorSort } from './scenarios.ts'
import { shrink } from './shrink.ts'

/** Tells the story of a failure, made as small as it gets, and how to play it again. */
export async function report(pipeline: Pipeline, failure: Failure): Promise<void> {
  const { scenario, invariant } = failure
  console.log(`\nBROKEN: ${invariant}, in ${scenario.name}. The smallest story of it:\n`)
  const small = await shrink(pipeline, scenario, failure.strikes)
  const { run } = small
  console.log(run.story.join('\n'))
  for (const broken of run.broken) console.log(`\n${broken.invariant}: ${broken.detail}`)
  for (const { fault, address } of run.struck) console.log(`Struck: "${fault} at ${address}"`)
  const { wishes, ...world } = small.scenario
  console.log(`World: ${JSON.stringify(world)}, with ${wishes.length} orders`)
  if (scenario.isWild)
    console.log(`Again: npm run simulate -- --only random --schedules 1 --seed ${scenario.seed}`)
}

const parseStrike = (text: string): Strike => {
  const [fault = '', ...address] = text.split(' at ')
  return { fault: fault as Fault, address: address.join(' at ') }
}

/** Tells the story of one run: of a seed, or of a path and what strikes on it. */
export async function tell(
  pipeline: Pipeline,
  {
    seed,
    path,
    sort,
    strikes,
  }: { seed: number; path?: PathName; sort: VendorSort; strikes: readonly string[] },
): Promise<boolean> {
  const random = randomScenario(seed)
  const scenario = path ? paths[path](sort) : random.scenario
  const plan = path ? explicitPlan(strikes.map(parseStrike)) : random.plan
  const { story, broken } = await play(pipeline, scenario, plan, { tells: true })
  console.log(story.join('\n'))
  for (const { invariant, detail } of broken) console.log(`\n${invariant}: ${detail}`)
  return broken.length === 0
}

/** Tells how a mutant is caught. @returns whether it is */
export async function tellOfMutant(name: string): Promise<boolean> {
  const mutant = mutants.find((each) => each.name === name)
  if (!mutant) throw new Error(`There is no mutant "${name}"; --only mutants lists them`)
  const { caught } = await hunt(mutant)
  if (caught) await report(await loadMutant(mutant), caught)
  return caught !== undefined
}

/** Prints what random worlds ask of DynamoDB, for an engine to answer it too. Their indexes do not lag. */
export async function record(pipeline: Pipeline, from: number, count: number): Promise<void> {
  for (let seed = from; seed < from + count; seed++) {
    const { scenario, plan } = randomScenario(seed)
    const recorder = (call: RecordedCall) => console.log(JSON.stringify({ seed, ...call }))
    await play(pipeline, { ...scenario, indexLagMs: 0 }, plan, { recorder })
  }
}
