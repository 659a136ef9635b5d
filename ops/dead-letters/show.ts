import type { Order } from '../../lambdas/domain/order.ts'
import { CommandError } from '../cli/command-error.ts'
import { duration, moment } from '../cli/format.ts'
import type { Report } from '../cli/program.ts'
import { reportJson, reportLines } from '../orders/order-report.ts'
import { type DeadLetter, deadLetterJson, type Filter, matches } from './dead-letter.ts'
import { type DlqDeps, throughMessages } from './messages.ts'
import { deadLetteredOrders } from './orders.ts'

/** A message for a person. */
function messageLines(
  { queue, messageId, sentAt, reason, attributes, body }: DeadLetter,
  now: number,
): string[] {
  return [
    `Message ${messageId}`,
    `  ${reason}, in the ${queue.kind} queue of ${queue.lane} since ${moment(sentAt)} UTC (${duration(now - sentAt)})`,
    ...Object.entries(attributes).map(([name, { StringValue = '' }]) => `  ${name}: ${StringValue}`),
    `  body: ${body}`,
  ]
}

/** `dlq show`: messages with their orders, and dead-lettered orders without a message, up to a limit. */
export async function showDeadLetters(
  deps: DlqDeps,
  { limit, ...filter }: Filter & { limit: number },
): Promise<Report> {
  const { environment, repository, now } = deps
  const { name } = environment
  const shown: { message?: DeadLetter; order: Order | undefined }[] = []
  await throughMessages(
    deps,
    async (found) => {
      const matching = found.filter(({ message }) => matches(message, filter, now()))
      shown.push(...matching.slice(0, limit - shown.length))
      return []
    },
    { isEnough: () => shown.length >= limit },
  )
  const ids = new Set(shown.map(({ order }) => order?.orderId))
  for await (const orders of deadLetteredOrders(deps, filter)) {
    const others = orders.filter(({ orderId }) => !ids.has(orderId))
    shown.push(...others.slice(0, limit - shown.length).map((order) => ({ order })))
    if (shown.length >= limit) break
  }
  if (shown.length === 0 && filter.order !== undefined) {
    const order = await repository.get(filter.order)
    if (order === undefined) throw new CommandError('notFound', `There is no order ${filter.order}.`)
    shown.push({ order })
  }
  return {
    lines: [
      ...(shown.length === 0 ? ['No dead letters.'] : []),
      ...shown.flatMap(({ message, order }) => [
        ...(message ? messageLines(message, now()) : ['No DLQ has a message of this order.']),
        '',
        ...(order ? [...reportLines(order, name, now()), ''] : []),
      ]),
      ...(shown.length === limit ? ['There may be more: --limit shows them too.'] : []),
    ],
    json: {
      deadLetters: shown.map(({ message, order }) => ({
        ...(message && {
          ...deadLetterJson(message),
          attributes: message.attributes,
          body: message.body,
        }),
        order: order && reportJson(order, name, now()),
      })),
    },
  }
}
