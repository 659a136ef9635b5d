import { Command, CommanderError, InvalidArgumentError, Option } from '@commander-js/extra-typings'
import { CommandError, exitCodes } from './command-error.ts'
import { environmentNames } from './environment.ts'
import { parseDuration } from './words.ts'

/** What a command found or did: in words, and as data for scripts. */
export interface Report {
  text: string
  json: unknown
  /** Where it did only a part of its work. */
  incomplete?: boolean
}

const exitCodesInWords =
  '\nExit codes: 0 done, 1 failed or done in part, 2 wrong usage, 3 what it names is not there.' +
  '\nScripts: npm run --silent …, so that npm writes nothing to stdout.'

/** A tool with its commands; `npm run <name> -- <command> …`. */
export const createProgram = (name: string, description: string) =>
  new Command(`npm run ${name} --`)
    .description(description)
    .helpOption('-h, --help', 'say what it does and how')
    .helpCommand(false)
    .addHelpText('afterAll', exitCodesInWords)
    .showSuggestionAfterError()
    .exitOverride()
    .configureHelp({ showGlobalOptions: true })

/** --env, on every command. */
export const envOption = () =>
  new Option('--env <name>', 'which environment').choices(environmentNames).default('local' as const)

/** --json, on every command. */
export const jsonOption = () => new Option('--json', 'one JSON document on stdout, for scripts')

/** Reads an option's duration. */
export function durationArgument(text: string): number {
  const ms = parseDuration(text)
  if (ms === undefined) throw new InvalidArgumentError('It is a number with s, m, h or d, such as 15m or 2h.')
  return ms
}

/** Reads an option's positive number. */
export function positiveArgument(text: string): number {
  const number = Number(text)
  if (!(number > 0 && Number.isFinite(number))) throw new InvalidArgumentError('It is a positive number.')
  return number
}

/** A signal that Ctrl-C gives once: what is under way is finished or put back. The second Ctrl-C kills. */
export function interruption(): AbortSignal {
  const controller = new AbortController()
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => controller.abort())
  return controller.signal
}

/** Prints what a command reports, as its --json says, and sets the exit code. */
export function print(report: Report, { json }: { json?: true | undefined }): void {
  console.log(json ? JSON.stringify(report.json, undefined, 2) : report.text)
  if (report.incomplete) process.exitCode = exitCodes.failed
}

/** What an error comes to: its exit code, and what is said of it. */
function endOf(error: unknown): { exitCode: number; message: string; isSaid: boolean } {
  const message = error instanceof Error ? error.message || error.name : String(error)
  // Commander has said already what is wrong; help that was asked for is no error.
  if (error instanceof CommanderError)
    return { exitCode: error.exitCode === 0 ? exitCodes.ok : exitCodes.usage, message, isSaid: true }
  const { exitCode } = error instanceof CommandError ? error : { exitCode: exitCodes.failed }
  return { exitCode, message, isSaid: false }
}

/** Runs the tool for what the command line says. An error ends it with its exit code and one sentence. */
export async function run(program: Pick<Command, 'parseAsync'>, argv = process.argv): Promise<void> {
  try {
    await program.parseAsync(argv)
  } catch (error) {
    const { exitCode, message, isSaid } = endOf(error)
    process.exitCode = exitCode
    if (!isSaid) console.error(message)
    if (exitCode !== exitCodes.ok && argv.includes('--json'))
      console.log(JSON.stringify({ error: { message, exitCode } }, undefined, 2))
  }
}
