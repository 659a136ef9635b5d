/** How a command ends; scripts rely on them. */
export const exitCodes = { ok: 0, failed: 1, usage: 2, notFound: 3 } as const

/** An end that is nobody's bug: its message is all that the operator needs. */
export class CommandError extends Error {
  override name = 'CommandError'
  readonly exitCode: number

  constructor(end: Exclude<keyof typeof exitCodes, 'ok'>, message: string, options?: ErrorOptions) {
    super(message, options)
    this.exitCode = exitCodes[end]
  }
}
