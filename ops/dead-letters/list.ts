import type { Report } from '../frame/cli.ts'
import { lookThrough } from './look-through.ts'
import type { DlqParts } from './parts.ts'
import { tally, tallyText } from './tally.ts'

/** `dlq list`: counts what the DLQs hold. */
export function listLetters({ environment, signal, now }: DlqParts): Promise<Report> {
  return lookThrough(environment, signal, async ({ collected }) => {
    const counts = tally(collected, now())
    return { text: tallyText(counts, now()), json: { environment: environment.name, ...counts } }
  })
}
