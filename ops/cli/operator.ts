import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { CreateLogStreamCommand, PutLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs'
import { GetCallerIdentityCommand } from '@aws-sdk/client-sts'
import type { Telemetry } from '../../lambdas/application/telemetry.ts'
import type { Actor } from '../../lambdas/domain/order.ts'
import { CommandError } from './command-error.ts'
import type { Environment, EnvironmentName } from './environment.ts'
import { visible } from './format.ts'

export interface Consent {
  /** Why, for the record. */
  note: string
  /** Skips the question; in prod only if it is `prod`. */
  yes?: true | string | undefined
}

const warn: Telemetry['warn'] = (message, { error }) =>
  console.error(visible(error ? `${message} (${error})` : message))

/** Prints only warnings and errors: the report says what succeeded. */
export const telemetry: Telemetry = { info: () => {}, warn, error: warn, metric: () => {} }

/** Asks on the terminal. Returns '' after Ctrl-C or Ctrl-D. */
async function ask(question: string): Promise<string> {
  const terminal = createInterface({ input: process.stdin, output: process.stderr })
  terminal.setPrompt(visible(question))
  terminal.prompt()
  const [answer = ''] = await Promise.race([once(terminal, 'line'), once(terminal, 'close')])
  terminal.close()
  return `${answer}`.trim()
}

/** @throws {CommandError} if the answer is no, or there is no terminal to ask on */
async function confirm(what: string, name: EnvironmentName, yes: Consent['yes']): Promise<void> {
  const isProd = name === 'prod'
  if (yes === name || (yes === true && !isProd)) return
  const flag = isProd ? '--yes=prod' : '--yes'
  if (!process.stdin.isTTY) {
    const message = `${what} This needs confirmation, and there is no terminal: pass ${flag}.`
    throw new CommandError('usage', message)
  }
  const how = isProd ? "Type the environment's name to go on:" : 'Go on? (y/N)'
  const answer = await ask(`${what} ${how} `)
  if (!(isProd ? answer === name : /^y(es)?$/i.test(answer)))
    throw new CommandError('failed', 'Nothing was done.')
}

/**
 * Asks for confirmation (outside prod only if the action is not harmless), and logs who is about to do what and why.
 * @throws {CommandError} if the answer is no or the log cannot be written; the caller must then do nothing
 */
export async function begin(
  { name, sts, logs, operatorLog }: Pick<Environment, 'name' | 'sts' | 'logs' | 'operatorLog'>,
  action: { command: string; about: object; question: string; isHarmless?: boolean },
  { note, yes }: Consent,
): Promise<Actor> {
  if (name === 'prod' || !action.isHarmless) await confirm(action.question, name, yes)
  try {
    // There are no identities in the embedded cloud.
    const { Arn: who = name } = name === 'local' ? {} : await sts.send(new GetCallerIdentityCommand())
    const actor: Actor = { by: 'operator', who, note }
    const stream = { logGroupName: operatorLog, logStreamName: `${randomUUID()}` }
    const message = JSON.stringify({ message: action.command, about: action.about, ...actor })
    await logs.send(new CreateLogStreamCommand(stream))
    await logs.send(new PutLogEventsCommand({ ...stream, logEvents: [{ timestamp: Date.now(), message }] }))
    return actor
  } catch (error) {
    const message = `The operators' log cannot be written, so nothing was done: ${error}`
    throw new CommandError('failed', message, { cause: error })
  }
}
