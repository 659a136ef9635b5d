import { CommandError } from '../frame/command-error.ts'
import type { DeadLetter } from './dead-letter.ts'

/** Which messages of the DLQs are meant: each given condition must hold. */
export interface Selection {
  order?: string | undefined
  message?: string | undefined
  step?: string | undefined
  reason?: string | undefined
  /** In ms. */
  olderThan?: number | undefined
}

/** Whether a message is meant. A reason is given whole, or by its part before the colon. */
export function isSelected(letter: DeadLetter, selection: Selection, now: number): boolean {
  const { order, message, step, reason, olderThan } = selection
  return (
    (order === undefined || letter.orderId === order) &&
    (message === undefined || letter.messageId === message) &&
    (step === undefined || letter.queue.worker === step) &&
    (reason === undefined || letter.reason === reason || letter.reason.startsWith(`${reason}:`)) &&
    (olderThan === undefined || now - letter.sentAt > olderThan)
  )
}

/**
 * Sees to it that what is to be moved or removed was said: one, a filter, or all, and not two of them.
 * @throws {CommandError} where it was not
 */
export function assertDeliberate({ all, ...selection }: Selection & { all?: true | undefined }): Selection {
  const { order, message, step, reason, olderThan } = selection
  const filtered = [step, reason, olderThan].some((condition) => condition !== undefined)
  const ways = [order !== undefined, message !== undefined, filtered, all === true].filter(Boolean).length
  if (ways === 1) return selection
  throw new CommandError(
    'usage',
    ways === 0
      ? 'Say which: --order ID, --message ID, a filter (--step, --reason, --older-than), or --all.'
      : 'Say it in one way: --order ID, --message ID, a filter (--step, --reason, --older-than), or --all.',
  )
}
