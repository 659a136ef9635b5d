import { createOrderRepository } from '../lambdas/adapters/order-repository.ts'
import { CommandError } from './cli/command-error.ts'
import { connect, type EnvironmentName, readOutputs } from './cli/environment.ts'
import { visible } from './cli/format.ts'
import {
  createProgram,
  durationArgument,
  interruption,
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

/** @throws {CommandError} where there is no such step */
const createDeps = async ({ env, json, step }: { env: EnvironmentName; json?: true; step?: string }) => {
  const [environment, outputs] = await Promise.all([connect(env), readOutputs(env)])
  const { documents, orderTable, workers } = environment
  const steps = workers.map(({ worker }) => worker)
  if (step !== undefined && !steps.includes(step))
    throw new CommandError('usage', `There is no step ${step}: ${steps.join(', ')}.`)
  return {
    environment,
    repository: createOrderRepository(documents, orderTable),
    shards: Number(outputs.get('OutboxShards')),
    signal: interruption(),
    now: Date.now,
    // Standard output is the report's, where it is a document.
    tell: (line: string) => (json ? console.error : console.log)(visible(line)),
  }
}

newCommand(program, 'list')
  .description('list the dead letters, and count them by step, reason and age')
  .action(async (options) => print(await listDeadLetters(await createDeps(options)), options))

/** A command for some of the dead letters. */
const selecting = (name: string, description: string) =>
  newCommand(program, name)
    .description(description)
    .option('--order <id>', 'this order, or of this order')
    .option('--message <id>', 'this message')
    .option('--step <name>', 'of this step')
    .option('--reason <code>', 'with this reason, or its part before the colon')
    .option('--older-than <duration>', 'such as 15m, 2h, 3d', durationArgument)

selecting('show', 'show messages and orders')
  .option('--limit <n>', 'maximum number', positiveArgument, 10)
  .action(async (options) => print(await showDeadLetters(await createDeps(options), options), options))

selecting(
  'redrive',
  'send orders, and messages of none, to their queues; each order gets a new round of attempts',
)
  .option('--all', 'all of them')
  .option('--dry-run', 'only print what it would do')
  .option('--rate <n>', 'messages a second', positiveArgument, 10)
  .action(async (options) => {
    const filter = requireOneFilter(options)
    print(await redriveDeadLetters(await createDeps(options), filter, options), options)
  })

selecting('discard', 'save messages of no dead-lettered order to a file, and delete them')
  .option('--all', 'all of them')
  .option('--yes', 'do not ask for confirmation')
  .option('--save-to <folder>', 'folder for the file', '.')
  .action(async (options) => {
    const filter = requireOneFilter(options)
    print(await discardDeadLetters(await createDeps(options), filter, options), options)
  })

if (import.meta.main) await run(program)
