import { open } from 'node:fs/promises'
import { join } from 'node:path'
import { assertCanAsk, confirm } from '../frame/ask.ts'
import type { Report } from '../frame/cli.ts'
import { CommandError } from '../frame/command-error.ts'
import { count } from '../frame/words.ts'
import { type DeadLetter, deadLetterView } from './dead-letter.ts'
import { choose, type DlqDeps } from './deps.ts'
import { lookThrough } from './look-through.ts'
import { remove } from './queues.ts'
import type { Selection } from './selection.ts'

/** An operator may think for so long before the messages become visible to others again. */
const longestThoughtSeconds = 15 * 60

/**
 * Saves messages to a new file, a JSON document a line, and returns only when they are on the disk.
 * @returns the file's path
 */
export async function save(
  letters: readonly DeadLetter[],
  folder: string,
  environment: string,
  now: number,
): Promise<string> {
  const stamp = new Date(now).toISOString().replaceAll(':', '-')
  const path = join(folder, `discarded-${environment}-${stamp}.jsonl`)
  const lines = letters.map((letter) =>
    JSON.stringify({
      ...deadLetterView(letter),
      queueUrl: letter.queue.url,
      targetUrl: letter.queue.targetUrl,
      attributes: letter.attributes,
      body: letter.body,
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

/** `dlq discard`: saves messages to a file and deletes them. Their orders stay as they are. */
export async function discardLetters(
  { environment, signal, now }: Omit<DlqDeps, 'repository'>,
  selection: Selection,
  options: { yes?: true | undefined; saveTo: string },
): Promise<Report> {
  assertCanAsk(options)
  const { sqs, name } = environment
  return lookThrough(environment, signal, async (look) => {
    const chosen = choose(look, selection, now())
    if (selection.order !== undefined && chosen.length === 0)
      throw new CommandError('notFound', `No DLQ has a message of order ${selection.order}.`)
    if (chosen.length === 0)
      return { text: 'Nothing to discard.', json: { environment: name, discarded: [], left: 0 } }
    await look.keepOnly(chosen, longestThoughtSeconds)
    if (!options.yes && !(await confirm(`Discard ${count(chosen.length, 'message')} of ${name}?`)))
      throw new CommandError('failed', 'Nothing was discarded.')
    const file = await save(chosen, options.saveTo, name, now())
    const left = new Set(await remove(sqs, chosen))
    const discarded = chosen.filter((letter) => !left.has(letter))
    discarded.forEach(look.isGone)
    return {
      text: [
        `Discarded ${count(discarded.length, 'message')} of ${name}, saved in ${file}.`,
        ...(left.size > 0 ? [`${count(left.size, 'message')} could not be deleted.`] : []),
      ].join('\n'),
      json: { environment: name, discarded: discarded.map(deadLetterView), file, left: left.size },
      incomplete: left.size > 0,
    }
  })
}
