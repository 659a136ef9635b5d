import type { Report } from '../frame/cli.ts'
import { CommandError } from '../frame/command-error.ts'
import type { OrderDeps } from './deps.ts'
import { story, storyView } from './order-report.ts'

/** `order show`: the whole story of an order. */
export async function showOrder(
  { environment, repository, now }: Omit<OrderDeps, 'publisher'>,
  orderId: string,
): Promise<Report> {
  const order = await repository.get(orderId)
  if (order === undefined) throw new CommandError('notFound', `There is no order ${orderId}.`)
  return {
    text: story(order, environment, now()),
    json: { environment, order: storyView(order, environment, now()) },
  }
}
