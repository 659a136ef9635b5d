import { setTimeout as sleep } from 'node:timers/promises'
import type { Answer } from '../cloud.ts'
import { quantile } from '../measure.ts'

/** How requests at a fixed rate were answered. */
export interface Load {
  tookMs: number[]
  /** The share that was not answered with 201. */
  failed: number
}

/**
 * Sends requests at a fixed rate, whether or not the earlier ones are answered, and times each from the moment
 * at which it was due: a slow server cannot slow its own load down.
 */
export async function openLoop(
  rate: number,
  seconds: number,
  send: (index: number) => Promise<Answer>,
): Promise<Load> {
  const count = Math.round(rate * seconds)
  const startedAt = performance.now()
  const answers = await Promise.all(
    Array.from({ length: count }, async (_, index) => {
      const dueAt = startedAt + (index * 1000) / rate
      await sleep(Math.max(0, dueAt - performance.now()))
      const { status } = await send(index)
      return { status, tookMs: performance.now() - dueAt }
    }),
  )
  return {
    tookMs: answers.map(({ tookMs }) => tookMs),
    failed: answers.filter(({ status }) => status !== 201).length / count,
  }
}

/** p50 / p95 / p99 and the share of errors, for a table. */
export const summary = ({ tookMs, failed }: Load): string => {
  const ms = [0.5, 0.95, 0.99].map((share) => quantile(tookMs, share).toFixed(0))
  return `${ms.join(' / ')} ms, ${(failed * 100).toFixed(0)} % errors`
}
