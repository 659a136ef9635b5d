/** The exit codes of all commands; scripts rely on them. */
export const exitCodes = { ok: 0, failed: 1, usage: 2, notFound: 3 } as const

/** An expected failure of a command: the operator is shown its message and no stack trace. */
export class CommandError extends Error {
  override name = 'CommandError'
  readonly exitCode: number

  constructor(kind: Exclude<keyof typeof exitCodes, 'ok'>, message: string, options?: ErrorOptions) {
    super(message, options)
    this.exitCode = exitCodes[kind]
  }
}

/** @throws {CommandError} for a name that is not one of these */
export function requireName(what: string, name: string, names: readonly string[]): void {
  if (!names.includes(name))
    throw new CommandError('usage', `There is no ${what} ${name}: ${names.join(', ')}.`)
}
