import { InvalidArgumentError } from '@commander-js/extra-typings'
import { start } from '../local/start.ts'
import { numberArgument, portOption, type Tool } from './cli/program.ts'

function vendorArgument(text: string, others: Record<string, string>): Record<string, string> {
  const [, name, url] = /^([^=]+)=(.+)$/.exec(text) ?? []
  if (name === undefined || url === undefined) throw new InvalidArgumentError('It must be NAME=URL.')
  return { ...others, [name]: url }
}

const speedArgument = numberArgument((speed) => speed >= 1, 'a number of at least 1')

/** `start`: the embedded cloud, until Ctrl-C. */
export const addTo = (tool: Tool) =>
  tool
    .addOption(portOption())
    .option('--speed <n>', 'divides every wait', speedArgument, 1)
    .option('--vendor <name=url>', "your own in a simulator's place; repeatable", vendorArgument, {})
    .option('--watch', 'apply changes in the source while it runs', false)
    .option('--inspect <function>', 'open a debugger port for one: logistics-worker')
    .action(({ port = 3000, vendor, ...options }) => start({ port, vendorUrls: vendor, ...options }))
