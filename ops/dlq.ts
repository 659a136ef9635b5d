import type { Command, OptionValues } from '@commander-js/extra-typings'
import { begin } from './cli/operator.ts'
import { newAction, newCommand, positiveArgument, report, type Tool } from './cli/program.ts'
import { requireOneFilter } from './dead-letters/dead-letter.ts'
import { discardDeadLetters } from './dead-letters/discard.ts'
import { listDeadLetters } from './dead-letters/list.ts'
import { redriveDeadLetters } from './dead-letters/redrive.ts'
import { createFindDeps } from './orders/find-orders.ts'
import { conditions, inWords, limitOption } from './orders/listing.ts'

/** The options by which a command is for some of the dead letters. */
const selecting = <Options extends OptionValues>(command: Command<[], Options>) =>
  conditions(command)
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
