import { Command, CommanderError, InvalidArgumentError, Option } from '@commander-js/extra-typings'
import { Rejection } from '../../lambdas/application/rejection.ts'
import { CommandError, exitCodes } from './command-error.ts'
import { environmentNames } from './environment.ts'
import { parseDuration, visible, visibleJson } from './format.ts'

/** The result of a command: lines for people, data for scripts. */
export interface Report {
  /** A line break within one is shown as an escape, so that nothing in it passes for a line of ours. */
  lines: readonly string[]
  json: unknown
  /** Part of the work was not done. */
  incomplete?: boolean
}

const exitCodesHelp =
  '\nExit codes: 0 done, 1 failed or done in part, 2 wrong usage, 3 not found.' +
  '\nScripts: npm run --silent …, so that npm itself writes nothing to stdout.'

/** A tool with its commands; `npm run <name> -- <command> …`. */
export const createProgram = (name: string, description: string) =>
  new Command(`npm run ${name} --`)
    .description(description)
    .helpOption('-h, --help', 'show this help')
    .helpCommand(false)
    .addHelpText('afterAll', exitCodesHelp)
    .showSuggestionAfterError()
    .exitOverride()
    .configureHelp({ showGlobalOptions: true })

/** --env, on every command. */
export const envOption = () =>
  new Option('--env <name>', 'which environment').choices(environmentNames).default('local' as const)

/** --json, on every command. */
export const jsonOption = () => new Option('--json', 'print one JSON document to stdout, for scripts')

/** A command of a tool. */
export const newCommand = (program: ReturnType<typeof createProgram>, name: string) =>
  program.command(name).addOption(envOption()).addOption(jsonOption())

/** Checks a note: it has to fit an order, however often one is added. */
function noteArgument(note: string): string {
  if (note.trim() !== '' && note.length <= 300) return note
  throw new InvalidArgumentError('A note has 1 to 300 characters.')
}

/** A command that changes something. */
export const newAction = (program: ReturnType<typeof createProgram>, name: string) =>
  newCommand(program, name)
    .requiredOption('--note <text>', 'why, for the record; no personal data of the buyer', noteArgument)
    .addOption(
      new Option('--yes [environment]', 'do not ask; prod has to be named: --yes=prod').choices(
        environmentNames,
      ),
    )

/** Parses an option's duration. */
export function durationArgument(text: string): number {
  const ms = parseDuration(text)
  if (ms === undefined)
    throw new InvalidArgumentError('It must be a number with s, m, h or d, such as 15m or 2h.')
  return ms
}

/** Parses an option's positive number. */
export function positiveArgument(text: string): number {
  const number = Number(text)
  if (!(number > 0 && Number.isFinite(number)))
    throw new InvalidArgumentError('It must be a positive number.')
  return number
}

/** Aborts on the first Ctrl-C, so that a command can finish or undo what it has begun. The second Ctrl-C kills. */
export function interruption(): AbortSignal {
  const controller = new AbortController()
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => controller.abort())
  return controller.signal
}

/** Prints a command's report as text or JSON, and sets the exit code. */
export function print(report: Report, { json }: { json?: true | undefined }): void {
  console.log(json ? visibleJson(report.json) : report.lines.map(visible).join('\n'))
  if (report.incomplete) process.exitCode = exitCodes.failed
}

function exitCodeOf(error: unknown): number {
  if (error instanceof CommandError) return error.exitCode
  // Asking for help is no error.
  if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.ok : exitCodes.usage
  return error instanceof Rejection && error.kind === 'not-found' ? exitCodes.notFound : exitCodes.failed
}

/** Runs the command that the command line names. An error ends it with an exit code and one sentence. */
export async function run(program: Pick<Command, 'parseAsync'>, argv = process.argv): Promise<void> {
  try {
    await program.parseAsync(argv)
  } catch (error) {
    const message = error instanceof Error ? error.message || error.name : String(error)
    const exitCode = exitCodeOf(error)
    process.exitCode = exitCode
    // Commander has printed what is wrong already.
    if (!(error instanceof CommanderError)) console.error(visible(message))
    if (exitCode !== exitCodes.ok && argv.includes('--json'))
      console.log(visibleJson({ error: { message, exitCode } }))
  }
}
