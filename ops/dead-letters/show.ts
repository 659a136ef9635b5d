import { stepNames } from '../../lambdas/domain/chain.ts'
import type { Order } from '../../lambdas/domain/order.ts'
import { CommandError } from '../cli/command-error.ts'
import type { EnvironmentName } from '../cli/environment.ts'
import { duration, moment } from '../cli/format.ts'
import type { Report } from '../cli/program.ts'
import { reportJson, reportText } from '../orders/order-report.ts'
import { type DeadLetter, deadLetterJson, type Filter } from './dead-letter.ts'
import { type DlqDeps, ordersOf, select, withReceivedMessages } from './queues.ts'

/** A note for a message that is out of date. */
function noteOn({ queue, orderId }: DeadLetter, order: Order | undefined): string | undefined {
  if (orderId === undefined) return undefined
  if (order === undefined) return 'There is no such order.'
  // A listener's message says nothing of how its order is doing.
  const isOfStep = stepNames.some((step) => step === queue.worker)
  const isOutdated = isOfStep && queue.kind === 'dead-letter' && order.deadLettered === undefined
  return isOutdated ? 'Its order is no longer dead-lettered: a redrive only removes the message.' : undefined
}

/** A message and its order for a person. */
function messageText(
  message: DeadLetter,
  order: Order | undefined,
  environment: EnvironmentName,
  now: number,
): string {
  const { queue, messageId, sentAt, reason, attributes, body } = message
  const note = noteOn(message, order)
  return [
    `Message ${messageId}`,
    `  ${reason}, in the ${queue.kind} queue of ${queue.worker} since ${moment(sentAt)} UTC (${duration(now - sentAt)})`,
    ...Object.entries(attributes).map(([name, { StringValue = '' }]) => `  ${name}: ${StringValue}`),
    `  body: ${body}`,
    ...(note ? [`  ${note}`] : []),
    ...(order ? ['', reportText(order, environment, now)] : []),
  ].join('\n')
}

/** `dlq show`: messages together with their orders. */
export function showDeadLetters(deps: DlqDeps, filter: Filter & { limit: number }): Promise<Report> {
  const { environment, repository, signal, now } = deps
  const { name } = environment
  return withReceivedMessages(environment, signal, async (received) => {
    const selected = select(received, filter, now())
    if (selected.length === 0 && filter.order !== undefined) return showOrderOnly(deps, filter.order)
    const shown = selected.slice(0, filter.limit)
    const orders = await ordersOf(repository, shown)
    const withOrders = shown.map((message) => ({ message, order: orders.get(message.orderId ?? '') }))
    const more = selected.length - shown.length
    return {
      text: [
        ...(selected.length === 0 ? ['No dead letters.'] : []),
        ...withOrders.map(({ message, order }) => messageText(message, order, name, now())),
        ...(more > 0 ? [`… and ${more} more: --limit ${selected.length} shows them too.`] : []),
      ].join('\n\n'),
      json: {
        environment: name,
        messages: withOrders.map(({ message, order }) => ({
          ...deadLetterJson(message),
          attributes: message.attributes,
          body: message.body,
          order: order && reportJson(order, name, now()),
        })),
        more,
      },
    }
  })
}

/** An order that was named is shown even where no DLQ has its message. */
async function showOrderOnly({ environment, repository, now }: DlqDeps, orderId: string): Promise<Report> {
  const { name } = environment
  const order = await repository.get(orderId)
  if (order === undefined) throw new CommandError('notFound', `There is no order ${orderId}.`)
  return {
    text: `No DLQ has a message of this order.\n\n${reportText(order, name, now())}`,
    json: { environment: name, messages: [], more: 0, order: reportJson(order, name, now()) },
  }
}
