import { createEventPublisher, type EventPublisher } from '../lambdas/adapters/event-publisher.ts'
import { createOrderRepository, type OrderRepository } from '../lambdas/adapters/order-repository.ts'
import { amendOrder } from '../lambdas/application/amend-order.ts'
import { cancelOrder } from '../lambdas/application/cancel-order.ts'
import { Rejection } from '../lambdas/application/rejection.ts'
import type { Telemetry } from '../lambdas/application/telemetry.ts'
import { redacted } from '../lambdas/domain/amendments.ts'
import { orderIdPattern } from '../lambdas/domain/identity.ts'
import { isFinished } from '../lambdas/domain/order.ts'
import { dayMs } from '../lambdas/runtime/env.ts'
import { CommandError } from './cli/command-error.ts'
import { connect, type EnvironmentName } from './cli/environment.ts'
import { moment } from './cli/format.ts'
import { createProgram, newCommand, print, type Report, run } from './cli/program.ts'
import { reportJson, reportText } from './orders/order-report.ts'

/** What the commands of `order` work with. */
export interface OrderDeps {
  environment: EnvironmentName
  repository: OrderRepository
  publisher: EventPublisher
  now: () => number
}

/**
 * Checks an order id from the command line.
 * @throws {CommandError} where it is malformed
 */
function orderIdArgument(orderId: string): string {
  if (orderIdPattern.test(orderId)) return orderId
  throw new CommandError('usage', `${orderId} is not an order id: ord_ and 32 hexadecimal digits.`)
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

/** `order show`: the whole history of an order, its state, and what to do next. */
export async function showOrder(
  { environment, repository, now }: Omit<OrderDeps, 'publisher'>,
  orderId: string,
): Promise<Report> {
  const order = await repository.get(orderId)
  if (order === undefined) throw new CommandError('notFound', `There is no order ${orderId}.`)
  return {
    text: reportText(order, environment, now()),
    json: { environment, order: reportJson(order, environment, now()) },
  }
}

/** The report says what succeeded, so only warnings and errors are printed. */
const telemetry: Telemetry = {
  info: () => {},
  warn: (message, { error }) => console.error(error ? `${message} (${error})` : message),
  error: (message, { error }) => console.error(error ? `${message} (${error})` : message),
  metric: () => {},
}

/** `order cancel`: cancels an order of any owner, by the rules of the API. */
export async function cancelAsOperator(
  deps: OrderDeps & { graceMs: number; retentionMs: number },
  orderId: string,
): Promise<Report> {
  const { environment, now } = deps
  const order = await asCommand(() => cancelOrder({ ...deps, telemetry }, { orderId }))
  return {
    text: reportText(order, environment, now()),
    json: { environment, order: reportJson(order, environment, now()) },
  }
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
    text: amended
      ? `Redacted order ${orderId}: customer, address, metadata and item names are gone.`
      : `Order ${orderId} was redacted already, ${moment(redactedAt)} UTC.`,
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
  .action(async (orderId, options) => {
    const { loadSettings } = await import('../lib/config.ts')
    const { outbox, orderRetentionDays } = loadSettings(options.env === 'local' ? 'dev' : options.env)
    const times = { graceMs: outbox.graceMs, retentionMs: orderRetentionDays * dayMs }
    print(await cancelAsOperator({ ...(await createDeps(options.env)), ...times }, orderId), options)
  })

newCommand(program, 'redact')
  .description('remove the personal data of a finished order, for good')
  .argument('<orderId>', 'ord_…', orderIdArgument)
  .action(async (orderId, options) =>
    print(await redactOrder(await createDeps(options.env), orderId), options),
  )

if (import.meta.main) await run(program)
