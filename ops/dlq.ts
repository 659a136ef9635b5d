import { createOrderRepository } from '../lambdas/adapters/order-repository.ts'
import { discardLetters } from './dead-letters/discard.ts'
import { listLetters } from './dead-letters/list.ts'
import { redriveLetters } from './dead-letters/redrive.ts'
import { assertDeliberate } from './dead-letters/selection.ts'
import { showLetters } from './dead-letters/show.ts'
import {
  createProgram,
  durationArgument,
  envOption,
  interruption,
  jsonOption,
  positiveArgument,
  print,
  run,
} from './frame/cli.ts'
import { connect, type EnvironmentName } from './frame/environment.ts'

const program = createProgram(
  'dlq',
  'What the pipeline could not bring on by itself: the messages of every DLQ, of workers and of EventBridge.',
)

const deps = async (name: EnvironmentName) => {
  const environment = await connect(name)
  const { documents, orderTable } = environment
  return {
    environment,
    repository: createOrderRepository(documents, orderTable),
    signal: interruption(),
    now: Date.now,
  }
}

program
  .command('list')
  .description('count the messages of every DLQ by step, reason and age')
  .addOption(envOption())
  .addOption(jsonOption())
  .action(async (options) => print(await listLetters(await deps(options.env)), options))

program
  .command('show')
  .description('show messages with their orders and their stories, oldest first')
  .option('--order <id>', 'of this order')
  .option('--message <id>', 'this message')
  .option('--step <name>', 'of this step')
  .option('--reason <code>', 'with this reason, or its part before the colon')
  .option('--older-than <duration>', 'such as 15m, 2h, 3d', durationArgument)
  .option('--limit <n>', 'so many messages at the most', positiveArgument, 10)
  .addOption(envOption())
  .addOption(jsonOption())
  .action(async (options) => print(await showLetters(await deps(options.env), options), options))

program
  .command('redrive')
  .description('send messages back to their queues, and orders on in a new round')
  .option('--order <id>', 'this order, made from the order where no DLQ has its message')
  .option('--message <id>', 'this message')
  .option('--step <name>', 'all of this step')
  .option('--reason <code>', 'all with this reason, or its part before the colon')
  .option('--older-than <duration>', 'all older than, such as 15m, 2h, 3d', durationArgument)
  .option('--all', 'all of them')
  .option('--dry-run', 'say what it would do')
  .option('--rate <n>', 'messages a second', positiveArgument, 10)
  .addOption(envOption())
  .addOption(jsonOption())
  .action(async (options) => {
    const selection = assertDeliberate(options)
    print(await redriveLetters(await deps(options.env), selection, options), options)
  })

program
  .command('discard')
  .description('save messages to a file and delete them; their orders stay as they are')
  .option('--order <id>', 'of this order')
  .option('--message <id>', 'this message')
  .option('--step <name>', 'all of this step')
  .option('--reason <code>', 'all with this reason, or its part before the colon')
  .option('--older-than <duration>', 'all older than, such as 15m, 2h, 3d', durationArgument)
  .option('--all', 'all of them')
  .option('--yes', 'do not ask')
  .option('--save-to <folder>', 'where the file goes', '.')
  .addOption(envOption())
  .addOption(jsonOption())
  .action(async (options) => {
    const selection = assertDeliberate(options)
    print(await discardLetters(await deps(options.env), selection, options), options)
  })

await run(program)
