import { type OrderStatus, orderStatuses, placed } from '../../../lambdas/domain/chain.ts'
import type { Order } from '../../../lambdas/domain/order.ts'
import { nextStatuses } from '../../next-statuses.ts'
import { times } from '../times.ts'
import { isOver, isStatus, plainEventId } from './rest.ts'
import type { Violation } from './watch.ts'

/** An order's timeline only grows, in the order of time, and its statuses follow the chain. */
export function* checkTimeline(was: Order | undefined, now: Order): Generator<Violation> {
  const { orderId, timeline, status } = now
  const earlier = was?.timeline ?? []
  if (JSON.stringify(timeline.slice(0, earlier.length)) !== JSON.stringify(earlier))
    yield { invariant: 'legal path', detail: `${orderId}: its history was rewritten` }
  let at = ''
  let reached: OrderStatus | undefined
  for (const entry of timeline) {
    if (entry.at < at)
      yield {
        invariant: 'times never run back',
        detail: `${orderId}: ${entry.type} at ${entry.at}, after ${at}`,
      }
    at = entry.at
    // A refused cancellation returns the order to its status, or to a later one if a step has ended meanwhile.
    if (entry.type === 'CANCELLATION_REFUSED') reached = now.cancellation?.refusedIn
    const next = orderStatuses.find((each) => each === entry.type)
    if (next === undefined) continue
    const follows: readonly string[] = reached === undefined ? [placed.status] : nextStatuses(reached)
    if (!follows.includes(next))
      yield { invariant: 'legal path', detail: `${orderId}: ${next} after ${reached ?? 'nothing'}` }
    reached = next
  }
  if (reached !== status)
    yield { invariant: 'legal path', detail: `${orderId}: is ${status}, and its history says ${reached}` }
  if (was && now.updatedAt < was.updatedAt)
    yield { invariant: 'times never run back', detail: `${orderId}: updatedAt` }
  if (was && was.version >= now.version && timeline.length !== earlier.length)
    yield { invariant: 'legal path', detail: `${orderId}: its history changed and its version did not` }
}

/** The pause after a failed attempt is the schedule's, and the order states it correctly. */
export function* checkRetries(was: Order | undefined, now: Order, skewMs: number): Generator<Violation> {
  for (const { type, at, attempt, nextAttemptAt } of now.timeline.slice(was?.timeline.length ?? 0)) {
    if (type !== 'ATTEMPT_FAILED') continue
    const due = times.retryDelaysMs[(attempt ?? 0) - 1]
    const waits = Date.parse(nextAttemptAt ?? at) - Date.parse(at)
    if (due === undefined || waits < due - 2 * skewMs)
      yield {
        invariant: 'no early retry',
        detail: `${now.orderId}: attempt ${attempt} is followed by the next after ${waits} ms`,
      }
  }
}

/** How much longer than its limit an order may wait: the longest pause between attempts, and one relay run. */
const latenessMs = 20 * 60_000

/** An order changes its vendor only in a new round, and only if the previous vendor certainly made nothing. */
export function* checkRerouting(was: Order | undefined, now: Order): Generator<Violation> {
  if (was === undefined || JSON.stringify(was.vendors) === JSON.stringify(now.vendors)) return
  const { orderId, claim, unknownOutcome, round, undo } = was
  if (claim !== undefined || unknownOutcome !== undefined || undo !== undefined)
    yield { invariant: 'rerouted when free', detail: `${orderId}: its vendor may have made something` }
  if (now.round <= round || now.attempts > 0 || now.deadLettered !== undefined)
    yield { invariant: 'rerouted when free', detail: `${orderId}: it got no round of its own` }
}

/** The total time that an order waits in one round is within the waiting limit. */
export function* checkWaiting(
  { orderId, attention, timeline }: Order,
  waitingLimitMs: number,
): Generator<Violation> {
  if (attention?.state !== 'waiting' || attention.nextAttemptAt === undefined) return
  const begins = timeline.findLastIndex(
    ({ type }) => type === 'REDRIVEN' || type === 'REROUTED' || isStatus(type),
  )
  const since = timeline.slice(begins + 1).find(({ type }) => type === 'WAITING')?.at ?? attention.since
  const waitsMs = Date.parse(attention.nextAttemptAt) - Date.parse(since)
  if (waitsMs > waitingLimitMs + latenessMs)
    yield { invariant: 'waiting ends', detail: `${orderId} has been waiting since ${since}, and goes on` }
}

/** An order is in the index of dead letters exactly while it is dead-lettered, under the step that failed. */
export function* checkDeadLetter(order: Order): Generator<Violation> {
  const { orderId, deadLettered, deadLetterPartition, deadLetteredAt, attention } = order
  const lane = deadLettered === undefined || !attention ? undefined : order.vendors[attention.step]
  const indexedAt = deadLetterPartition?.replace(/#.$/, '')
  if (indexedAt !== lane || (deadLetteredAt !== undefined) !== (lane !== undefined))
    yield {
      invariant: 'dead letters stay',
      detail: `${orderId}: dead letter ${deadLettered} of ${lane}, indexed at ${deadLetterPartition} since ${deadLetteredAt}`,
    }
}

/** An unfinished order has a complete outbox mark, for the event of its current status. */
export function* checkMark(order: Order): Generator<Violation> {
  const { orderId, status, deadLettered, outboxEventId, outboxDueAt, outboxPartition } = order
  const isMarked = outboxEventId !== undefined
  if (isMarked !== (outboxDueAt !== undefined) || isMarked !== (outboxPartition !== undefined))
    yield { invariant: 'marks', detail: `${orderId}: half a mark` }
  const owed = order.cancellation?.refusedIn === status ? 'CANCELLATION_REFUSED' : status
  const owes = deadLettered === undefined ? `${orderId}:${owed}` : new RegExp(`:${deadLettered}$`)
  if (isMarked ? !plainEventId(outboxEventId).match(owes) : !isOver(order) && deadLettered === undefined)
    yield { invariant: 'marks', detail: `${orderId}: ${status} and owes ${outboxEventId ?? 'nothing'}` }
}
