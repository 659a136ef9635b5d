import { start } from '../local/start.ts'
import { numberArgument, pairArgument, portOption, type Tool } from './cli/program.ts'

const speedArgument = numberArgument((speed) => speed >= 1, 'a number of at least 1')

/** `start`: the embedded cloud, until Ctrl-C. */
export const addTo = (tool: Tool) =>
  tool
    .addOption(portOption())
    .option('--speed <n>', 'divides every wait', speedArgument, 1)
    .option('--vendor <name=url>', "your own in a simulator's place; repeatable", pairArgument('URL'), {})
    .option('--watch', 'apply changes in the source while it runs', false)
    .option('--inspect <function>', 'open a debugger port for one: logistics-worker')
    .action(({ port = 3000, vendor, ...options }) => start({ port, vendorUrls: vendor, ...options }))
