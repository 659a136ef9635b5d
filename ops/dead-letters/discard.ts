import { type FileHandle, open } from 'node:fs/promises'
import { join } from 'node:path'
import { count } from '../cli/format.ts'
import type { Report } from '../cli/program.ts'
import { type DeadLetter, deadLetterJson, type Filter, matches } from './dead-letter.ts'
import { type DlqDeps, sweptText, throughMessages } from './messages.ts'

/** Appends messages to a file, one JSON document per line, and returns once they are on disk. */
async function save(file: FileHandle, messages: readonly DeadLetter[]): Promise<void> {
  const lines = messages.map((message) =>
    JSON.stringify({
      ...deadLetterJson(message),
      queueUrl: message.queue.url,
      targetUrl: message.queue.targetUrl,
      attributes: message.attributes,
      body: message.body,
    }),
  )
  await file.appendFile(`${lines.join('\n')}\n`)
  await file.sync()
}

/**
 * `dlq discard`: saves messages to a file and deletes them. The message of a dead-lettered order is none of them: it
 * goes when its order is redriven, settled or cancelled.
 */
export async function discardDeadLetters(
  deps: DlqDeps,
  filter: Filter,
  { saveTo }: { saveTo: string },
): Promise<Report> {
  const { environment, now } = deps
  const { name } = environment
  const path = join(saveTo, `discarded-${name}-${new Date(now()).toISOString().replaceAll(':', '-')}.jsonl`)
  let file: FileHandle | undefined
  let discarded = 0
  try {
    const swept = await throughMessages(deps, async (found) => {
      const selected = found
        .filter(({ message, standing }) => standing === 'other' && matches(message, filter, now()))
        .map(({ message }) => message)
      if (selected.length === 0) return []
      file ??= await open(path, 'wx')
      await save(file, selected)
      discarded += selected.length
      return selected
    })
    const saved =
      discarded > 0 ? `Discarded ${count(discarded, 'message')} of ${name}, saved in ${path}.` : ''
    return {
      lines: [saved || 'There was nothing to discard.', ...sweptText(swept)],
      json: { discarded, file: saved ? path : undefined, ...swept },
      incomplete: !swept.isComplete,
    }
  } finally {
    await file?.close()
  }
}
