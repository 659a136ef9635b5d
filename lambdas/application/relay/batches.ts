import { troubleOf } from '../../domain/outbox.ts'
import type { DueOrder } from './read-due.ts'

/** Orders that are read and sent together: BatchGetItem's limit. A lane holds two such slices in memory. */
export const sliceSize = 100
/** Concurrent calls of one kind. The SDK's clients open up to 50 connections. */
const concurrency = 32

/** Batches of at most `size`. Orders that failed before go alone, so that no others fail with them. */
export function batchesOf(orders: readonly DueOrder[], size: number): DueOrder[][] {
  const { alone = [], together = [] } = Object.groupBy(orders, (each) =>
    troubleOf(each) ? 'alone' : 'together',
  )
  const batches = alone.map((order) => [order])
  for (let index = 0; index < together.length; index += size)
    batches.push(together.slice(index, index + size))
  return batches
}

/** Runs an action for each item, with limited concurrency. Results are in the items' order. */
export async function inParallel<Item, Result>(
  items: readonly Item[],
  action: (item: Item) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = []
  const left = items.entries()
  const work = async () => {
    for (const [index, item] of left) results[index] = await action(item)
  }
  await Promise.all(Array.from({ length: Math.min(concurrency, items.length) }, work))
  return results
}
