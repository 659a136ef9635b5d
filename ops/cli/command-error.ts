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

/** @throws {CommandError} for a name that none of these has */
export function named<Of>(what: string, name: string, all: Readonly<Record<string, Of>>): Of {
  const found = all[name]
  if (found !== undefined) return found
  throw new CommandError('usage', `There is no ${what} ${name}: ${Object.keys(all).join(', ')}.`)
}
