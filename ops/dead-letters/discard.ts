import { type FileHandle, open } from 'node:fs/promises'
import { join } from 'node:path'
import { count } from '../cli/format.ts'
import type { Report } from '../cli/program.ts'
import { type Filter, inWords } from '../orders/listing.ts'
import { type DeadLetter, messageRow } from './dead-letter.ts'
import { isAskedFor } from './list.ts'
import { type DlqDeps, sweptText, throughMessages } from './messages.ts'

/** Appends messages to a file, one JSON document per line, and returns once they are on disk. */
async function save(file: FileHandle, messages: readonly DeadLetter[]): Promise<void> {
  const lines = messages.map((message) => {
    const { url: queueUrl, targetUrl } = message.queue
    return JSON.stringify({ ...messageRow(message), queueUrl, targetUrl })
  })
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
  const { name, now } = deps
  const path = join(saveTo, `discarded-${name}-${new Date(now()).toISOString().replaceAll(':', '-')}.jsonl`)
  let file: FileHandle | undefined
  let discarded = 0
  try {
    const swept = await throughMessages(deps, async (found) => {
      const selected = found.filter((each) => isAskedFor(each, filter, now())).map(({ message }) => message)
      if (selected.length === 0) return []
      file ??= await open(path, 'wx')
      await save(file, selected)
      discarded += selected.length
      return selected
    })
    const line =
      discarded === 0
        ? `There are no ${inWords('messages to discard', filter)}.`
        : `Discarded ${count(discarded, 'message')} of ${name}, saved in ${path}.`
    return {
      lines: [line, ...sweptText(swept)],
      json: { discarded, file: file && path, ...swept },
      incomplete: !swept.isComplete,
    }
  } finally {
    await file?.close()
  }
}
