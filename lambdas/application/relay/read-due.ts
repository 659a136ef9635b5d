import type { OrderRepository } from '../../adapters/order-repository.ts'
import { type OutboxEntry, type Owed, owedBy } from '../../adapters/outbox-repository.ts'
import type { Order } from '../../domain/order.ts'

/** An order that was still due when it was read. */
export type DueOrder = Order & OutboxEntry

/** What became of an order that the relay could do nothing for. */
export interface Failed<Of extends Owed = Owed> {
  owed: Of
  error: unknown
}

const isDue = <Entry extends { outboxDueAt?: string | undefined }>(
  entry: Entry,
  at: string,
): entry is Entry & { outboxDueAt: string } => entry.outboxDueAt !== undefined && entry.outboxDueAt <= at

/** Reads due orders, the most overdue first. The index may be behind: the order's own time decides. */
export async function readDue(
  repository: Pick<OrderRepository, 'getAll'>,
  entries: readonly OutboxEntry[],
  at: string,
): Promise<{ orders: DueOrder[]; unreadable: Failed[] }> {
  const unreadable: Failed[] = []
  const read = await repository.getAll(
    entries.map(({ orderId }) => orderId),
    (item, error) => {
      const owed = owedBy(item)
      if (owed !== undefined && isDue(owed, at)) unreadable.push({ owed, error })
    },
  )
  const orders = read.filter((order) => isDue(order, at))
  return { orders: orders.sort((a, b) => (a.outboxDueAt < b.outboxDueAt ? -1 : 1)), unreadable }
}
