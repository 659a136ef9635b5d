import { Option } from '@commander-js/extra-typings'
import { type AmendDeps, amendOrder, type OrderRef } from '../lambdas/application/amend-order.ts'
import { cancelOrder } from '../lambdas/application/cancel-order.ts'
import { rerouteOrder, settleOrder } from '../lambdas/application/operator-actions.ts'
import { orderNotFound } from '../lambdas/application/rejection.ts'
import { cancelling } from '../lambdas/domain/cancellation.ts'
import { redacted } from '../lambdas/domain/correction.ts'
import { turnOf } from '../lambdas/domain/events.ts'
import { orderIdOf, orderIdPattern } from '../lambdas/domain/identity.ts'
import { isFinished, type Order } from '../lambdas/domain/order.ts'
import { CommandError, named } from './cli/command-error.ts'
import type { Environment, Target } from './cli/environment.ts'
import { begin, type Consent } from './cli/operator.ts'
import { newAction, newCommand, pairArgument, type Report, report, type Tool } from './cli/program.ts'
import { createFindDeps, type FindDeps, findOrders } from './orders/find-orders.ts'
import { createListing, type Filter, filters, inWords, limitOption, rowOf } from './orders/listing.ts'
import { reportJson, reportLines } from './orders/order-report.ts'
import { settleConsequence, settlementOf, vendorOf } from './orders/settlement.ts'

export type OrderDeps = Pick<Environment, 'flags' | 'vendors' | 'relayIntervalMs' | 'now' | 'repository'>

/** @throws {CommandError} for what is not an order id */
function orderIdArgument(orderId: string): string {
  if (orderIdPattern.test(orderId)) return orderId
  throw new CommandError('usage', `${orderId} is not an order id: ord_ and 32 hexadecimal digits.`)
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
  const what = filter.shop === undefined ? 'unfinished orders' : `orders of shop ${filter.shop}`
  const report = listing.report(inWords(what, filter), listing.rows.length >= most)
  return { ...report, incomplete: deps.signal.aborted }
}

/** `order show`: an order by its id, by its AWB, or by the reference of a shop. */
export async function showOrder(deps: OrderDeps, name: string, shop?: string): Promise<Report> {
  const { repository } = deps
  if (shop !== undefined) {
    const order = await repository.get(orderIdOf(shop, { of: 'reference', value: name }))
    if (order !== undefined) return reportOf(deps, order)
    throw new CommandError('notFound', `${shop} has no order with the reference ${name}.`)
  }
  if (name.startsWith('ord_')) return reportOf(deps, await found(deps, orderIdArgument(name)))
  const [order, other] = await repository.withAwb(name, '9999', 2)
  if (other) throw new CommandError('usage', `${order?.orderId} and ${other.orderId} have this AWB.`)
  if (order) return reportOf(deps, await found(deps, order.orderId))
  throw new CommandError('notFound', `No order has the AWB ${name}. A shop's reference needs --shop, too.`)
}

function cancelConsequence(order: Order, { now, graceMs, retentionMs }: Environment): string {
  const { undo } = cancelling(order, { now: now(), graceMs, retentionMs }).set
  return undo
    ? `It is cancelled once ${vendorOf(order, undo)} has undone its work.`
    : 'It is cancelled at once.'
}

/** `order redact`: removes the personal data of a finished order, for good. */
export const redactOrder = (deps: AmendDeps, ref: OrderRef): Promise<Order> =>
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
  consequenceOf: (order: Order, deps: Environment) => string,
  act: (deps: Environment, ref: OrderRef, order: Order) => Promise<Order>,
): Promise<void> =>
  report(options, async (deps) => {
    const order = await found(deps, orderId)
    const question = `Order ${orderId} of ${deps.name} is ${order.status}. ${consequenceOf(order, deps)}`
    const actor = await begin(deps, { command, about: { orderId }, question }, options)
    return reportOf(deps, await act(deps, { orderId, actor }, order))
  })

export function addTo(tool: Tool): void {
  filters(newCommand(tool, 'list'))
    .description('orders, one a line: those of a shop, or all that are not finished')
    .option('--shop <owner>', 'of this shop, the newest first, finished or not')
    .addOption(
      new Option('--attention <state>', 'that are stuck').choices([
        'retrying',
        'waiting',
        'dead-lettered',
      ] as const),
    )
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
    .option('--made <name=value>', "another step's vendor has made this; repeatable", pairArgument('VALUE'))
    .option('--nothing-made', 'the vendor has made nothing')
    .option('--voided', 'the vendor has undone its work')
    .option('--shipped', 'the goods have left: it is not cancelled any more')
    .action((orderId, options) =>
      carryOut(
        'order settle',
        orderId,
        options,
        (order, { now }) => settleConsequence(order, options, now()),
        (deps, ref, order) => settleOrder(deps, ref, settlementOf(options, turnOf(order))),
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
        (_, { vendors }) => `It goes to ${named('vendor', to, vendors).name}.`,
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
