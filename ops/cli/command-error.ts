/** The exit codes of all commands. Scripts rely on them. */
export const exitCodes = { ok: 0, failed: 1, usage: 2, notFound: 3 } as const

/** An expected failure of a command. The operator sees its message, without a stack trace. */
export class CommandError extends Error {
  override name = 'CommandError'
  readonly exitCode: number

  constructor(kind: Exclude<keyof typeof exitCodes, 'ok'>, message: string, options?: ErrorOptions) {
    super(message, options)
    this.exitCode = exitCodes[kind]
  }
}

/** Looks a name up. @throws {CommandError} if `all` does not have it */
export function named<Of>(what: string, name: string, all: Readonly<Record<string, Of>>): Of {
  const found = all[name]
  if (found !== undefined) return found
  throw new CommandError('usage', `There is no ${what} ${name}: ${Object.keys(all).join(', ')}.`)
}
