import * as z from 'zod/mini'
import type { OutboxRepository } from '../../lambdas/adapters/outbox-repository.ts'
import { createEntries } from '../../lambdas/application/relay/entries.ts'
import type { Order } from '../../lambdas/domain/order.ts'
import { announcement, outboxPartitions } from '../../lambdas/domain/outbox.ts'
import { named } from '../cli/command-error.ts'
import type { Environment } from '../cli/environment.ts'
import { interruption, tell } from '../cli/program.ts'
import { type Filter, meets, rowOf } from './listing.ts'

export interface FindDeps extends Pick<Environment, 'vendors' | 'shards' | 'now'> {
  repository: Pick<OutboxRepository, 'get' | 'getAll' | 'list' | 'due' | 'deadLetters' | 'change'>
  signal: ReturnType<typeof interruption>
  tell: typeof tell
}

/** @throws {CommandError} if the filter names an unknown lane */
export function createFindDeps(environment: Environment, { lane }: Filter) {
  if (lane !== undefined)
    named('lane', lane, Object.fromEntries(environment.queues.map((each) => [each.lane, each])))
  return { ...environment, signal: interruption(), tell }
}

const pageSize = 100

async function* ofShop({ repository, signal, tell }: FindDeps, shop: string): AsyncGenerator<Order[]> {
  let from: { createdAt: string; orderId: string } | undefined
  do {
    const page = await repository.list(shop, { limit: pageSize, from }, (id) => tell(`${id} cannot be read`))
    yield page.orders
    from = page.next
  } while (from !== undefined && !signal.aborted)
}

/** Reads the orders in an index, page by page. They come from the table, because the index may lag behind. */
async function* indexed<Time extends string>(
  { repository, signal, tell }: FindDeps,
  ...index: Parameters<typeof createEntries<Time, Record<Time | 'orderId', string>>>
): AsyncGenerator<Order[]> {
  const entries = createEntries(...index)
  while (!signal.aborted) {
    const ids = [...new Set((await entries.take(pageSize)).map(({ orderId }) => orderId))]
    if (ids.length === 0) return
    const orders = await repository.getAll(ids, (item) => {
      const { orderId } = z.parse(z.object({ orderId: z.string() }), item)
      tell(`${orderId} cannot be read`)
    })
    yield orders.sort((one, other) => ids.indexOf(one.orderId) - ids.indexOf(other.orderId))
  }
}

/** The orders in the outbox that are not dead-lettered. One that moves meanwhile is met twice but yielded once. */
async function* underWay(deps: FindDeps, lanes: readonly string[]): AsyncGenerator<Order[]> {
  const seen = new Set<string>()
  const partitions = [...lanes, announcement].flatMap((each) => outboxPartitions(each, deps.shards))
  // Most entries are due in the future, so the query has no upper limit in time.
  for await (const orders of indexed(deps, deps.repository.due, 'outboxDueAt', partitions, '9999'))
    yield orders.filter(({ orderId, attention }) => {
      const isNew = !seen.has(orderId) && attention?.state !== 'dead-lettered'
      seen.add(orderId)
      return isNew
    })
}

/** Orders that may match a filter, from the cheapest source: by id, by shop, or from the indexes of unfinished ones. */
async function* candidates(deps: FindDeps, filter: Filter): AsyncGenerator<Order[]> {
  const { order: orderId, message, shop, attention, lane } = filter
  if (message !== undefined) return
  if (orderId !== undefined) {
    const order = await deps.repository.get(orderId)
    if (order !== undefined) yield [order]
    return
  }
  if (shop !== undefined) return yield* ofShop(deps, shop)
  const lanes = Object.keys(deps.vendors).filter((each) => lane === undefined || each === lane)
  const now = new Date(deps.now()).toISOString()
  if (attention === undefined || attention === 'dead-lettered')
    for (const each of lanes) {
      const partitions = outboxPartitions(each, deps.shards)
      yield* indexed(deps, deps.repository.deadLetters, 'deadLetteredAt', partitions, now)
    }
  if (attention !== 'dead-lettered') yield* underWay(deps, lanes)
}

/** The orders that match a filter, page by page; dead-lettered ones come first, lane by lane, oldest first. */
export async function* findOrders(deps: FindDeps, filter: Filter): AsyncGenerator<Order[]> {
  for await (const orders of candidates(deps, filter))
    yield orders.filter((order) => meets(rowOf(order), filter, deps.now()))
}
