import { maxEntries } from '../../adapters/event-publisher.ts'
import { maxBatch } from '../../adapters/step-queue.ts'
import { waitAfter } from './backoff.ts'
import { batchesOf, inParallel } from './batches.ts'
import { messageOf } from './messages.ts'
import { type DueOrder, type Failed, orFailed } from './read-due.ts'
import type { RelayDeps, RelayLane } from './relay-deps.ts'

/** An order to send, and when it will be due again. */
interface Mark {
  order: DueOrder
  dueAt: string
}
const moved = ({ order, dueAt }: Mark): DueOrder => ({ ...order, outboxDueAt: dueAt })

/** Delays of messages: `firstMs` for the first, and `everyMs` more for each one after it. */
export interface Spread {
  firstMs: number
  everyMs: number
}

/** Sends a step's orders again: to the bus if no worker has claimed them yet, otherwise to the step's queue. */
export function createSending({ repository, publisher, telemetry, now, backoffMs }: RelayDeps) {
  const push = (mark: Mark) =>
    orFailed(mark.order, async () =>
      (await repository.pushMark(mark.order, mark.dueAt)) ? moved(mark) : undefined,
    )

  /** Moves marks before their events are sent, so that only one run sends each: all at once, or else one by one. */
  async function pushAll(marks: readonly Mark[]): Promise<(DueOrder | Failed<DueOrder>)[]> {
    if (marks.length > 1)
      try {
        await repository.pushMarks(marks)
        return marks.map(moved)
      } catch (error) {
        telemetry.info('Marks are moved one by one', { error: String(error) })
      }
    return (await inParallel(marks, push)).filter((each) => each !== undefined)
  }

  /** Sends orders to a step's queue, each with its own delay. */
  async function queueUp(
    orders: readonly DueOrder[],
    { queue }: RelayLane,
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
    relayed: RelayLane,
    { firstMs, everyMs }: Spread,
  ): Promise<{ sent: number; failed: Failed<DueOrder>[] }> => {
    const delayOf = ({ orderId, outboxClaimed }: Pick<DueOrder, 'orderId' | 'outboxClaimed'>) =>
      outboxClaimed ? firstMs + due.findIndex((each) => each.orderId === orderId) * everyMs : 0
    const dueAtOf = ({ outboxSends = 0, ...order }: DueOrder) =>
      new Date(now() + delayOf(order) + waitAfter(outboxSends + 1, backoffMs)).toISOString()
    const send = async (batch: readonly DueOrder[]) => {
      const pushed = await pushAll(batch.map((order) => ({ order, dueAt: dueAtOf(order) })))
      const failed = pushed.filter((each) => 'owed' in each)
      const toSend = pushed.filter((each): each is DueOrder => !('owed' in each))
      if (toSend.length === 0) return failed
      if (toSend[0]?.outboxClaimed) return [...failed, ...(await queueUp(toSend, relayed, delayOf))]
      const published = await publisher.publish(toSend)
      const sent = published.map(({ order, error }) => (error ? { owed: order, error } : order))
      return [...failed, ...sent]
    }
    const { forBus = [], forQueue = [] } = Object.groupBy(due, ({ outboxClaimed }) =>
      outboxClaimed ? 'forQueue' : 'forBus',
    )
    const batches = [...batchesOf(forBus, maxEntries), ...batchesOf(forQueue, maxBatch)]
    const results = (await inParallel(batches, send)).flat()
    const failed = results.filter((each) => 'owed' in each)
    return { sent: results.length - failed.length, failed }
  }
}
