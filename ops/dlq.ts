import type { Command, OptionValues } from '@commander-js/extra-typings'
import { createOutboxRepository } from '../lambdas/adapters/outbox-repository.ts'
import { CommandError } from './cli/command-error.ts'
import type { Environment } from './cli/environment.ts'
import { visible } from './cli/format.ts'
import { begin } from './cli/operator.ts'
import {
  durationArgument,
  interruption,
  newAction,
  newCommand,
  positiveArgument,
  report,
  type Tool,
} from './cli/program.ts'
import { requireOneFilter } from './dead-letters/dead-letter.ts'
import { discardDeadLetters } from './dead-letters/discard.ts'
import { listDeadLetters } from './dead-letters/list.ts'
import { redriveDeadLetters } from './dead-letters/redrive.ts'
import { showDeadLetters } from './dead-letters/show.ts'

/** @throws {CommandError} where there is no such lane */
function createDeps(environment: Environment, { json, lane }: { json?: true; lane?: string }) {
  const { documents, orderTable, workers } = environment
  const lanes = workers.map((each) => each.lane)
  if (lane !== undefined && !lanes.includes(lane))
    throw new CommandError('usage', `There is no lane ${lane}: ${lanes.join(', ')}.`)
  return {
    environment,
    repository: createOutboxRepository(documents, orderTable),
    signal: interruption(),
    now: Date.now,
    // Standard output is the report's, where it is a document.
    tell: (line: string) => (json ? console.error : console.log)(visible(line)),
  }
}

/** The options by which a command is for some of the dead letters. */
const selecting = <Options extends OptionValues>(command: Command<[], Options>) =>
  command
    .option('--order <id>', 'this order, or of this order')
    .option('--message <id>', 'this message')
    .option('--lane <name>', 'of this vendor, or this listener')
    .option('--reason <code>', 'with this reason, or its part before the colon')
    .option('--older-than <duration>', 'such as 15m, 2h, 3d', durationArgument)

/** `dlq list`, `show`, `redrive` and `discard`. */
export function addTo(tool: Tool): void {
  newCommand(tool, 'list')
    .description('list the dead letters, and count them by lane, reason and age')
    .action((options) => report(options, (environment) => listDeadLetters(createDeps(environment, options))))

  selecting(newCommand(tool, 'show'))
    .description('show messages and orders')
    .option('--limit <n>', 'maximum number', positiveArgument, 10)
    .action((options) =>
      report(options, (environment) => showDeadLetters(createDeps(environment, options), options)),
    )

  selecting(newAction(tool, 'redrive'))
    .description(
      'send orders, and messages of none, to their queues; each order gets a new round of attempts',
    )
    .option('--all', 'all of them')
    .option('--dry-run', 'only print what it would do')
    .option('--rate <n>', 'messages a second', positiveArgument, 10)
    .action((options) => {
      const { filter, about } = requireOneFilter(options)
      const { all, dryRun, rate, env } = options
      const question = all && `All dead letters of ${env} are sent to their queues, ${rate} a second.`
      const action = { command: 'dlq redrive', about, question }
      return report(options, async (environment) => {
        const deps = createDeps(environment, options)
        const actor = dryRun ? undefined : await begin(environment, action, options)
        return redriveDeadLetters({ ...deps, actor }, filter, rate)
      })
    })

  selecting(newAction(tool, 'discard'))
    .description('save messages of no dead-lettered order to a file, and delete them')
    .option('--all', 'all of them')
    .option('--save-to <folder>', 'folder for the file', '.')
    .action((options) => {
      const { filter, about } = requireOneFilter(options)
      const question = `Messages of ${options.env} are deleted: ${JSON.stringify(about)}. They are saved to a file first.`
      return report(options, async (environment) => {
        const deps = createDeps(environment, options)
        await begin(environment, { command: 'dlq discard', about, question }, options)
        return discardDeadLetters(deps, filter, options)
      })
    })
}
