import { Command, CommanderError, InvalidArgumentError, Option } from '@commander-js/extra-typings'
import { Rejection } from '../../lambdas/application/rejection.ts'
import { CommandError, exitCodes } from './command-error.ts'
import {
  connect,
  type Environment,
  endpointOf,
  environmentNames,
  type Place,
  type Target,
} from './environment.ts'
import { painted, visible, visibleJson } from './format.ts'

/** The result of a command: text for people, JSON for scripts. */
export interface Report {
  /** A line break inside a line is escaped, so that a shop's or vendor's text cannot look like our output. */
  lines: readonly string[]
  json: object
  /** Part of the work was not done: the exit code is 1. */
  incomplete?: boolean
}

export const createProgram = () =>
  new Command('npx orderctl')
    .description('Runs the order pipeline on this machine, and operates it there and on AWS.')
    .helpOption('-h, --help', 'show this help')
    .helpCommand(false)
    .addHelpText('afterAll', '\nExit codes: 0 done, 1 failed or partly done, 2 wrong usage, 3 not found.')
    .showSuggestionAfterError()
    .exitOverride()

export type Tool = Command

export const numberArgument =
  (isValid: (number: number) => boolean, what: string) =>
  (text: string): number => {
    const number = Number(text)
    if (text.trim() !== '' && Number.isFinite(number) && isValid(number)) return number
    throw new InvalidArgumentError(`It must be ${what}.`)
  }
export const positiveArgument = numberArgument((number) => number > 0, 'a positive number')
export const amountArgument = numberArgument((number) => number >= 0, 'a number of at least 0')

/** Parses a repeatable option of the form `NAME=VALUE` into an object. */
export const pairArgument =
  (what: string) =>
  (text: string, others: Record<string, string> = {}): Record<string, string> => {
    const [, name, value] = /^([^=]+)=(.+)$/.exec(text) ?? []
    if (name !== undefined && value !== undefined) return { ...others, [name]: value }
    throw new InvalidArgumentError(`It must be NAME=${what}.`)
  }

const isPort = (port: number) => Number.isInteger(port) && port >= 0 && port <= 65_535

export const portOption = () =>
  new Option('--port <number>', 'port of the embedded cloud (default: 3000)')
    .env('PORT')
    .argParser(numberArgument(isPort, 'a whole number up to 65535'))

export const jsonOption = () => new Option('--json', 'print one JSON document to stdout, for scripts')

export const inEnvironment = (command: Tool) =>
  command
    .addOption(
      new Option('--env <name>', 'which environment').choices(environmentNames).default('local' as const),
    )
    .addOption(portOption())
    .addOption(jsonOption())
    .hook('preAction', (called) => {
      const target: Target = called.opts()
      toldPlace = { environment: target.env, endpoint: endpointOf(target) }
    })

export const newCommand = (tool: Tool, name: string) => inEnvironment(tool.command(name))

/** Checks a note. Its length is limited because an order stores several. */
function noteArgument(note: string): string {
  if (note.trim() !== '' && note.length <= 300) return note
  throw new InvalidArgumentError('A note has 1 to 300 characters.')
}

export const newAction = (tool: Tool, name: string) =>
  newCommand(tool, name)
    .requiredOption('--note <text>', 'why, for the record; no personal data of the buyer', noteArgument)
    .option('--yes [=environment]', 'do not ask; in prod only --yes=prod', (name) => name || true)

/** A signal that aborts on the first Ctrl-C, so that a command can finish what it has begun. The second one kills it. */
export function interruption(): AbortSignal {
  const controller = new AbortController()
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => controller.abort())
  return controller.signal
}

/** Prints a line to stderr at once: stdout is for the report. */
export const tell = (line: string): void => console.error(visible(line))

/** Where the command acts, as far as it is known. Its error document includes it. */
let toldPlace: Partial<Place> = {}

/** Prints where a command acts, and remembers it for errors. */
export function tellPlace(place: Place): void {
  toldPlace = place
  const { environment, endpoint, account, region } = place
  tell(`${environment}: ${endpoint}, account ${account}, ${region}`)
}

/** Prints a command's report as text or JSON, and sets the exit code. */
export function print(report: Report, { json }: { json?: true | undefined }, place: Partial<Place>): void {
  const lines = report.lines.map((line) => painted(visible(line), process.stdout))
  console.log(json ? visibleJson({ ...place, ...report.json }) : lines.join('\n'))
  if (report.incomplete) process.exitCode = exitCodes.failed
}

/** Connects to the environment, prints which one it is, does the command's work there and prints its report. */
export async function report(
  options: Target & { json?: true | undefined },
  work: (environment: Environment) => Promise<Report>,
): Promise<void> {
  const environment = await connect(options)
  tellPlace(environment.place)
  print(await work(environment), options, environment.place)
}

function exitCodeOf(error: unknown): number {
  if (error instanceof CommandError) return error.exitCode
  // Commander throws for --help too, with exit code 0.
  if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.ok : exitCodes.usage
  return error instanceof Rejection && error.kind === 'not-found' ? exitCodes.notFound : exitCodes.failed
}

/** Runs the command in `argv`. On an error it prints one sentence and sets the exit code. */
export async function run(program: Pick<Command, 'parseAsync'>, argv: readonly string[]): Promise<void> {
  try {
    // Without the = commander would take the next word as the value of --yes.
    await program.parseAsync(argv.map((word) => (word === '--yes' ? '--yes=' : word)))
  } catch (error) {
    const message = error instanceof Error ? error.message || error.name : String(error)
    const exitCode = exitCodeOf(error)
    process.exitCode = exitCode
    // Commander has already printed its own errors.
    if (!(error instanceof CommanderError)) tell(message)
    if (exitCode !== exitCodes.ok && argv.includes('--json'))
      console.log(visibleJson({ ...toldPlace, error: { message, exitCode } }))
  }
}
