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

/** `dlq list`: dead-lettered orders and messages of no such order, each in a line up to a limit, and all in numbers. */
export async function listDeadLetters(deps: DlqDeps, filter: Filter, limit: number): Promise<Report> {
  const listing = createListing(limit)
  for await (const orders of findOrders(deps, { ...filter, attention: 'dead-lettered' }))
    for (const order of orders) listing.add(rowOf(order))
  const swept = await throughMessages(deps, async (found) => {
    const isNamed = filter.order !== undefined || filter.message !== undefined
    // The message of a dead-lettered order is listed where it is named: it may hold more than the order.
    for (const { message, standing } of found)
      if ((isNamed || standing === 'other') && meets(message.row, filter, deps.now()))
        listing.add(message.row)
  })
  return withSwept(listing.report(inWords('dead letters', filter)), swept)
}

const saved = ({ row, queue: { url: queueUrl, targetUrl } }: DeadLetter): string =>
  `${JSON.stringify({ ...row, queueUrl, targetUrl })}\n`

/**
 * `dlq discard`: saves messages to a file and deletes them. The message of a dead-lettered order is none of them: it
 * goes when its order is redriven, settled or cancelled.
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
    // They are on disk before any of them is deleted.
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

/** The options by which a command is for some of the dead letters. */
const selecting = <Options extends OptionValues>(command: Command<[], Options>) =>
  filters(command)
    .option('--order <id>', 'this order, or of this order')
    .option('--message <id>', 'this message')

export function addTo(tool: Tool): void {
  selecting(newCommand(tool, 'list'))
    .description('list the dead letters, and count them; with --json also what messages hold')
    .addOption(limitOption())
    .action((options) =>
      report(options, (environment) =>
        listDeadLetters(createFindDeps(environment, options), options, options.limit),
      ),
    )

  selecting(newAction(tool, 'redrive'))
    .description('send them to their queues; each order gets a new round of attempts')
    .option('--all', 'all of them')
    .option('--rate <n>', 'messages a second', positiveArgument, 10)
    .action((options) => {
      const filter = requireOneFilter(options)
      const { all, rate, env } = options
      const which = inWords(`${all ? 'All dead' : 'Dead'} letters of ${env}`, filter)
      const question = `${which} are sent to their queues, ${rate} a second.`
      const action = { command: 'dlq redrive', about: { all, ...filter }, question, isHarmless: !all }
      return report(options, async (environment) => {
        const deps = createFindDeps(environment, filter)
        const actor = await begin(environment, action, options)
        return redriveDeadLetters({ ...deps, actor }, filter, rate)
      })
    })

  selecting(newAction(tool, 'discard'))
    .description('save messages of no dead-lettered order to a file, and delete them')
    .option('--all', 'all of them')
    .option('--save-to <folder>', 'folder for the file', '.')
    .action((options) => {
      const filter = requireOneFilter(options)
      const { all, env } = options
      const which = inWords(`${all ? 'All messages' : 'Messages'} of ${env}`, filter)
      const question = `${which} are saved to a file and deleted.`
      const action = { command: 'dlq discard', about: { all, ...filter }, question }
      return report(options, async (environment) => {
        const deps = createFindDeps(environment, filter)
        await begin(environment, action, options)
        return discardDeadLetters(deps, filter, options)
      })
    })
}
