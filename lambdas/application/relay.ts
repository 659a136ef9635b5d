import { type Circuit, passable } from '../adapters/circuit-breaker.ts'
import { type EventPublisher, maxEntries } from '../adapters/event-publisher.ts'
import type { OrderRepository, OutboxEntry } from '../adapters/order-repository.ts'
import { type DelayedMessage, maxBatch, type StepQueue } from '../adapters/step-queue.ts'
import type { Telemetry } from '../application/telemetry.ts'
import type { StepName } from '../domain/chain.ts'
import type { FailureKind } from '../domain/deed.ts'
import { eventOf, eventSource } from '../domain/events.ts'
import type { Order } from '../domain/order.ts'
import { deadLettered } from '../domain/order-changes.ts'
import { type Consumer, outboxPartitions } from '../domain/outbox.ts'
import { openQuestion } from '../domain/uncertainty.ts'

/** A step of the chain as the relay looks after it. */
export interface RelayStep {
  step: StepName
  vendor: string
  /** What the vendor takes in a second. */
  ratePerSecond: number
  queue: StepQueue
  readCircuit: () => Promise<Circuit>
}

/** What the relay works with. */
export interface RelayDeps {
  steps: readonly RelayStep[]
  repository: OrderRepository
  publisher: EventPublisher
  telemetry: Telemetry
  now: () => number
  /** In ms: how often the relay runs; what waits after each sending; when somebody looks after a dead letter. */
  intervalMs: number
  backoffMs: readonly number[]
  graceMs: number
}

/** An event that was sent so often and never taken up is an operator's: something is wired wrongly. */
const maxSends = 10
/** Announcements that one run sends at the most: nobody's rate limits them. */
const maxAnnouncements = 1000
/** Entries of each shard that are read beyond the limit, for those that turn out to be none. */
const spareEntries = 25
/** Writes under way at once. */
const concurrency = 16
/** The relay stops taking up orders when it has less time left than this, in ms. */
const reservedMs = 10_000

const batches = <T>(items: readonly T[], size: number): T[][] =>
  Array.from({ length: Math.ceil(items.length / size) }, (_, i) => items.slice(i * size, (i + 1) * size))

const byDueAt = (a: OutboxEntry, b: OutboxEntry): number => (a.outboxDueAt < b.outboxDueAt ? -1 : 1)

const isDue = (order: Order, at: string): order is Order & OutboxEntry =>
  order.outboxDueAt !== undefined && order.outboxDueAt <= at

/** A step's queue gets what the bus would have put into it. */
const messageOf = (order: Order): string => {
  const { detailType, detail } = eventOf(order)
  return JSON.stringify({ source: eventSource, 'detail-type': detailType, detail })
}

/**
 * The outbox relay: looks after every order whose mark is overdue. What the world may not have heard goes out
 * on the bus again; what has only been waiting goes to its step's queue. It sends no more than the step's
 * vendor takes, and nothing but a probe while the vendor is down.
 */
export function createRelay(deps: RelayDeps) {
  const { repository, publisher, telemetry, now, intervalMs, backoffMs, graceMs } = deps

  const backoff = (order: Order): number =>
    backoffMs[Math.min(order.outboxSends ?? 0, backoffMs.length - 1)] ?? graceMs

  const push = (order: Order, delayMs = 0): Promise<void> =>
    repository.pushMark(order, new Date(now() + delayMs + backoff(order)).toISOString())

  /** What is due for a consumer, the most overdue first, and some more than the limit. */
  async function overdue(consumer: Consumer, limit: number): Promise<OutboxEntry[]> {
    const at = new Date(now()).toISOString()
    const shards = await Promise.all(
      outboxPartitions(consumer).map((partition) => repository.due(partition, at, limit + spareEntries)),
    )
    return shards.flat().sort(byDueAt)
  }

  /** So many of the entries as are really due. The index may be behind: only what the order itself says counts. */
  async function stillDue(entries: readonly OutboxEntry[], limit: number): Promise<Order[]> {
    const at = new Date(now()).toISOString()
    const left = entries.map(({ orderId }) => orderId)
    const due: (Order & OutboxEntry)[] = []
    while (due.length < limit && left.length > 0) {
      const orders = await repository.getAll(left.splice(0, limit - due.length), (orderId, error) =>
        telemetry.error('Order cannot be read', { orderId, error }),
      )
      due.push(...orders.filter((order) => isDue(order, at)))
    }
    return due.sort(byDueAt)
  }

  async function concurrently<T>(items: readonly T[], action: (item: T) => Promise<void>): Promise<void> {
    for (const batch of batches(items, concurrency)) {
      const results = await Promise.allSettled(batch.map(action))
      for (const result of results)
        if (result.status === 'rejected')
          telemetry.error('The relay could not finish an order, and will try again', { error: result.reason })
    }
  }

  async function publish(orders: readonly Order[], step: Consumer): Promise<void> {
    for (const batch of batches(orders, maxEntries)) {
      const published = await publisher.publish(batch)
      await concurrently(published, async ({ order, error }) => {
        if (error !== undefined) {
          telemetry.warn('Event not accepted, the relay will try again', { orderId: order.orderId, error })
          // What the bus refuses was not sent: an outage of the bus must not make orders hopeless.
          await repository.postponeMark(order, new Date(now() + backoff(order)).toISOString())
        } else if (step === 'announcement') await repository.clearMark(order)
        else await push(order)
      })
      telemetry.metric('EventsRepublished', published.filter(({ error }) => error === undefined).length, {
        step,
      })
    }
  }

  /** Sends waiting orders to their step's queue, spread out at the vendor's rate. */
  async function send(orders: readonly Order[], { step, queue, ratePerSecond }: RelayStep): Promise<void> {
    const delayed = orders.map((order, index) => ({ order, delayMs: (index / ratePerSecond) * 1000 }))
    for (const batch of batches(delayed, maxBatch)) {
      const messages: DelayedMessage[] = batch.map(({ order, delayMs }) => ({
        body: messageOf(order),
        delayMs,
        trace: order.traceparent,
      }))
      const refused = await queue.send(messages)
      await concurrently(
        batch.filter((_, index) => !refused.has(index)),
        ({ order, delayMs }) => push(order, delayMs),
      )
      telemetry.metric('EventsRepublished', batch.length - refused.size, { step })
    }
  }

  /** Puts a dead-lettered order's message into the DLQ of its step, where a redrive finds it. */
  async function sendDeadLetter({ deadLettered: deadLetterNumber = 0, ...order }: Order): Promise<void> {
    const { orderId, attempts, traceparent: trace, attention } = order
    const stuck = deps.steps.find(({ step }) => step === attention?.step)
    if (!stuck || !attention)
      throw new Error('An order is dead-lettered in a step that the relay does not know')
    const { step, reason } = attention
    const kind: FailureKind = 'not-the-vendors'
    await stuck.queue.deadLetter(messageOf(order), {
      orderId,
      step,
      kind,
      reason,
      attempts,
      deadLetterNumber,
      trace,
    })
  }

  /**
   * Announces orders. Of a dead-lettered one the message goes into the DLQ first: its mark is still there, so
   * whoever dead-lettered it may have died before that. A second message of the same number does no harm.
   */
  async function announce(orders: readonly Order[]): Promise<void> {
    const ready: Order[] = []
    await concurrently(orders, async (order) => {
      if (order.deadLettered !== undefined) await sendDeadLetter(order)
      ready.push(order)
    })
    await publish(ready, 'announcement')
  }

  /** Dead-letters an order that nobody ever took up. */
  async function giveUp(order: Order, { step }: RelayStep): Promise<void> {
    const question = openQuestion(order)
    const cause = { reason: 'NEVER_CONSUMED', failure: 'not-the-vendors', question } as const
    const given = await repository.change(order, deadLettered(order, step, cause, { now: now(), graceMs }))
    if (!given.written) return
    telemetry.metric('OrdersDeadLettered', 1, { step })
    telemetry.error('Order dead-lettered', { orderId: order.orderId, step, reason: cause.reason })
    await announce([given.order])
  }

  /** How many orders a step may be sent now: what its vendor takes until the next run, less what is queued. */
  async function budgetOf({ ratePerSecond, queue }: RelayStep, circuit: Circuit): Promise<number> {
    const pass = passable(circuit, now())
    if (pass === 'none') return 0
    const free = Math.max(1, Math.floor((ratePerSecond * intervalMs) / 1000)) - (await queue.depth())
    return Math.max(0, pass === 'probe' ? Math.min(1, free) : free)
  }

  async function readCircuit({ vendor, readCircuit: read }: RelayStep): Promise<Circuit> {
    try {
      return await read()
    } catch (error) {
      telemetry.warn('Circuit breaker out of reach, it counts as closed', { vendor, error: String(error) })
      return { state: 'closed', failures: 0 }
    }
  }

  async function relayStep(relayed: RelayStep): Promise<void> {
    const { step, vendor } = relayed
    const circuit = await readCircuit(relayed)
    const since = circuit.heldSince ?? (circuit.state === 'open' ? circuit.since : now())
    telemetry.metric('VendorDownSeconds', Math.max(0, (now() - since) / 1000), { vendor })

    const counts = await Promise.all(outboxPartitions(step).map((partition) => repository.count(partition)))
    telemetry.metric(
      'OrdersWaiting',
      counts.reduce((sum, count) => sum + count, 0),
      { step },
    )

    const budget = await budgetOf(relayed, circuit)
    const entries = await overdue(step, budget)
    const oldest = entries[0] ? now() - Date.parse(entries[0].outboxDueAt) : 0
    telemetry.metric('OldestOverdueSeconds', Math.max(0, oldest / 1000), { step })

    const orders = await stillDue(entries, budget)
    const hopeless = orders.filter(({ outboxSends = 0 }) => outboxSends >= maxSends)
    const hopeful = orders.filter(({ outboxSends = 0 }) => outboxSends < maxSends)
    await concurrently(hopeless, (order) => giveUp(order, relayed))
    await publish(
      hopeful.filter(({ outboxClaimed }) => !outboxClaimed),
      step,
    )
    await send(
      hopeful.filter(({ outboxClaimed }) => outboxClaimed),
      relayed,
    )
  }

  async function relayAnnouncements(): Promise<void> {
    const entries = await overdue('announcement', maxAnnouncements)
    await announce(await stillDue(entries, maxAnnouncements))
  }

  /** One run over all steps; one step's failure never keeps another's orders waiting. */
  return async (remainingMs: () => number): Promise<void> => {
    const work = [...deps.steps.map((step) => () => relayStep(step)), relayAnnouncements]
    const failures: unknown[] = []
    for (const run of work) {
      if (remainingMs() < reservedMs) break
      try {
        await run()
      } catch (error) {
        failures.push(error)
        telemetry.error('The relay failed', { error: error instanceof Error ? error : String(error) })
      }
    }
    if (failures.length > 0) throw new AggregateError(failures, 'The relay could not look after every step')
  }
}
