import type { Command, OptionValues } from '@commander-js/extra-typings'
import { createOutboxRepository } from '../lambdas/adapters/outbox-repository.ts'
import { CommandError } from './cli/command-error.ts'
import { connect, type EnvironmentName } from './cli/environment.ts'
import { visible } from './cli/format.ts'
import { begin } from './cli/operator.ts'
import {
  createProgram,
  durationArgument,
  interruption,
  newAction,
  newCommand,
  positiveArgument,
  print,
  run,
} from './cli/program.ts'
import { requireOneFilter } from './dead-letters/dead-letter.ts'
import { discardDeadLetters } from './dead-letters/discard.ts'
import { listDeadLetters } from './dead-letters/list.ts'
import { redriveDeadLetters } from './dead-letters/redrive.ts'
import { showDeadLetters } from './dead-letters/show.ts'

/** The commands and their options. */
export const program = createProgram(
  'dlq',
  'The dead letters: orders that a worker gave up, and messages of none of them in the DLQs.',
)

/** @throws {CommandError} where there is no such lane */
const createDeps = async ({ env, json, lane }: { env: EnvironmentName; json?: true; lane?: string }) => {
  const environment = await connect(env)
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

newCommand(program, 'list')
  .description('list the dead letters, and count them by lane, reason and age')
  .action(async (options) => print(await listDeadLetters(await createDeps(options)), options))

/** The options by which a command is for some of the dead letters. */
const selecting = <Options extends OptionValues>(command: Command<[], Options>) =>
  command
    .option('--order <id>', 'this order, or of this order')
    .option('--message <id>', 'this message')
    .option('--lane <name>', 'of this vendor, or this listener')
    .option('--reason <code>', 'with this reason, or its part before the colon')
    .option('--older-than <duration>', 'such as 15m, 2h, 3d', durationArgument)

selecting(newCommand(program, 'show'))
  .description('show messages and orders')
  .option('--limit <n>', 'maximum number', positiveArgument, 10)
  .action(async (options) => print(await showDeadLetters(await createDeps(options), options), options))

selecting(newAction(program, 'redrive'))
  .description('send orders, and messages of none, to their queues; each order gets a new round of attempts')
  .option('--all', 'all of them')
  .option('--dry-run', 'only print what it would do')
  .option('--rate <n>', 'messages a second', positiveArgument, 10)
  .action(async (options) => {
    const { filter, about } = requireOneFilter(options)
    const { all, dryRun, rate, env } = options
    const deps = await createDeps(options)
    const question = all && `All dead letters of ${env} are sent to their queues, ${rate} a second.`
    const action = { command: 'dlq redrive', about, question }
    const actor = dryRun ? undefined : await begin(deps.environment, action, options)
    print(await redriveDeadLetters({ ...deps, actor }, filter, rate), options)
  })

selecting(newAction(program, 'discard'))
  .description('save messages of no dead-lettered order to a file, and delete them')
  .option('--all', 'all of them')
  .option('--save-to <folder>', 'folder for the file', '.')
  .action(async (options) => {
    const { filter, about } = requireOneFilter(options)
    const deps = await createDeps(options)
    const question = `Messages of ${options.env} are deleted: ${JSON.stringify(about)}. They are saved to a file first.`
    await begin(deps.environment, { command: 'dlq discard', about, question }, options)
    print(await discardDeadLetters(deps, filter, options), options)
  })

if (import.meta.main) await run(program)
