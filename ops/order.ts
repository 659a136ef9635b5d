import { createEventPublisher } from '../lambdas/adapters/event-publisher.ts'
import { createOrderRepository } from '../lambdas/adapters/order-repository.ts'
import { dayMs } from '../lambdas/runtime/env.ts'
import { createProgram, envOption, jsonOption, print, run } from './frame/cli.ts'
import { connect, type EnvironmentName } from './frame/environment.ts'
import { cancelAnyOrder } from './orders/cancel.ts'
import { type OrderDeps, orderIdArgument } from './orders/deps.ts'
import { redactOrder } from './orders/redact.ts'
import { showOrder } from './orders/show.ts'

const program = createProgram('order', "One order: its whole story, and an operator's last means.")

async function deps(environment: EnvironmentName): Promise<OrderDeps> {
  const { documents, orderTable, eventBridge, bus } = await connect(environment)
  return {
    environment,
    repository: createOrderRepository(documents, orderTable),
    publisher: createEventPublisher(eventBridge, bus),
    now: Date.now,
  }
}

program
  .command('show')
  .description('what happened when, where it stands, what to do next; no personal data')
  .argument('<orderId>', 'ord_…', orderIdArgument)
  .addOption(envOption())
  .addOption(jsonOption())
  .action(async (orderId, options) => print(await showOrder(await deps(options.env), orderId), options))

program
  .command('cancel')
  .description('call it off, as the shop could: while the carrier has certainly not taken it on')
  .argument('<orderId>', 'ord_…', orderIdArgument)
  .addOption(envOption())
  .addOption(jsonOption())
  .action(async (orderId, options) => {
    const { loadSettings } = await import('../lib/config.ts')
    const { outbox, orderRetentionDays } = loadSettings(options.env === 'local' ? 'dev' : options.env)
    const times = { graceMs: outbox.graceMs, retentionMs: orderRetentionDays * dayMs }
    print(await cancelAnyOrder({ ...(await deps(options.env)), ...times }, orderId), options)
  })

program
  .command('redact')
  .description('remove the personal data of a finished order, for good')
  .argument('<orderId>', 'ord_…', orderIdArgument)
  .addOption(envOption())
  .addOption(jsonOption())
  .action(async (orderId, options) => print(await redactOrder(await deps(options.env), orderId), options))

await run(program)
