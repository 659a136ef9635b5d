import { createApi } from './cli/http.ts'
import { jsonOption, portOption, report, type Tool } from './cli/program.ts'
import { showOrder } from './order.ts'
import { placeAndFollow } from './smoke.ts'
import { getToken } from './token.ts'

/** `demo`: places an order in the embedded cloud, follows it until it is ready, and shows what happened to it. */
export const addTo = (tool: Tool) =>
  tool
    .addOption(portOption())
    .addOption(jsonOption())
    .action((options) =>
      report({ ...options, env: 'local' }, async (environment) => {
        const { token } = await getToken({ ...options, env: 'local' }, {})
        const api = createApi(environment.place.endpoint, token)
        const { orderId } = await placeAndFollow(api, 120_000)
        return showOrder(environment, orderId)
      }),
    )
