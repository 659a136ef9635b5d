import { text } from 'node:stream/consumers'
import * as z from 'zod'
import type { CreateClient } from '../../lambdas/adapters/vendor-client.ts'
import type { StepName } from '../../lambdas/domain/chain.ts'
import { loadSteps } from '../../package/load-steps.ts'
import type { CreateProtocol } from '../../vendors/protocol.ts'
import { installHooks } from './hooks.ts'

/** The options that `surviveEveryCrash` passes to this process. */
const asked = z.object({
  adapter: z.url(),
  fake: z.url(),
  step: z.custom<StepName>((value) => typeof value === 'string'),
  promises: z.object({
    honoursIdempotencyKey: z.boolean(),
    canBeLookedUp: z.boolean(),
    canBeCancelled: z.boolean(),
  }),
  options: z.object({}).loose(),
  /** Fields that replace those of the usual order. */
  order: z.object({}).loose(),
  asyncMs: z.int().optional(),
  /** One pair of faults in this many is played; none for 0. */
  pairs: z.int().min(0),
})

/** Imports a module, and returns the export that the hash of its URL names. */
async function exported<T>(address: string): Promise<T> {
  const { hash, href } = new URL(address)
  const module: Record<string, T> = await import(href.slice(0, href.length - hash.length))
  const found = module[hash.slice(1)]
  if (found === undefined) throw new Error(`${address}: there is no such export.`)
  return found
}

const { adapter, fake, step, promises, options, order, asyncMs, pairs } = asked.parse(
  JSON.parse(await text(process.stdin)),
)

// The hooks must be installed before the first module of lambdas/ is loaded, and the clock after the last one.
installHooks()
// Load the application's steps only if one of them is tested, because no model plays the others.
if (step !== 'logistics' && step !== 'wms') await loadSteps()
const { linkOf } = await import('../../lambdas/domain/chain.ts')
const { createStepWorker } = await import('../../lambdas/runtime/step-worker.ts')
const { createStepWorkerDeps } = await import('../../lambdas/runtime/step-worker-deps.ts')
const own = await exported<CreateClient>(adapter)
const { vendorModels } = await import('./kernel/world.ts')
const { playedBy, unspoken } = await import('./models/fake.ts')
vendorModels.own = playedBy(await exported<CreateProtocol>(fake))
const { accounts, loadPipeline } = await import('./deployment.ts')
accounts.own.options = options
const { allInjections, cutAndFollow } = await import('./cuts.ts')
const { report } = await import('./failure-report.ts')
const { calm } = await import('./calm-world.ts')
const { installVirtualTime } = await import('./kernel/clock.ts')
const pipeline = await loadPipeline(undefined, {
  step,
  createHandler: () => createStepWorker(createStepWorkerDeps(linkOf(step), { own })),
})
installVirtualTime()

const world = calm('straight', 'look-up only')
const isForPerson = !promises.honoursIdempotencyKey && !promises.canBeLookedUp
const scenario = {
  ...world,
  plannedOrders: world.plannedOrders.map((planned) => ({
    ...planned,
    request: { ...planned.request, ...order },
  })),
  vendors: { ...world.vendors, [step]: { ...promises, asyncMs, adapter: 'own' as const } },
  expects: {
    doneByMs: 1_800_000,
    mayDeadLetter: isForPerson ? /^OUTCOME_UNKNOWN:/ : /^never$/,
  },
}
let runs = 0
for (const first of await allInjections(pipeline, scenario)) {
  if (unspoken.has(first.fault)) continue
  // Pairs only begin at the adapter's own calls; the other pairs are covered by the standard vendors.
  const every = first.address.includes(` at ${step} `) ? pairs : 0
  for await (const { run } of cutAndFollow(pipeline, scenario, first, every)) {
    if (run.injected.some(({ fault }) => unspoken.has(fault))) continue
    runs++
    const [violation] = run.violations
    if (violation === undefined) continue
    await report(pipeline, { scenario, injections: run.injected, invariant: violation.invariant })
    process.exit(1)
  }
}
console.log(JSON.stringify({ runs }))
