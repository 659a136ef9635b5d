import { links, type OrderStatus, placed } from '../lambdas/domain/chain.ts'

/** The statuses that may follow a status: none, where an order ends. */
export function nextStatuses(status: OrderStatus): readonly OrderStatus[] {
  if (status === 'CANCELLED') return []
  if (status === 'CANCELLING') return [placed.status, ...links.map(({ to }) => to), 'CANCELLED']
  const ways = links.filter(({ from }) => from === status).map(({ to }) => to)
  return [...ways, 'CANCELLING', ...(status === placed.status ? (['CANCELLED'] as const) : [])]
}
