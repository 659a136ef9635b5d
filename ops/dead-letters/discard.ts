import { open } from 'node:fs/promises'
import { join } from 'node:path'
import { CommandError } from '../cli/command-error.ts'
import { count } from '../cli/format.ts'
import { confirm, type Report, requireConfirmable } from '../cli/program.ts'
import { type DeadLetter, deadLetterJson, type Filter } from './dead-letter.ts'
import { type DlqDeps, deleteMessages, select, withReceivedMessages } from './queues.ts'

/** How long the operator has to confirm before the messages become visible to others again. */
const confirmationSeconds = 15 * 60

/**
 * Saves messages to a new file, one JSON document per line, and returns once they are on disk.
 * @returns the file's path
 */
async function save(
  messages: readonly DeadLetter[],
  folder: string,
  environment: string,
  now: number,
): Promise<string> {
  const stamp = new Date(now).toISOString().replaceAll(':', '-')
  const path = join(folder, `discarded-${environment}-${stamp}.jsonl`)
  const lines = messages.map((message) =>
    JSON.stringify({
      ...deadLetterJson(message),
      queueUrl: message.queue.url,
      targetUrl: message.queue.targetUrl,
      attributes: message.attributes,
      body: message.body,
    }),
  )
  const file = await open(path, 'wx')
  try {
    await file.writeFile(`${lines.join('\n')}\n`)
    await file.sync()
  } finally {
    await file.close()
  }
  return path
}

/** `dlq discard`: saves messages to a file and deletes them. Their orders are not changed. */
export async function discardDeadLetters(
  { environment, signal, now }: Omit<DlqDeps, 'repository'>,
  filter: Filter,
  options: { yes?: true | undefined; saveTo: string },
): Promise<Report> {
  requireConfirmable(options)
  const { sqs, name } = environment
  return withReceivedMessages(environment, signal, async (received) => {
    const selected = select(received, filter, now())
    if (filter.order !== undefined && selected.length === 0)
      throw new CommandError('notFound', `No DLQ has a message of order ${filter.order}.`)
    if (selected.length === 0)
      return { text: 'Nothing to discard.', json: { environment: name, discarded: [], left: 0 } }
    await received.keepInFlight(selected, confirmationSeconds)
    if (!options.yes && !(await confirm(`Discard ${count(selected.length, 'message')} of ${name}?`)))
      throw new CommandError('failed', 'Nothing was discarded.')
    const file = await save(selected, options.saveTo, name, now())
    const left = new Set(await deleteMessages(sqs, selected))
    const discarded = selected.filter((message) => !left.has(message))
    discarded.forEach(received.markDeleted)
    return {
      text: [
        `Discarded ${count(discarded.length, 'message')} of ${name}, saved in ${file}.`,
        ...(left.size > 0 ? [`${count(left.size, 'message')} could not be deleted.`] : []),
      ].join('\n'),
      json: { environment: name, discarded: discarded.map(deadLetterJson), file, left: left.size },
      incomplete: left.size > 0,
    }
  })
}
