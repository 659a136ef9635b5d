import type { Order } from '../../lambdas/domain/order.ts'
import type { Report } from '../frame/cli.ts'
import { CommandError } from '../frame/command-error.ts'
import type { EnvironmentName } from '../frame/environment.ts'
import { duration, moment } from '../frame/words.ts'
import { story, storyView } from '../orders/order-report.ts'
import { type DeadLetter, deadLetterView } from './dead-letter.ts'
import { choose, type DlqDeps, ordersOf } from './deps.ts'
import { lookThrough } from './look-through.ts'
import type { Selection } from './selection.ts'

/** Where a message has been overtaken by its order. */
function remarkOn({ queue, orderId }: DeadLetter, order: Order | undefined): string | undefined {
  if (orderId === undefined) return undefined
  if (order === undefined) return 'There is no such order.'
  const isOvertaken = queue.kind === 'dead-letter' && order.deadLettered === undefined
  return isOvertaken
    ? 'Its order is not dead-lettered any more: after a redrive the message is done.'
    : undefined
}

/** A message and its order's story for a person. */
function letterText(
  letter: DeadLetter,
  order: Order | undefined,
  environment: EnvironmentName,
  now: number,
): string {
  const { queue, messageId, sentAt, reason, attributes, body } = letter
  const remark = remarkOn(letter, order)
  return [
    `Message ${messageId}`,
    `  ${reason}, in the ${queue.kind} queue of ${queue.worker} since ${moment(sentAt)} UTC (${duration(now - sentAt)})`,
    ...Object.entries(attributes).map(([name, { StringValue = '' }]) => `  ${name}: ${StringValue}`),
    `  body: ${body}`,
    ...(remark ? [`  ${remark}`] : []),
    ...(order ? ['', story(order, environment, now)] : []),
  ].join('\n')
}

/** `dlq show`: messages and their orders' stories together. */
export function showLetters(deps: DlqDeps, selection: Selection & { limit: number }): Promise<Report> {
  const { environment, repository, signal, now } = deps
  const { name } = environment
  return lookThrough(environment, signal, async (look) => {
    const chosen = choose(look, selection, now())
    if (chosen.length === 0 && selection.order !== undefined) return showAlone(deps, selection.order)
    const shown = chosen.slice(0, selection.limit)
    const orders = await ordersOf(repository, shown)
    const withOrders = shown.map((letter) => ({ letter, order: orders.get(letter.orderId ?? '') }))
    const more = chosen.length - shown.length
    return {
      text: [
        ...(chosen.length === 0 ? ['No dead letters.'] : []),
        ...withOrders.map(({ letter, order }) => letterText(letter, order, name, now())),
        ...(more > 0 ? [`… and ${more} more: --limit ${chosen.length} shows them too.`] : []),
      ].join('\n\n'),
      json: {
        environment: name,
        messages: withOrders.map(({ letter, order }) => ({
          ...deadLetterView(letter),
          attributes: letter.attributes,
          body: letter.body,
          order: order && storyView(order, name, now()),
        })),
        more,
      },
    }
  })
}

/** An order that was named has a story, even where no DLQ has its message. */
async function showAlone({ environment, repository, now }: DlqDeps, orderId: string): Promise<Report> {
  const { name } = environment
  const order = await repository.get(orderId)
  if (order === undefined) throw new CommandError('notFound', `There is no order ${orderId}.`)
  return {
    text: `No DLQ has a message of this order.\n\n${story(order, name, now())}`,
    json: { environment: name, messages: [], more: 0, order: storyView(order, name, now()) },
  }
}
