import { type Circuit, createCircuitReader } from '../lambdas/adapters/circuit.ts'
import { createVendorItem } from '../lambdas/adapters/vendor-item.ts'
import type { ExitDeps } from '../lambdas/application/amend-order.ts'
import { rerouteOrder } from '../lambdas/application/operator-actions.ts'
import { iso } from '../lambdas/domain/change.ts'
import type { Actor } from '../lambdas/domain/order.ts'
import { outboxPartitions } from '../lambdas/domain/outbox.ts'
import { paceAt } from '../lambdas/domain/pace.ts'
import type { Target } from '../lambdas/domain/rerouting.ts'
import { CommandError, named } from './cli/command-error.ts'
import type { Environment } from './cli/environment.ts'
import { count, duration, moment, table } from './cli/format.ts'
import { begin } from './cli/operator.ts'
import { newAction, newCommand, type Report, report, type Tool } from './cli/program.ts'
import { createFindDeps, type FindDeps, findOrders } from './orders/find-orders.ts'
import { createListing, limitOption, rowOf } from './orders/listing.ts'
import { explain } from './orders/reasons.ts'

export type VendorDeps = Pick<
  Environment,
  'documents' | 'circuitBreakerTable' | 'shards' | 'vendors' | 'now' | 'repository'
>

/** The state of a vendor's circuit at time `now` (epoch ms), for operators and scripts; times are ISO 8601. */
export function circuitView(circuit: Circuit, now: number) {
  const { heldSince, holder = { who: 'an operator', note: undefined }, pausedUntil = 0 } = circuit
  const downSince = (since: number) => ({ since: iso(since), downForMs: now - since })
  if (heldSince !== undefined) return { state: 'held' as const, ...downSince(heldSince), ...holder }
  if (circuit.state === 'closed') {
    const { state, failures } = circuit
    return { state, failures, pausedUntil: pausedUntil > now ? iso(pausedUntil) : undefined }
  }
  const { since, until, reason, probeId, probeUntil = 0 } = circuit
  const isProbing = probeId !== undefined && probeUntil >= now
  const state = now < until && !isProbing ? ('open' as const) : ('half-open' as const)
  return { state, ...downSince(since), reason, isProbing, nextProbeAt: iso(isProbing ? probeUntil : until) }
}

export function circuitText(view: ReturnType<typeof circuitView>, vendor: string): string {
  if (view.state === 'closed') {
    if (view.pausedUntil)
      return `closed, but the vendor wants no calls before ${moment(view.pausedUntil)} UTC`
    return `closed: calls go through${view.failures > 0 ? `, though the last ${view.failures} failed` : ''}`
  }
  const down = `for ${duration(view.downForMs)}, since ${moment(view.since)} UTC`
  if (view.state === 'held') return `held by ${view.who} ${down}${view.note ? `: ${view.note}` : ''}`
  const why = `${view.reason}: ${explain(view.reason, vendor).text}`
  if (view.state === 'open') return `open ${down} (${why}); next probe ${moment(view.nextProbeAt)} UTC`
  return `half-open, down ${down} (${why}); ${view.isProbing ? 'a probe is in progress' : 'the next order is the probe'}`
}

/** `vendor status`: every vendor's circuit and pace, and the orders in its lane. */
export async function vendorStatus(deps: VendorDeps): Promise<Report> {
  const { documents, circuitBreakerTable, shards, repository } = deps
  const now = deps.now()
  const vendors = await Promise.all(
    Object.entries(deps.vendors).map(async ([vendor, { step, ratePerSecond }]) => {
      const circuit = await createCircuitReader(documents, circuitBreakerTable, vendor)()
      const partitions = outboxPartitions(vendor, shards)
      const counts = await Promise.all(partitions.map((each) => repository.count(each, 10_000)))
      const unfinishedOrders = counts.reduce((sum, each) => sum + each, 0)
      const callsPerSecond = paceAt(circuit, now, ratePerSecond)
      const view = circuitView(circuit, now)
      const inLane = `${count(unfinishedOrders, 'order')} in its lane`
      const pace = `${callsPerSecond.toFixed(1)} of ${ratePerSecond} calls/s`
      return {
        row: [vendor, step, inLane, pace, circuitText(view, vendor)],
        json: { vendor, step, ...view, ratePerSecond, callsPerSecond, unfinishedOrders },
      }
    }),
  )
  return { lines: table(vendors.map(({ row }) => row)), json: { vendors: vendors.map(({ json }) => json) } }
}

/** `vendor pause` and `vendor resume`: sets or removes an operator's hold on a vendor's circuit. */
export async function holdVendor(
  { documents, circuitBreakerTable, now }: Pick<VendorDeps, 'documents' | 'circuitBreakerTable' | 'now'>,
  vendor: string,
  held: boolean,
  { who, note }: Actor,
): Promise<Report> {
  const item = createVendorItem(documents, { tableName: circuitBreakerTable, vendor, cacheMs: 1 })
  const view = circuitView(await item.hold(held, now(), { who, note }), now())
  const consequence = held
    ? 'New orders are accepted as usual and wait in its lane until "vendor resume".'
    : "Once its circuit is closed, waiting orders continue within minutes, at the vendor's rate."
  return { lines: [`${vendor}: ${circuitText(view, vendor)}.`, consequence], json: { vendor, ...view } }
}

/** `vendor drain`: reroutes the orders in a vendor's lane to another vendor, dead-lettered ones first. */
export async function drainVendor(
  deps: FindDeps & ExitDeps,
  vendor: string,
  { to, limit }: { to: Target; limit: number },
  actor: Actor,
) {
  const staying = createListing(limit)
  let moved = 0
  for await (const orders of findOrders(deps, { lane: vendor })) {
    const reroutings = orders.map((order) =>
      rerouteOrder(deps, { orderId: order.orderId, actor }, to).catch((error) =>
        staying.add({ ...rowOf(order), reason: `${error.message}` }),
      ),
    )
    moved += (await Promise.all(reroutings)).filter((each) => each !== undefined).length
    deps.tell(`${count(moved, 'order')} moved`)
  }
  const { lines, json } = staying.report('orders that stay')
  return {
    lines: [
      `Moved ${count(moved, 'order')} from ${vendor} to ${to.name}; they are sent at ${to.name}'s rate.`,
      ...lines,
      `${vendor} is paused until "vendor resume". The routes still send new orders to it: change them, or drain it again.`,
    ],
    json: { moved, ...json },
    incomplete: staying.rows.length > 0 || deps.signal.aborted,
  }
}

export function addTo(tool: Tool): void {
  newCommand(tool, 'status')
    .description("show each vendor's circuit and pace, and how many orders are in its lane")
    .action((options) => report(options, vendorStatus))

  for (const [command, held, description] of [
    ['pause', true, 'stop all calls until "resume"; orders wait, and none is lost'],
    ['resume', false, 'allow calls again; waiting orders continue automatically'],
  ] as const)
    newAction(tool, command)
      .description(description)
      .argument('<name>', 'which vendor, as "status" lists them')
      .action((vendor, options) =>
        report(options, async (environment) => {
          named('vendor', vendor, environment.vendors)
          const question = `Calls to ${vendor} of ${options.env} will be ${held ? 'stopped' : 'allowed again'}.`
          const action = { command: `vendor ${command}`, about: { vendor }, question, isHarmless: !held }
          const actor = await begin(environment, action, options)
          return holdVendor(environment, vendor, held, actor)
        }),
      )
  newAction(tool, 'drain')
    .description('pause it, and move the orders that it has made nothing for to another vendor')
    .argument('<name>', 'which vendor, as "status" lists them')
    .requiredOption('--to <name>', 'a vendor of the same step')
    .addOption(limitOption())
    .action((vendor, { to, limit, ...options }) =>
      report(options, async (environment) => {
        const { step } = named('vendor', vendor, environment.vendors)
        const deps = createFindDeps(environment, {})
        const target = named('vendor', to, environment.vendors)
        if (target.step !== step || target.retired || to === vendor)
          throw new CommandError('usage', `${to} cannot take orders from ${vendor}.`)
        const question = `Calls to ${vendor} of ${options.env} will be stopped, and orders that it has made nothing for will move to ${to}.`
        const action = { command: 'vendor drain', about: { vendor, to }, question }
        const actor = await begin(environment, action, options)
        await holdVendor(environment, vendor, true, actor)
        return drainVendor(deps, vendor, { to: target, limit }, actor)
      }),
    )
}
