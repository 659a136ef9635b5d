import { type Circuit, passable } from '../../adapters/circuit.ts'
import { guardedBy } from '../../adapters/vendor-item.ts'
import { outboxPartitions } from '../../domain/outbox.ts'
import { paceAt } from '../../domain/pace.ts'
import type { Reason } from '../../domain/reasons.ts'
import { deadLettered } from '../../domain/step-changes.ts'
import { openQuestion } from '../../domain/unknown-outcome.ts'
import { asError } from '../telemetry.ts'
import { longestWait, waitAfter, waitedFor } from './backoff.ts'
import { inParallel } from './batches.ts'
import { createEntries } from './entries.ts'
import { messageOf } from './messages.ts'
import { createDue, type DueOrder, orFailed } from './read-due.ts'
import type { RelayDeps, RelayLane, ShardGroup } from './relay-deps.ts'
import { createSending, type Spread } from './sending.ts'
import { createTroubleshooter } from './trouble.ts'

/** The most that OrdersWaiting counts per partition, and UnresolvedDeadLetters in total. */
const maxCounted = 1000

/** Emits how long a lane's vendor has been down, and how many orders wait for it and for an operator. */
async function tellState(
  { vendor: lane }: RelayLane,
  circuit: Circuit,
  { repository, telemetry, now, shards }: RelayDeps,
): Promise<void> {
  const since = circuit.heldSince ?? (circuit.state === 'open' ? circuit.since : now())
  telemetry.metric('VendorDownSeconds', Math.max(0, (now() - since) / 1000), { lane })
  const partitions = outboxPartitions(lane, shards)
  const counts = await Promise.all(partitions.map((each) => repository.count(each, maxCounted)))
  const waiting = counts.reduce((sum, count) => sum + count, 0)
  telemetry.metric('OrdersWaiting', waiting, { lane })
  const at = new Date(now()).toISOString()
  const deadLetters = createEntries(repository.deadLetters, 'deadLetteredAt', partitions, at)
  const oldestMs = now() - Date.parse((await deadLetters.oldest()) ?? at)
  const { length } = await deadLetters.take(maxCounted)
  telemetry.metric('UnresolvedDeadLetters', length, { lane })
  telemetry.metric('OldestDeadLetterSeconds', oldestMs / 1000, { lane })
}

/** The share of the vendor's rate that is kept, under a backlog, for orders whose message may be lost. */
const shareUnderBacklog = 0.02

/** A group's share of a total in one interval; the shares of all groups add up to it. */
function partOf(total: number, { group, groups }: ShardGroup, interval: number): number {
  return Math.floor((total + ((interval + group) % groups)) / groups)
}

/**
 * How many orders one run may send: what the vendor takes until the next run, minus what its queue holds, or a due
 * probe while it is down. Under a backlog `onlySilent` is set: only orders never claimed and not sent for long.
 */
async function paceOf(
  { ratePerSecond, queue }: RelayLane,
  circuit: Circuit,
  shardGroup: ShardGroup,
  { now, intervalMs }: Pick<RelayDeps, 'now' | 'intervalMs'>,
) {
  const pass = passable(circuit, now())
  const perSecond = paceAt(circuit, now(), ratePerSecond)
  if (pass === 'none') return { budget: 0, perSecond, onlySilent: false }
  const interval = Math.floor(now() / intervalMs)
  const taken = Math.max(1, Math.floor((perSecond * intervalMs) / 1000))
  const free = Math.max(0, taken - (await queue.depth()))
  const onlySilent = pass !== 'probe' && free === 0
  const most = pass === 'probe' ? Math.min(1, free) : free
  const total = onlySilent ? Math.ceil(taken * shareUnderBacklog) : most
  return { budget: partOf(total, shardGroup, interval), perSecond, onlySilent }
}

/** Relays the orders that a step of the chain has to process. */
export function createStepLane(deps: RelayDeps) {
  const { repository, telemetry, now, backoffMs, graceMs, waitingLimitMs } = deps
  const { lookAfter, isHopeless } = createTroubleshooter(deps)
  const send = createSending(deps)

  /** Whether an order was never claimed, and last sent at least the longest backoff ago. */
  function isSilent({ outboxClaimed, outboxDueAt, outboxSends = 0 }: DueOrder): boolean {
    const waitedMs = outboxSends === 0 ? graceMs : waitAfter(outboxSends, backoffMs)
    return !outboxClaimed && now() - (Date.parse(outboxDueAt) - waitedMs) >= longestWait(backoffMs)
  }

  /** Whether an order was sent repeatedly, for as long as an order may wait, without being claimed. */
  const isUnconsumed = ({ outboxSends = 0 }: DueOrder): boolean =>
    waitedFor(outboxSends, backoffMs) >= waitingLimitMs

  /** A later run publishes their events. If the DLQ rejects a message, the index still has the order. */
  async function giveUp(orders: readonly DueOrder[], reason: Reason, { step, queue, vendor }: RelayLane) {
    const failure = 'not-the-vendors'
    const failed = await inParallel(orders, (order) =>
      orFailed(order, async () => {
        const cause = { reason, failure, question: openQuestion(order) } as const
        const change = deadLettered(order, step, cause, { now: now(), graceMs })
        const given = await repository.change(order, change)
        if (!given.written) return undefined
        const { orderId, attempts, traceparent: trace, deadLettered: deadLetterNumber = 0 } = given.order
        telemetry.metric('OrdersDeadLettered', 1, { lane: vendor })
        telemetry.error('Order dead-lettered', { orderId, step, lane: vendor, reason })
        const facts = { orderId, step, kind: failure, reason, attempts, deadLetterNumber, trace }
        await queue.deadLetter(messageOf(order), facts)
        return undefined
      }),
    )
    return failed.filter((each) => each !== undefined)
  }

  /** Sends orders and handles those that cannot be sent. Returns how many were sent. */
  async function sendSlice(orders: readonly DueOrder[], relayed: RelayLane, spread: Spread): Promise<number> {
    const { sent, failed } = await send(orders, relayed, spread)
    telemetry.metric('EventsRepublished', sent, { lane: relayed.vendor })
    const hopeless = failed.map(({ owed }) => owed).filter(isHopeless)
    const notGivenUp = await giveUp(hopeless, 'CANNOT_BE_SENT', relayed)
    await lookAfter([...failed.filter(({ owed }) => !isHopeless(owed)), ...notGivenUp], relayed.vendor)
    return sent
  }

  /** Sends due orders slice by slice, up to what the vendor takes. */
  return async function* run(relayed: RelayLane, shardGroup: ShardGroup): AsyncGenerator<void> {
    const { vendor: lane } = relayed
    const { group, groups } = shardGroup
    // As in the workers, a circuit that cannot be read counts as closed.
    const guarded = guardedBy((error) =>
      telemetry.warn('Circuit breaker unavailable, it counts as closed', { lane, error: asError(error) }),
    )
    const circuit = await guarded<Circuit>({ state: 'closed', failures: 0 }, relayed.readCircuit)
    const due = createDue(deps, lane, shardGroup)
    const [oldest, { budget, perSecond, onlySilent }] = await Promise.all([
      due.oldest(),
      paceOf(relayed, circuit, shardGroup, deps),
      group === 0 && tellState(relayed, circuit, deps),
    ])
    const overdueMs = oldest === undefined ? 0 : now() - Date.parse(oldest)
    telemetry.metric('OldestOverdueSeconds', overdueMs / 1000, { lane })
    const everyMs = (1000 * groups) / perSecond
    /** Reads the next slice, handles what cannot be sent, and returns the rest. Undefined at the end. */
    const readOn = async (): Promise<DueOrder[] | undefined> => {
      const slice = await due.next()
      if (slice === undefined) return undefined
      const { unconsumed = [], others = [] } = Object.groupBy(slice.orders, (each) =>
        isUnconsumed(each) ? 'unconsumed' : 'others',
      )
      const failed = await giveUp(unconsumed, 'NEVER_CONSUMED', relayed)
      await lookAfter([...slice.unreadable, ...failed], lane)
      return onlySilent ? others.filter(isSilent) : others
    }
    let sent = 0
    let orders = budget > 0 ? await readOn() : undefined
    while (orders !== undefined && sent < budget) {
      const next = orders.splice(0, budget - sent)
      // Reads the next slice meanwhile, unless this one may use up what the vendor takes.
      const readsOn = !onlySilent && orders.length === 0 && sent + next.length < budget
      const [sentNow, ahead] = await Promise.all([
        sendSlice(next, relayed, { firstMs: sent * everyMs, everyMs }),
        readsOn ? readOn() : orders,
      ])
      sent += sentNow
      orders = ahead
      yield
      if (onlySilent && orders?.length === 0) return
    }
  }
}
