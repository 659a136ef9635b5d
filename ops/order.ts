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

/** @throws {CommandError} if it is not an order id */
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

/** `order list`: lists up to `limit` orders. All unfinished orders are counted; of a shop only the listed ones. */
export async function listOrders(deps: FindDeps, filter: Filter, limit: number): Promise<Report> {
  const listing = createListing(limit)
  // A shop may have too many orders to count them all.
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
  throw new CommandError('notFound', `No order has the AWB ${name}. To find a shop's reference, add --shop.`)
}

function cancelConsequence(order: Order, { now, graceMs, retentionMs }: Environment): string {
  const { undo } = cancelling(order, { now: now(), graceMs, retentionMs }).set
  return undo
    ? `It will be cancelled once ${vendorOf(order, undo)} has undone its work.`
    : 'It will be cancelled at once.'
}

/** `order redact`: permanently removes the personal data of a finished order. */
export const redactOrder = (deps: AmendDeps, ref: OrderRef): Promise<Order> =>
  amendOrder(deps, ref, 'Order redacted', (order, now) => {
    if (isFinished(order)) return order.redactedAt === undefined ? redacted(order, now) : undefined
    throw new CommandError(
      'failed',
      `Order ${ref.orderId} is ${order.status}: only a finished order can be redacted, because vendors still need the address.`,
    )
  })

/** Runs a command on an order: says what it will do, asks for confirmation, logs who runs it, and acts. */
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
    .description('list all unfinished orders, or the orders of a shop')
    .option('--shop <owner>', 'orders of this shop, newest first, including finished ones')
    .addOption(
      new Option('--attention <state>', 'only in this state').choices([
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
    .description('show its history, its state and what to do next; no personal data')
    .argument('<order>', "order id, AWB, or with --shop the shop's reference")
    .option('--shop <owner>', 'the shop whose reference it is')
    .action((name, { shop, ...options }) =>
      report(options, (environment) => showOrder(environment, name, shop)),
    )

  const actionOn = (name: string) => newAction(tool, name).argument('<orderId>', 'ord_…', orderIdArgument)

  actionOn('cancel')
    .description('cancel it, as the shop could: at once, or after its vendors have undone their work')
    .action((orderId, options) => carryOut('order cancel', orderId, options, cancelConsequence, cancelOrder))

  actionOn('settle')
    .description("record what a vendor's staff say that it has done; the note says who said it")
    .option('--awb <number>', 'the carrier has made this AWB')
    .option('--tracking-url <url>', 'its tracking URL')
    .option('--wms-reference <number>', 'the warehouse has accepted the order under this number')
    .option('--made <name=value>', 'made by the vendor of another step; repeatable', pairArgument('VALUE'))
    .option('--nothing-made', 'the vendor has made nothing')
    .option('--voided', 'the vendor has undone its work')
    .option('--shipped', 'the goods have left: withdraw the cancellation')
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
    .description('move it to another vendor, if its current one has certainly made nothing')
    .requiredOption('--to <name>', 'the vendor, as listed by "vendor status"')
    .action((orderId, { to, ...options }) =>
      carryOut(
        'order reroute',
        orderId,
        options,
        (_, { vendors }) => `It will go to ${named('vendor', to, vendors).name}.`,
        (deps, ref) => rerouteOrder(deps, ref, named('vendor', to, deps.vendors)),
      ),
    )

  actionOn('redact')
    .description('permanently remove the personal data of a finished order')
    .action((orderId, options) => {
      const consequence = 'Its customer, address, metadata and item names will be removed permanently.'
      return carryOut('order redact', orderId, options, () => consequence, redactOrder)
    })
}
