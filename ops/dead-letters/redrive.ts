import type { Report } from '../frame/cli.ts'
import { CommandError } from '../frame/command-error.ts'
import { createProgress } from '../frame/progress.ts'
import { count } from '../frame/words.ts'
import { type DeadLetter, deadLetterView } from './dead-letter.ts'
import { choose, type DlqDeps, ordersOf } from './deps.ts'
import { lookThrough } from './look-through.ts'
import { type Redrive, redriveMadeOf, redriveOf } from './redrive-message.ts'
import type { Selection } from './selection.ts'
import { sendBack } from './send-back.ts'

/** What the work may take longer than its rate says. */
const marginSeconds = 120

/** What is to go back: the chosen messages, and for an order that was named and has none, one made from it. */
async function redrivesOf(
  { environment, repository }: DlqDeps,
  chosen: readonly DeadLetter[],
  named: string | undefined,
): Promise<Redrive[]> {
  const orders = await ordersOf(repository, chosen)
  const redrives = chosen.map((letter) => redriveOf(letter, orders.get(letter.orderId ?? '')))
  if (named === undefined) return redrives
  const order = await repository.get(named)
  const made = order && redriveMadeOf(order, environment.workers)
  if (made && !redrives.some(({ step }) => step === made.step)) redrives.push(made)
  if (redrives.length > 0) return redrives
  throw new CommandError(
    'notFound',
    order
      ? `Order ${named} is ${order.status} and not dead-lettered: there is nothing to redrive.`
      : `There is no order ${named}.`,
  )
}

const viewOf = ({ step, orderId, letter }: Redrive) =>
  letter ? deadLetterView(letter) : { step, orderId, madeFromOrder: true }

const lineOf = ({ step, orderId = 'no order', letter }: Redrive): string =>
  `  ${step}  ${orderId}  ${letter ? `${letter.reason}, message ${letter.messageId}` : 'made from the order'}`

/** `dlq redrive`: sends messages back to their queues, where each starts a new round of its order. */
export function redriveLetters(
  deps: DlqDeps,
  selection: Selection,
  { dryRun = false, rate }: { dryRun?: boolean | undefined; rate: number },
): Promise<Report> {
  const { environment, signal, now } = deps
  const { sqs, name } = environment
  return lookThrough(environment, signal, async (look) => {
    const chosen = choose(look, selection, now())
    const redrives = await redrivesOf(deps, chosen, selection.order)
    if (dryRun)
      return {
        text: [
          `Would redrive ${count(redrives.length, 'message')} of ${name}.`,
          ...redrives.map(lineOf),
        ].join('\n'),
        json: { environment: name, dryRun, wouldRedrive: redrives.map(viewOf) },
      }
    await look.keepOnly(chosen, redrives.length / rate + marginSeconds)
    const progress = createProgress(redrives.length, rate)
    const { done, failed } = await sendBack(sqs, redrives, {
      ratePerSecond: rate,
      signal,
      now,
      onDone: ({ letter }) => {
        if (letter) look.isGone(letter)
        progress.advance()
      },
    })
    progress.end()
    const left = redrives.length - done.length - failed.length
    return {
      text: [
        `Redrove ${count(done.length, 'message')} of ${name}.`,
        ...failed.map(({ redrive, error }) => `Failed: ${lineOf(redrive).trim()} (${error})`),
        ...(left > 0 ? [`Interrupted: ${left} left; the same command again goes on.`] : []),
      ].join('\n'),
      json: {
        environment: name,
        dryRun,
        redriven: done.map(viewOf),
        left,
        failed: failed.map(({ redrive, error }) => ({ ...viewOf(redrive), error })),
      },
      incomplete: left > 0 || failed.length > 0,
    }
  })
}
