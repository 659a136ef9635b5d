import { troubleOf } from '../../domain/outbox.ts'
import type { DueOrder } from './read-due.ts'

/** Orders that are read and sent at once: what BatchGetItem reads, of which a lane holds two in memory. */
export const sliceSize = 100
/** Calls of one kind that are under way at once. The SDK's clients open up to 50 connections. */
const concurrency = 32

/** Batches of at most `size`. What failed before goes alone, so that it takes no other with it. */
export function batchesOf(orders: readonly DueOrder[], size: number): DueOrder[][] {
  const { alone = [], together = [] } = Object.groupBy(orders, (each) =>
    troubleOf(each) ? 'alone' : 'together',
  )
  const batches = alone.map((order) => [order])
  for (let index = 0; index < together.length; index += size)
    batches.push(together.slice(index, index + size))
  return batches
}

/** Does something for each item, some at a time, and answers what came of it in the items' order. */
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
