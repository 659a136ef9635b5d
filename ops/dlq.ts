import { appendFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Command, OptionValues } from '@commander-js/extra-typings'
import { count } from './cli/format.ts'
import { begin } from './cli/operator.ts'
import { newAction, newCommand, positiveArgument, type Report, report, type Tool } from './cli/program.ts'
import { type DeadLetter, requireOneFilter } from './dead-letters/dead-letter.ts'
import { type DlqDeps, isAskedFor, throughMessages, withSwept } from './dead-letters/messages.ts'
import { redriveDeadLetters } from './dead-letters/redrive.ts'
import { createFindDeps, findOrders } from './orders/find-orders.ts'
import { createListing, type Filter, filters, inWords, limitOption, meets, rowOf } from './orders/listing.ts'

/** `dlq list`: lists up to `limit` dead-lettered orders and messages of no such order, and counts all of them. */
export async function listDeadLetters(deps: DlqDeps, filter: Filter, limit: number): Promise<Report> {
  const listing = createListing(limit)
  for await (const orders of findOrders(deps, { ...filter, attention: 'dead-lettered' }))
    for (const order of orders) listing.add(rowOf(order))
  const swept = await throughMessages(deps, async (found) => {
    const isNamed = filter.order !== undefined || filter.message !== undefined
    // The message may hold more than its order, so it is listed too if the order or the message is named.
    for (const { message, standing } of found)
      if ((isNamed || standing === 'other') && meets(message.row, filter, deps.now()))
        listing.add(message.row)
  })
  return withSwept(listing.report(inWords('dead letters', filter)), swept)
}

const saved = ({ row, queue: { url: queueUrl, targetUrl } }: DeadLetter): string =>
  `${JSON.stringify({ ...row, queueUrl, targetUrl })}\n`

/**
 * `dlq discard`: saves messages to a file and deletes them. It leaves the message of a dead-lettered order, which is
 * deleted after its order is redriven, settled or cancelled.
 */
export async function discardDeadLetters(
  deps: DlqDeps,
  filter: Filter,
  { saveTo }: { saveTo: string },
): Promise<Report> {
  const { name, now } = deps
  const path = join(saveTo, `discarded-${name}-${new Date(now()).toISOString().replaceAll(':', '-')}.jsonl`)
  let discarded = 0
  const swept = await throughMessages(deps, async (found) => {
    const selected = found.filter((each) => isAskedFor(each, filter, now())).map(({ message }) => message)
    // Flushed to disk before any of them is deleted.
    if (selected.length > 0) await appendFile(path, selected.map(saved).join(''), { flush: true })
    discarded += selected.length
    return selected
  })
  const line =
    discarded === 0
      ? `There are no ${inWords('messages to discard', filter)}.`
      : `Discarded ${count(discarded, 'message')} of ${name}, saved in ${path}.`
  return withSwept({ lines: [line], json: { discarded, file: discarded ? path : undefined } }, swept)
}

/** Adds the options that select some of the dead letters. */
const selecting = <Options extends OptionValues>(command: Command<[], Options>) =>
  filters(command)
    .option('--order <id>', 'only this order and its messages')
    .option('--message <id>', 'only this message')

export function addTo(tool: Tool): void {
  selecting(newCommand(tool, 'list'))
    .description('list and count the dead letters; --json includes the bodies of messages')
    .addOption(limitOption())
    .action((options) =>
      report(options, (environment) =>
        listDeadLetters(createFindDeps(environment, options), options, options.limit),
      ),
    )

  selecting(newAction(tool, 'redrive'))
    .description('send dead letters to their queues; each order gets a new round of attempts')
    .option('--all', 'all of them')
    .option('--rate <n>', 'messages per second', positiveArgument, 10)
    .action((options) => {
      const filter = requireOneFilter(options)
      const { all, rate, env } = options
      const which = inWords(`${all ? 'All dead' : 'Dead'} letters of ${env}`, filter)
      const question = `${which} will be sent to their queues, ${rate} per second.`
      const action = { command: 'dlq redrive', about: { all, ...filter }, question, isHarmless: !all }
      return report(options, async (environment) => {
        const deps = createFindDeps(environment, filter)
        const actor = await begin(environment, action, options)
        return redriveDeadLetters({ ...deps, actor }, filter, rate)
      })
    })

  selecting(newAction(tool, 'discard'))
    .description('save messages that belong to no dead-lettered order to a file, and delete them')
    .option('--all', 'all of them')
    .option('--save-to <folder>', 'folder for the file', '.')
    .action((options) => {
      const filter = requireOneFilter(options)
      const { all, env } = options
      const which = inWords(`${all ? 'All messages' : 'Messages'} of ${env}`, filter)
      const question = `${which} will be saved to a file and deleted.`
      const action = { command: 'dlq discard', about: { all, ...filter }, question }
      return report(options, async (environment) => {
        const deps = createFindDeps(environment, filter)
        await begin(environment, action, options)
        return discardDeadLetters(deps, filter, options)
      })
    })
}
