import type { OrderStatus } from '../domain/chain.ts'
import { isOwedTo } from '../domain/events.ts'
import { type Claim, claimFor, openQuestion } from '../domain/unknown-outcome.ts'
import type { OrderRepository, Written } from './order-repository.ts'

/** Who claims an order, and under which conditions. Times are ISO 8601. */
export interface ClaimRequest {
  eventId: string
  lane: string
  from: OrderStatus
  claim: Claim
  now: string
  /** When the relay picks up the order if the claim ends without a result. */
  dueAt: string
}

/** Records that a worker has received the order's event. */
const takenUp = { outboxSends: 0, outboxClaimed: true }

/** Claims an order with one write; with a second one after an old claim or a cancellation, or if its mark is due too soon. */
export async function claimOrder(
  repository: Pick<OrderRepository, 'write' | 'change'>,
  orderId: string,
  { eventId, lane, from, claim, now, dueAt }: ClaimRequest,
): Promise<Written> {
  const first = await repository.write(
    orderId,
    { set: { claim, ...takenUp } },
    claim.id,
    `#status = :from AND vendors.#${claim.step} = :lane` +
      ' AND attribute_not_exists(deadLettered) AND attribute_not_exists(cancellation)' +
      ' AND attribute_not_exists(#claim) AND outboxDueAt >= :until' +
      ' AND (attribute_not_exists(nextAttemptAt) OR nextAttemptAt <= :now)',
    { ':from': from, ':lane': lane, ':now': now, ':until': claim.until },
  )
  const { order } = first
  if (first.written || order === undefined) return first
  const isFree = order.claim === undefined || order.claim.until < now
  const isDue = order.nextAttemptAt === undefined || order.nextAttemptAt <= now
  const isItsTurn = isOwedTo(lane, eventId, order)
  if (!isItsTurn || order.deadLettered !== undefined || !isFree || !isDue) return first
  return repository.change(order, {
    set: {
      claim: claimFor(order, claim),
      unknownOutcome: openQuestion(order),
      outboxDueAt: dueAt,
      ...takenUp,
    },
  })
}
