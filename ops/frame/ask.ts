import { createInterface } from 'node:readline/promises'
import { CommandError } from './command-error.ts'

/**
 * Sees to it that somebody can be asked, before any work is done.
 * @throws {CommandError} where nobody can
 */
export function assertCanAsk({ yes }: { yes?: true | undefined }): void {
  if (!yes && !process.stdin.isTTY)
    throw new CommandError('usage', 'Discarding asks first, and there is no terminal to ask on: say --yes.')
}

/** Asks on the terminal; anything but "yes" is no, Ctrl-C and Ctrl-D too. */
export async function confirm(question: string): Promise<boolean> {
  const terminal = createInterface({ input: process.stdin, output: process.stderr })
  const closed = new AbortController()
  terminal.once('close', () => closed.abort())
  try {
    const answer = await terminal.question(`${question} Type "yes": `, { signal: closed.signal })
    return answer.trim() === 'yes'
  } catch (error) {
    if (closed.signal.aborted) return false
    throw error
  } finally {
    terminal.close()
  }
}
