import type { SQSClient } from '@aws-sdk/client-sqs'
import { CommandError } from '../frame/command-error.ts'
import type { WorkerQueues } from '../frame/environment.ts'
import type { DeadLetter } from './dead-letter.ts'
import { type Collected, collect, deadLetterQueuesOf, hold, release } from './queues.ts'

/** The messages of all DLQs while they are hidden from others. */
export interface Look {
  collected: readonly Collected[]
  letters: readonly DeadLetter[]
  /** Gives all others back at once, and keeps these for so long. */
  keepOnly(letters: readonly DeadLetter[], seconds: number): Promise<void>
  /** It is not in its DLQ any more: nothing is to be given back. */
  isGone(letter: DeadLetter): void
}

/**
 * Takes everything out of all DLQs for `use` to look at, and in the end makes visible again at once what is
 * still held, whatever happens.
 * @throws {CommandError} where it is interrupted before `use`, and what `use` throws
 */
export async function lookThrough<T>(
  { sqs, workers }: { sqs: SQSClient; workers: readonly WorkerQueues[] },
  signal: AbortSignal,
  use: (look: Look) => Promise<T>,
): Promise<T> {
  const queues = deadLetterQueuesOf(workers)
  const looks = await Promise.allSettled(queues.map((queue) => collect(sqs, queue, signal)))
  const collected = looks.flatMap((look) => (look.status === 'fulfilled' ? look.value : []))
  const letters = collected.flatMap((each) => each.letters).sort((a, b) => a.sentAt - b.sentAt)
  const held = new Set(letters)
  try {
    for (const look of looks) if (look.status === 'rejected') throw look.reason
    if (signal.aborted) throw new CommandError('failed', 'Interrupted before anything was changed.')
    return await use({
      collected,
      letters,
      keepOnly: async (kept, seconds) => {
        const keeps = new Set(kept)
        const others = [...held].filter((letter) => !keeps.has(letter))
        for (const other of others) held.delete(other)
        await release(sqs, others)
        await hold(sqs, kept, seconds)
      },
      isGone: (letter) => void held.delete(letter),
    })
  } finally {
    await release(sqs, [...held])
  }
}
