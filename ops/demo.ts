import { inEnvironment, report, type Tool } from './cli/program.ts'
import { showOrder } from './order.ts'
import { apiOf, placeAndFollow } from './smoke.ts'

/** `demo`: places an order, follows it until it is ready, and shows what happened to it. */
export const addTo = (tool: Tool) =>
  inEnvironment(tool).action(async (options) => {
    const { api } = await apiOf(options)
    return report(options, async (environment) => {
      const { orderId } = await placeAndFollow(api, 120_000)
      return showOrder(environment, orderId)
    })
  })
