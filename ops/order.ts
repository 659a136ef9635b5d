import { Option } from '@commander-js/extra-typings'
import * as z from 'zod/mini'
import { webUrl } from '../lambdas/adapters/parse.ts'
import { type AmendDeps, amendOrder, type OrderRef } from '../lambdas/application/amend-order.ts'
import { cancelOrder } from '../lambdas/application/cancel-order.ts'
import { rerouteOrder, settleOrder } from '../lambdas/application/operator-actions.ts'
import { orderNotFound } from '../lambdas/application/rejection.ts'
import { cancelling } from '../lambdas/domain/cancellation.ts'
import type { StepName } from '../lambdas/domain/chain.ts'
import { redacted } from '../lambdas/domain/correction.ts'
import { orderIdOf, orderIdPattern } from '../lambdas/domain/identity.ts'
import { type Attention, isFinished, type Order } from '../lambdas/domain/order.ts'
import { rerouted } from '../lambdas/domain/rerouting.ts'
import { type Settlement, settleable } from '../lambdas/domain/settlement.ts'
import type { VendorFacts } from '../lambdas/domain/vendor-answer.ts'
import { carrierFacts, warehouseFacts } from '../vendors/contract/client.ts'
import { CommandError, named } from './cli/command-error.ts'
import type { Environment, Target } from './cli/environment.ts'
import { type ActionDeps, begin, type Consent, createActionDeps } from './cli/operator.ts'
import { newAction, newCommand, type Report, report, type Tool } from './cli/program.ts'
import { createFindDeps, type FindDeps, findOrders } from './orders/find-orders.ts'
import { conditions, createListing, type Filter, inWords, limitOption, rowOf } from './orders/listing.ts'
import { reportJson, reportLines, vendorOf } from './orders/order-report.ts'
import { explain } from './orders/reasons.ts'

const attentionStates = ['retrying', 'waiting', 'dead-lettered'] as const satisfies Attention['state'][]

export type OrderDeps = Pick<Environment, 'flags' | 'vendors' | 'now' | 'repository'>

/** Which order, and who changes it and why: an operator may change that of any owner. */
type Ref = Omit<OrderRef, 'ownerId'>

/** @throws {CommandError} for what is no order id */
function orderIdArgument(orderId: string): string {
  if (orderIdPattern.test(orderId)) return orderId
  throw new CommandError(
    'usage',
    `${orderId} is no order id, ord_ and 32 hexadecimal digits, nor an order's AWB.`,
  )
}

const reportOf = (deps: OrderDeps, order: Order): Report => ({
  lines: reportLines(order, deps, deps.now()),
  json: { order: reportJson(order, deps, deps.now()) },
})

async function found({ repository }: OrderDeps, orderId: string): Promise<Order> {
  const order = await repository.get(orderId)
  if (order === undefined) throw orderNotFound(orderId)
  return order
}

/** `order list`: orders, each in a line up to a limit; all that are not finished are counted. */
export async function listOrders(deps: FindDeps, filter: Filter, limit: number): Promise<Report> {
  const listing = createListing(limit)
  // A shop may have more orders than anybody waits for.
  const most = filter.shop === undefined ? Infinity : limit
  for await (const orders of findOrders(deps, filter)) {
    for (const order of orders.slice(0, most - listing.rows.length)) listing.add(rowOf(order))
    if (listing.rows.length >= most) break
  }
  const what = filter.shop === undefined ? 'unfinished orders' : 'orders'
  return { ...listing.report(inWords(what, filter)), incomplete: deps.signal.aborted }
}

/** `order show`: an order by its id, by its AWB, or by the reference of a shop. */
export async function showOrder(deps: OrderDeps, name: string, shop?: string): Promise<Report> {
  const [order, other] = shop || name.startsWith('ord_') ? [] : await deps.repository.withAwb(name, '9999', 2)
  if (other) throw new CommandError('usage', `${order?.orderId} and ${other.orderId} have this AWB.`)
  const orderId = shop ? orderIdOf(shop, { of: 'reference', value: name }) : order?.orderId
  return reportOf(deps, await found(deps, orderId ?? orderIdArgument(name)))
}

function cancelConsequence(order: Order, { now, graceMs, retentionMs }: ActionDeps): string {
  const { undo } = cancelling(order, { now: now(), graceMs, retentionMs }).set
  return undo
    ? `It is cancelled once ${vendorOf(order, undo)} has undone its work.`
    : 'It is cancelled at once.'
}

/** An operator is told of a tracking URL that a vendor's answer would be kept without. */
const carrier = z.extend(carrierFacts, { trackingUrl: z.optional(webUrl()) })

/** What `order settle` is told on the command line. */
type Said = Partial<Record<'awb' | 'trackingUrl' | 'wmsReference', string>> &
  Partial<Record<'nothingMade' | 'voided' | 'shipped', true>>

/** @throws {CommandError} where not one thing was said, or the vendor's work cannot be called so */
export function settlementOf({ awb, trackingUrl, wmsReference, ...said }: Said): Settlement {
  const made = (step: StepName, schema: z.ZodMiniType<VendorFacts>, by: VendorFacts): Settlement => {
    const { data: facts, error } = z.safeParse(schema, by)
    if (error) throw new CommandError('usage', error.issues.map(({ message }) => message).join('; '))
    return { what: 'MADE', step, facts }
  }
  const [settlement, ...others] = [
    awb !== undefined && made('logistics', carrier, { awb, trackingUrl }),
    wmsReference !== undefined && made('wms', warehouseFacts, { wmsReference }),
    said.nothingMade && ({ what: 'NOTHING_MADE' } as const),
    said.voided && ({ what: 'UNDONE' } as const),
    said.shipped && ({ what: 'TOO_LATE' } as const),
  ].filter((each) => each !== false && each !== undefined)
  if (settlement !== undefined && others.length === 0) return settlement
  throw new CommandError('usage', 'Say one of --awb, --wms-reference, --nothing-made, --voided, --shipped.')
}

/** What `order settle` comes to, or why it will be refused. */
function settleConsequence(order: Order, { now }: ActionDeps, said: Said): string {
  const settlement = settlementOf(said)
  const link = settleable(order, settlement, now())
  return typeof link === 'string'
    ? link
    : `It is recorded that ${explain(settlement.what, vendorOf(order, link.name)).text}.`
}

/** `order redact`: removes the personal data of a finished order, for good. */
export const redactOrder = (deps: AmendDeps, ref: Ref): Promise<Order> =>
  amendOrder(deps, ref, 'Order redacted', (order, now) => {
    if (isFinished(order)) return order.redactedAt === undefined ? redacted(order, now) : undefined
    throw new CommandError(
      'failed',
      `Order ${ref.orderId} is ${order.status}: only a finished order can be redacted, since the others still need their address.`,
    )
  })

/** Does something about an order: says first what it comes to, asks, and puts on record who does it. */
const carryOut = (
  command: string,
  orderId: string,
  options: Consent & Target & { json?: true },
  consequenceOf: (order: Order, deps: ActionDeps) => string,
  act: (deps: ActionDeps, ref: Ref) => Promise<Order>,
): Promise<void> =>
  report(options, async (environment) => {
    const deps = createActionDeps(environment)
    const order = await found(deps, orderId)
    const question = `Order ${orderId} of ${deps.name} is ${order.status}. ${consequenceOf(order, deps)}`
    const actor = await begin(environment, { command, about: { orderId }, question }, options)
    return reportOf(deps, await act(deps, { orderId, actor }))
  })

export function addTo(tool: Tool): void {
  conditions(newCommand(tool, 'list'))
    .description('orders, one a line: those of a shop, or all that are not finished')
    .option('--shop <owner>', 'of this shop, the newest first, finished or not')
    .addOption(new Option('--attention <state>', 'that are stuck').choices(attentionStates))
    .addOption(limitOption())
    .action((options) =>
      report(options, (environment) =>
        listOrders(createFindDeps(environment, options), options, options.limit),
      ),
    )

  newCommand(tool, 'show')
    .description('what happened and when, its state, what to do next; no personal data')
    .argument('<order>', 'ord_…, its AWB, or with --shop its own reference')
    .option('--shop <owner>', 'whose reference it is')
    .action((name, { shop, ...options }) =>
      report(options, (environment) => showOrder(environment, name, shop)),
    )

  const actionOn = (name: string) => newAction(tool, name).argument('<orderId>', 'ord_…', orderIdArgument)

  actionOn('cancel')
    .description('cancel it, as the shop could: at once, or after its vendors have undone their work')
    .action((orderId, options) => carryOut('order cancel', orderId, options, cancelConsequence, cancelOrder))

  actionOn('settle')
    .description("record what a vendor has done, by its people's word; the note says whose that is")
    .option('--awb <number>', 'the carrier has made it, and this is its AWB')
    .option('--tracking-url <url>', 'where that can be followed')
    .option('--wms-reference <number>', 'the warehouse has taken it on, under this number')
    .option('--nothing-made', 'the vendor has made nothing')
    .option('--voided', 'the vendor has undone its work')
    .option('--shipped', 'the goods have left: it is not cancelled any more')
    .action((orderId, options) =>
      carryOut(
        'order settle',
        orderId,
        options,
        (order, deps) => settleConsequence(order, deps, options),
        (deps, ref) => settleOrder(deps, ref, settlementOf(options)),
      ),
    )

  actionOn('reroute')
    .description('give it to another vendor, where its present one has certainly made nothing')
    .requiredOption('--to <name>', 'which vendor, as "vendor status" lists them')
    .action((orderId, { to, ...options }) =>
      carryOut(
        'order reroute',
        orderId,
        options,
        (order, { vendors, now }) => {
          const change = rerouted(order, named('vendor', to, vendors), now())
          return typeof change === 'string' ? change : `It goes to ${to}.`
        },
        (deps, ref) => rerouteOrder(deps, ref, named('vendor', to, deps.vendors)),
      ),
    )

  actionOn('redact')
    .description('remove the personal data of a finished order, for good')
    .action((orderId, options) => {
      const consequence = 'Its customer, address, metadata and item names are removed, for good.'
      return carryOut('order redact', orderId, options, () => consequence, redactOrder)
    })
}
