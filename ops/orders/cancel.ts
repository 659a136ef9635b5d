import { cancelOrder } from '../../lambdas/application/cancel-order.ts'
import type { Telemetry } from '../../lambdas/application/telemetry.ts'
import type { Report } from '../frame/cli.ts'
import { flagOf } from '../frame/environment.ts'
import { asCommand, type OrderDeps } from './deps.ts'
import { story, storyView } from './order-report.ts'

/** An operator reads no metrics here, and what went well stands in the report. */
const telemetry: Telemetry = {
  info: () => {},
  warn: (message, { error }) => console.error(error ? `${message} (${error})` : message),
  error: (message, { error }) => console.error(error ? `${message} (${error})` : message),
  metric: () => {},
}

/** `order cancel`: calls anybody's order off, by the API's own rules and write. */
export async function cancelAnyOrder(
  deps: OrderDeps & { graceMs: number; retentionMs: number },
  orderId: string,
): Promise<Report> {
  const { environment, repository, now } = deps
  const before = await repository.get(orderId)
  const order = await asCommand(() => cancelOrder({ ...deps, telemetry }, { orderId }))
  // The worker does away with its message, but only when it meets it.
  const rest = before?.deadLettered !== undefined && before.status !== 'CANCELLED'
  const hint = `Its message stays in the DLQ: npm run dlq -- discard --order ${orderId}${flagOf(environment)}`
  return {
    text: [story(order, environment, now()), ...(rest ? [hint] : [])].join('\n'),
    json: { environment, order: storyView(order, environment, now()) },
  }
}
