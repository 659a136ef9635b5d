import { functionFiles } from '../lib/functions/bundle.ts'
import { account, region } from '../local/services/aws-service.ts'
import { start } from '../local/start.ts'
import { named } from './cli/command-error.ts'
import { localEndpoint } from './cli/environment.ts'
import { numberArgument, pairArgument, portOption, type Tool, tellPlace } from './cli/program.ts'

const speedArgument = numberArgument((speed) => speed >= 1, 'a number of at least 1')

/** `start`: runs the embedded cloud until Ctrl-C. */
export const addTo = (tool: Tool) =>
  tool
    .addOption(portOption())
    .option('--speed <n>', 'divide every wait by this', speedArgument, 1)
    .option('--vendor <name=url>', 'your vendor instead of a simulator; repeatable', pairArgument('URL'), {})
    .option('--watch', 'apply changes in the source while it runs', false)
    .option('--inspect <function>', 'open a debugger port for a function, such as logistics-worker')
    .action(({ port = 3000, vendor, ...options }) => {
      if (options.inspect !== undefined)
        named('function', options.inspect, Object.fromEntries(functionFiles()))
      tellPlace({ environment: 'local', endpoint: localEndpoint(port), account, region })
      return start({ port, vendorUrls: vendor, ...options })
    })
