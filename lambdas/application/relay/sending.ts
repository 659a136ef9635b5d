import { maxEntries } from '../../adapters/event-publisher.ts'
import { maxBatch } from '../../adapters/step-queue.ts'
import { waitAfter } from './backoff.ts'
import { batchesOf, inParallel } from './batches.ts'
import { messageOf } from './dead-letters.ts'
import type { DueOrder, Failed } from './read-due.ts'
import type { RelayDeps, RelayStep } from './relay-deps.ts'

/** Batches that are under way at once: one is sent while the marks of others move. */
const batchesAtOnce = 4

/** Delays of a queue's messages: `firstMs` for the first one, `everyMs` more for each next one. */
export interface Spread {
  firstMs: number
  everyMs: number
}

/** Sends a step's orders again: on the bus if no worker has claimed them yet, else to the step's queue. */
export function createSending(deps: RelayDeps) {
  const { repository, publisher, now, backoffMs } = deps

  /** The mark is moved before the event is sent, so that of two runs only one sends it. */
  async function push(order: DueOrder, delayMs: number): Promise<DueOrder | Failed<DueOrder> | undefined> {
    const waitMs = waitAfter((order.outboxSends ?? 0) + 1, backoffMs)
    const dueAt = new Date(now() + delayMs + waitMs).toISOString()
    try {
      const isOurs = await repository.pushMark(order, dueAt)
      return isOurs ? { ...order, outboxDueAt: dueAt } : undefined
    } catch (error) {
      return { owed: order, error }
    }
  }

  async function publish(orders: readonly DueOrder[]): Promise<(DueOrder | Failed<DueOrder>)[]> {
    const published = await publisher.publish(orders)
    return published.map(({ order, error }) => (error === undefined ? order : { owed: order, error }))
  }

  /** Sends orders to a step's queue, each hidden there for as long as it says. */
  async function queueUp(
    orders: readonly DueOrder[],
    { queue }: RelayStep,
    delayOf: (order: DueOrder) => number,
  ): Promise<(DueOrder | Failed<DueOrder>)[]> {
    const messages = orders.map((order) => ({
      body: messageOf(order),
      delayMs: delayOf(order),
      trace: order.traceparent,
    }))
    try {
      const refused = await queue.send(messages)
      return orders.map((order, index) =>
        refused.has(index) ? { owed: order, error: 'RefusedByTheQueue' } : order,
      )
    } catch (error) {
      return orders.map((order) => ({ owed: order, error }))
    }
  }

  return async (
    due: readonly DueOrder[],
    relayed: RelayStep,
    { firstMs, everyMs }: Spread,
  ): Promise<{ sent: number; failed: Failed<DueOrder>[] }> => {
    const delays = new Map(
      due.map(({ orderId, outboxClaimed }, index) => [
        orderId,
        outboxClaimed ? firstMs + index * everyMs : 0,
      ]),
    )
    const delayOf = ({ orderId }: DueOrder) => delays.get(orderId) ?? 0
    const send = async (batch: readonly DueOrder[]) => {
      const pushed = await inParallel(batch, (order) => push(order, delayOf(order)))
      const failed = pushed.filter((each) => each !== undefined && 'owed' in each)
      const ours = pushed.filter((each): each is DueOrder => each !== undefined && !('owed' in each))
      if (ours.length === 0) return failed
      const sent = ours[0]?.outboxClaimed ? await queueUp(ours, relayed, delayOf) : await publish(ours)
      return [...failed, ...sent]
    }
    const { forBus = [], forQueue = [] } = Object.groupBy(due, ({ outboxClaimed }) =>
      outboxClaimed ? 'forQueue' : 'forBus',
    )
    const batches = [...batchesOf(forBus, maxEntries), ...batchesOf(forQueue, maxBatch)]
    const results = (await inParallel(batches, send, batchesAtOnce)).flat()
    const failed = results.filter((each) => 'owed' in each)
    return { sent: results.length - failed.length, failed }
  }
}
