import type { EventPublisher } from '../../lambdas/adapters/event-publisher.ts'
import type { OrderRepository } from '../../lambdas/adapters/order-repository.ts'
import { Rejection } from '../../lambdas/application/rejection.ts'
import { orderIdPattern } from '../../lambdas/domain/identity.ts'
import { CommandError } from '../frame/command-error.ts'
import type { EnvironmentName } from '../frame/environment.ts'

/** What the commands of `order` work with. */
export interface OrderDeps {
  environment: EnvironmentName
  repository: OrderRepository
  publisher: EventPublisher
  now: () => number
}

/**
 * Checks an order id as it was typed.
 * @throws {CommandError} where it cannot be one
 */
export function orderIdArgument(orderId: string): string {
  if (orderIdPattern.test(orderId)) return orderId
  throw new CommandError('usage', `${orderId} is no order id: it is ord_ and 32 hexadecimal digits.`)
}

/**
 * Runs what the API runs too; what the API would refuse ends the command.
 * @throws {CommandError} with the refusal's words
 */
export async function asCommand<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (!(error instanceof Rejection)) throw error
    throw new CommandError(error.kind === 'not-found' ? 'notFound' : 'failed', error.message, {
      cause: error,
    })
  }
}
