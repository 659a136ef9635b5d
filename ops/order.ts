import * as z from 'zod/mini'
import { createEventPublisher, type EventPublisher } from '../lambdas/adapters/event-publisher.ts'
import { facts as carrierFacts } from '../lambdas/adapters/logistics-client.ts'
import { createOrderRepository, type OrderRepository } from '../lambdas/adapters/order-repository.ts'
import { webUrl } from '../lambdas/adapters/visible-text.ts'
import { facts as warehouseFacts } from '../lambdas/adapters/wms-client.ts'
import { amendOrder } from '../lambdas/application/amend-order.ts'
import { type CancelOrderDeps, cancelOrder } from '../lambdas/application/cancel-order.ts'
import { Rejection } from '../lambdas/application/rejection.ts'
import { settleOrder } from '../lambdas/application/settle-order.ts'
import type { Telemetry } from '../lambdas/application/telemetry.ts'
import { redacted } from '../lambdas/domain/amendments.ts'
import type { StepName } from '../lambdas/domain/chain.ts'
import { orderIdPattern } from '../lambdas/domain/identity.ts'
import type { VendorFacts } from '../lambdas/domain/meaning.ts'
import { isFinished, type Order } from '../lambdas/domain/order.ts'
import type { Settlement } from '../lambdas/domain/settlement.ts'
import { dayMs } from '../lambdas/runtime/env.ts'
import { CommandError } from './cli/command-error.ts'
import { connect, type EnvironmentName } from './cli/environment.ts'
import { moment, visible } from './cli/format.ts'
import { createProgram, newCommand, print, type Report, run } from './cli/program.ts'
import { reportJson, reportLines } from './orders/order-report.ts'
import { vendorOf } from './orders/reasons.ts'

/** What the commands of `order` work with. */
export interface OrderDeps {
  environment: EnvironmentName
  repository: OrderRepository
  publisher: EventPublisher
  now: () => number
}

type Times = Pick<CancelOrderDeps, 'graceMs' | 'retentionMs'>

/**
 * Checks an order id from the command line.
 * @throws {CommandError} where it is malformed
 */
function orderIdArgument(orderId: string): string {
  if (orderIdPattern.test(orderId)) return orderId
  throw new CommandError('usage', `${orderId} is not an order id: ord_ and 32 hexadecimal digits.`)
}

/** Checks a note: it has to fit an order, however often that is settled. */
function noteArgument(note: string): string {
  if (note.trim() !== '' && note.length <= 300) return note
  throw new CommandError('usage', 'A note has 1 to 300 characters.')
}

/**
 * Runs a use case of the API; what the API would refuse ends the command.
 * @throws {CommandError} with the message of the refusal
 */
async function asCommand<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (!(error instanceof Rejection)) throw error
    throw new CommandError(error.kind === 'not-found' ? 'notFound' : 'failed', error.message, {
      cause: error,
    })
  }
}

const reportOf = (
  { environment, now }: Pick<OrderDeps, 'environment' | 'now'>,
  order: Order,
  more: string[] = [],
): Report => ({
  lines: [...reportLines(order, environment, now()), ...more],
  json: { environment, order: reportJson(order, environment, now()) },
})

/** `order show`: the whole history of an order, its state, and what to do next. */
export async function showOrder(deps: Omit<OrderDeps, 'publisher'>, orderId: string): Promise<Report> {
  const order = await deps.repository.get(orderId)
  if (order === undefined) throw new CommandError('notFound', `There is no order ${orderId}.`)
  return reportOf(deps, order)
}

/** The report says what succeeded, so only warnings and errors are printed. */
const telemetry: Telemetry = {
  info: () => {},
  warn: (message, { error }) => console.error(visible(error ? `${message} (${error})` : message)),
  error: (message, { error }) => console.error(visible(error ? `${message} (${error})` : message)),
  metric: () => {},
}

/** `order cancel`: cancels an order of any owner, by the rules of the API. */
export async function cancelAsOperator(deps: OrderDeps & Times, orderId: string): Promise<Report> {
  return reportOf(deps, await asCommand(() => cancelOrder({ ...deps, telemetry }, { orderId })))
}

/** An operator is told of a tracking URL that a vendor's answer would be kept without. */
const carrier = z.extend(carrierFacts, { trackingUrl: z.optional(webUrl) })

/** What `order settle` is told on the command line. */
type Said = Partial<Record<'awb' | 'trackingUrl' | 'wmsReference', string>> &
  Partial<Record<'nothingMade' | 'voided' | 'shipped', true>>

/** @throws {CommandError} where not one thing was said, or the vendor's work cannot be called so */
function settlementOf({ awb, trackingUrl, wmsReference, nothingMade, voided, shipped }: Said): Settlement {
  const made = (step: StepName, schema: z.ZodMiniType<VendorFacts>, said: VendorFacts): Settlement => {
    const { data: facts, error } = z.safeParse(schema, said)
    if (error) throw new CommandError('usage', error.issues.map(({ message }) => message).join('; '))
    return { what: 'MADE', step, facts }
  }
  const [settlement, ...others] = [
    awb !== undefined && made('logistics', carrier, { awb, trackingUrl }),
    wmsReference !== undefined && made('wms', warehouseFacts, { wmsReference }),
    nothingMade && ({ what: 'NOTHING_MADE' } as const),
    voided && ({ what: 'UNDONE' } as const),
    shipped && ({ what: 'TOO_LATE' } as const),
  ].filter((each) => each !== false && each !== undefined)
  if (settlement !== undefined && others.length === 0) return settlement
  throw new CommandError('usage', 'Say one of --awb, --wms-reference, --nothing-made, --voided, --shipped.')
}

/** `order settle`: records what a vendor has done by its people's word, and goes on from there. */
export async function settleAsOperator(
  deps: OrderDeps & Times & { canBeLookedUp: (step: StepName) => boolean },
  orderId: string,
  { note, ...said }: Said & { note: string },
): Promise<Report> {
  const settlement = settlementOf(said)
  const order = await asCommand(() => settleOrder({ ...deps, telemetry }, { orderId }, settlement, note))
  const step = order.timeline.findLast(({ type }) => type === 'SETTLED')?.step
  const couldTell = settlement.what !== 'TOO_LATE' && step !== undefined && deps.canBeLookedUp(step)
  const more = couldTell ? [`Warning: the API of ${vendorOf(step)} could have told: a redrive asks it.`] : []
  return reportOf(deps, order, more)
}

/** `order redact`: removes the personal data of a finished order, for good. */
export async function redactOrder(
  { environment, repository, now }: Omit<OrderDeps, 'publisher'>,
  orderId: string,
): Promise<Report> {
  const { order, amended } = await asCommand(() =>
    amendOrder(repository, { orderId }, async (current) => {
      if (!isFinished(current))
        throw new CommandError(
          'failed',
          `Order ${orderId} is ${current.status}: only a finished order can be redacted, since the others still need their address.`,
        )
      return current.redactedAt === undefined ? redacted(current, now()) : undefined
    }),
  )
  const { redactedAt = '' } = order
  return {
    lines: [
      amended
        ? `Redacted order ${orderId}: customer, address, metadata and item names are gone.`
        : `Order ${orderId} was redacted already, ${moment(redactedAt)} UTC.`,
    ],
    json: { environment, orderId, redactedAt, amended },
  }
}

async function createDeps(environment: EnvironmentName): Promise<OrderDeps> {
  const { documents, orderTable, eventBridge, bus } = await connect(environment)
  return {
    environment,
    repository: createOrderRepository(documents, orderTable),
    publisher: createEventPublisher(eventBridge, bus),
    now: Date.now,
  }
}

/** The same, with what the config says of times and vendors. */
async function createWriteDeps(environment: EnvironmentName) {
  const { loadSettings } = await import('../lib/config.ts')
  const { outbox, orderRetentionDays, vendors } = loadSettings(environment === 'local' ? 'dev' : environment)
  return {
    ...(await createDeps(environment)),
    graceMs: outbox.graceMs,
    retentionMs: orderRetentionDays * dayMs,
    canBeLookedUp: (step: StepName) => vendors[step].canBeLookedUp,
  }
}

/** The commands and their options. */
export const program = createProgram(
  'order',
  'One order: its history, its state, and what an operator can do about it.',
)

newCommand(program, 'show')
  .description('what happened and when, its state, what to do next; no personal data')
  .argument('<orderId>', 'ord_…', orderIdArgument)
  .action(async (orderId, options) => print(await showOrder(await createDeps(options.env), orderId), options))

newCommand(program, 'cancel')
  .description('cancel it, as the shop could: at once, or after its vendors have undone their work')
  .argument('<orderId>', 'ord_…', orderIdArgument)
  .action(async (orderId, options) =>
    print(await cancelAsOperator(await createWriteDeps(options.env), orderId), options),
  )

newCommand(program, 'settle')
  .description("record what a vendor has done, by its people's word; the order goes on from there")
  .argument('<orderId>', 'ord_…', orderIdArgument)
  .option('--awb <number>', 'the carrier has made it, and this is its AWB')
  .option('--tracking-url <url>', 'where that can be followed')
  .option('--wms-reference <number>', 'the warehouse has taken it on, under this number')
  .option('--nothing-made', 'the vendor has made nothing')
  .option('--voided', 'the vendor has undone its work')
  .option('--shipped', 'the goods have left: it is not cancelled any more')
  .requiredOption('--note <text>', 'whose word it is; no personal data of the buyer', noteArgument)
  .action(async (orderId, options) =>
    print(await settleAsOperator(await createWriteDeps(options.env), orderId, options), options),
  )

newCommand(program, 'redact')
  .description('remove the personal data of a finished order, for good')
  .argument('<orderId>', 'ord_…', orderIdArgument)
  .action(async (orderId, options) =>
    print(await redactOrder(await createDeps(options.env), orderId), options),
  )

if (import.meta.main) await run(program)
