import type { OrderRepository } from '../../lambdas/adapters/order-repository.ts'
import type { Order } from '../../lambdas/domain/order.ts'
import { CommandError } from '../frame/command-error.ts'
import type { Environment } from '../frame/environment.ts'
import type { DeadLetter } from './dead-letter.ts'
import type { Look } from './look-through.ts'
import { isSelected, type Selection } from './selection.ts'

/** What the commands of `dlq` work with. */
export interface DlqDeps {
  environment: Pick<Environment, 'name' | 'sqs' | 'workers'>
  repository: Pick<OrderRepository, 'get' | 'getAll'>
  /** Says that the operator wants it to stop. */
  signal: AbortSignal
  now: () => number
}

/**
 * The messages that are meant, oldest first.
 * @throws {CommandError} where the step or the message that was named does not exist
 */
export function choose({ collected, letters }: Look, selection: Selection, now: number): DeadLetter[] {
  const steps = [...new Set(collected.map(({ queue }) => queue.worker))]
  if (selection.step !== undefined && !steps.includes(selection.step))
    throw new CommandError('usage', `There is no step ${selection.step}: ${steps.join(', ')}.`)
  const chosen = letters.filter((letter) => isSelected(letter, selection, now))
  if (selection.message !== undefined && chosen.length === 0)
    throw new CommandError('notFound', `No DLQ has a message ${selection.message}.`)
  return chosen
}

/** The orders of messages, by id. */
export async function ordersOf(
  repository: Pick<OrderRepository, 'getAll'>,
  letters: readonly DeadLetter[],
): Promise<Map<string, Order>> {
  const ids = new Set(letters.flatMap(({ orderId }) => orderId ?? []))
  return new Map((await repository.getAll([...ids])).map((order) => [order.orderId, order]))
}
