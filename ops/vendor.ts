import { Argument } from '@commander-js/extra-typings'
import { createOrderRepository } from '../lambdas/adapters/order-repository.ts'
import { stepNames } from '../lambdas/domain/order.ts'
import { createProgram, envOption, jsonOption, print, run } from './frame/cli.ts'
import { connect, type EnvironmentName } from './frame/environment.ts'
import { holdVendor, type VendorDeps, vendorStatus } from './vendors/commands.ts'

const program = createProgram(
  'vendor',
  'The vendors: whether calls to them go through, and who waits for them.',
)

async function deps(name: EnvironmentName): Promise<VendorDeps> {
  const environment = await connect(name)
  const { documents, orderTable } = environment
  return { environment, repository: createOrderRepository(documents, orderTable), now: Date.now }
}

const vendorArgument = () => new Argument('<name>', 'which vendor').choices(stepNames)

program
  .command('status')
  .description('whether calls go through, since when not and why, and how many orders wait')
  .addOption(envOption())
  .addOption(jsonOption())
  .action(async (options) => print(await vendorStatus(await deps(options.env)), options))

program
  .command('pause')
  .description('let no call through until "resume"; orders wait and lose nothing')
  .addArgument(vendorArgument())
  .addOption(envOption())
  .addOption(jsonOption())
  .action(async (vendor, options) => print(await holdVendor(await deps(options.env), vendor, true), options))

program
  .command('resume')
  .description('let calls through again; the orders that wait go on by themselves')
  .addArgument(vendorArgument())
  .addOption(envOption())
  .addOption(jsonOption())
  .action(async (vendor, options) => print(await holdVendor(await deps(options.env), vendor, false), options))

await run(program)
