import { amendOrder } from '../../lambdas/application/amend-order.ts'
import { redacted } from '../../lambdas/domain/order-changes.ts'
import { nextStatuses } from '../../lambdas/domain/status.ts'
import type { Report } from '../frame/cli.ts'
import { CommandError } from '../frame/command-error.ts'
import { moment } from '../frame/words.ts'
import { asCommand, type OrderDeps } from './deps.ts'

/** `order redact`: removes the personal data of a finished order, for good. */
export async function redactOrder(
  { environment, repository, now }: Omit<OrderDeps, 'publisher'>,
  orderId: string,
): Promise<Report> {
  const { order, amended } = await asCommand(() =>
    amendOrder(repository, { orderId }, async (current) => {
      if (nextStatuses[current.status].length > 0)
        throw new CommandError(
          'failed',
          `Order ${orderId} is ${current.status}: only a finished one can be redacted, since the others still need their address.`,
        )
      return current.redactedAt === undefined ? redacted(current, now()) : undefined
    }),
  )
  const { redactedAt = '' } = order
  return {
    text: amended
      ? `Redacted order ${orderId}: who bought, where it went, metadata and the names of the goods are gone.`
      : `Order ${orderId} was redacted already, ${moment(redactedAt)} UTC.`,
    json: { environment, orderId, redactedAt, amended },
  }
}
