import { appendFile } from 'node:fs/promises'
import { join } from 'node:path'
import { count } from '../cli/format.ts'
import type { Report } from '../cli/program.ts'
import { type Filter, inWords } from '../orders/listing.ts'
import type { DeadLetter } from './dead-letter.ts'
import { isAskedFor } from './list.ts'
import { type DlqDeps, sweptText, throughMessages } from './messages.ts'

const saved = ({ row, queue: { url: queueUrl, targetUrl } }: DeadLetter): string =>
  `${JSON.stringify({ ...row, queueUrl, targetUrl })}\n`

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
  let discarded = 0
  const swept = await throughMessages(deps, async (found) => {
    const selected = found.filter((each) => isAskedFor(each, filter, now())).map(({ message }) => message)
    // They are on disk before any of them is deleted.
    if (selected.length > 0) await appendFile(path, selected.map(saved).join(''), { flush: true })
    discarded += selected.length
    return selected
  })
  const line =
    discarded === 0
      ? `There are no ${inWords('messages to discard', filter)}.`
      : `Discarded ${count(discarded, 'message')} of ${name}, saved in ${path}.`
  return {
    lines: [line, ...sweptText(swept)],
    json: { discarded, file: discarded === 0 ? undefined : path, ...swept },
    incomplete: !swept.isComplete,
  }
}
