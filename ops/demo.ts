import { CommandError } from './cli/command-error.ts'
import { locate } from './cli/environment.ts'
import { createApi } from './cli/http.ts'
import { inEnvironment, report, type Tool } from './cli/program.ts'
import { showOrder } from './order.ts'
import { placeAndFollow } from './smoke.ts'
import { getToken } from './token.ts'

/** `demo`: places an order, follows it until it is ready, and shows what happened to it. */
export const addTo = (tool: Tool) =>
  inEnvironment(tool).action((options) => {
    if (options.env === 'prod') throw new CommandError('usage', "prod's vendors would ship the order.")
    return report(options, async (environment) => {
      const { outputs } = await locate(options, 'stateless')
      const url = options.env === 'local' ? environment.place.endpoint : outputs.get('ApiUrl')
      if (url === undefined) throw new CommandError('failed', `The stack of ${options.env} has no ApiUrl.`)
      const { token } = await getToken(options, {})
      const { orderId } = await placeAndFollow(createApi(url, token), 120_000)
      return showOrder(environment, orderId)
    })
  })
