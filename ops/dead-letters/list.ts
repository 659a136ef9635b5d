import type { Report } from '../frame/cli.ts'
import type { DlqDeps } from './deps.ts'
import { lookThrough } from './look-through.ts'
import { tally, tallyText } from './tally.ts'

/** `dlq list`: counts what the DLQs hold. */
export function listLetters({ environment, signal, now }: DlqDeps): Promise<Report> {
  return lookThrough(environment, signal, async ({ collected }) => {
    const counts = tally(collected, now())
    return { text: tallyText(counts, now()), json: { environment: environment.name, ...counts } }
  })
}
