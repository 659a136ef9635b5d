import { createOrderRepository } from '../lambdas/adapters/order-repository.ts'
import { connect, type EnvironmentName } from './cli/environment.ts'
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
  'The dead letters: messages that a worker gave up, and events that EventBridge could not deliver.',
)

const createDeps = async (name: EnvironmentName) => {
  const environment = await connect(name)
  const { documents, orderTable } = environment
  return {
    environment,
    repository: createOrderRepository(documents, orderTable),
    signal: interruption(),
    now: Date.now,
  }
}

newCommand(program, 'list')
  .description('count the messages of every DLQ by step, reason and age')
  .action(async (options) => print(await listDeadLetters(await createDeps(options.env)), options))

newCommand(program, 'show')
  .description('show messages with their orders, oldest first')
  .option('--order <id>', 'of this order')
  .option('--message <id>', 'this message')
  .option('--step <name>', 'of this step')
  .option('--reason <code>', 'with this reason, or its part before the colon')
  .option('--older-than <duration>', 'such as 15m, 2h, 3d', durationArgument)
  .option('--limit <n>', 'maximum number of messages', positiveArgument, 10)
  .action(async (options) => print(await showDeadLetters(await createDeps(options.env), options), options))

newCommand(program, 'redrive')
  .description('send messages back to their queues; each order gets a new round of attempts')
  .option('--order <id>', 'this order, even where no DLQ has its message')
  .option('--message <id>', 'this message')
  .option('--step <name>', 'all of this step')
  .option('--reason <code>', 'all with this reason, or its part before the colon')
  .option('--older-than <duration>', 'all older than, such as 15m, 2h, 3d', durationArgument)
  .option('--all', 'all of them')
  .option(
    '--nothing-made',
    'your word that the vendor has made nothing for this order: its question is closed',
  )
  .option('--dry-run', 'only print what it would do')
  .option('--rate <n>', 'messages a second', positiveArgument, 10)
  .action(async (options) => {
    const filter = requireOneFilter(options)
    print(await redriveDeadLetters(await createDeps(options.env), filter, options), options)
  })

newCommand(program, 'discard')
  .description('save messages to a file and delete them; their orders are not changed')
  .option('--order <id>', 'of this order')
  .option('--message <id>', 'this message')
  .option('--step <name>', 'all of this step')
  .option('--reason <code>', 'all with this reason, or its part before the colon')
  .option('--older-than <duration>', 'all older than, such as 15m, 2h, 3d', durationArgument)
  .option('--all', 'all of them')
  .option('--yes', 'do not ask for confirmation')
  .option('--save-to <folder>', 'folder for the file', '.')
  .action(async (options) => {
    const filter = requireOneFilter(options)
    print(await discardDeadLetters(await createDeps(options.env), filter, options), options)
  })

if (import.meta.main) await run(program)
