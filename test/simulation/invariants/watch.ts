import { unmarshall } from '@aws-sdk/util-dynamodb'
import { nextStatuses, type OrderStatus, orderStatuses, placed } from '../../../lambdas/domain/chain.ts'
import type { Order } from '../../../lambdas/domain/order.ts'
import type { Invocation } from '../kernel/invocation.ts'
import type { VendorName, Watcher } from '../kernel/options.ts'
import type { World } from '../kernel/world.ts'
import type { Item } from '../models/expressions.ts'
import { times } from '../times.ts'

/** An invariant that did not hold, and in what way. */
export interface Violation {
  invariant: string
  detail: string
}

/** A dead-lettering, at the moment it is recorded. */
export interface DeadLettering {
  orderId: string
  step: string
  number: number
}

/** Watches a run as it goes: what must hold at every moment, not only at rest. */
export class Watch implements Watcher {
  readonly violations: Violation[] = []
  readonly deadLetterings: DeadLettering[] = []
  /** When each order got to its last status, in epoch ms of the world. */
  readonly finishedAt = new Map<string, number>()
  readonly #world: World
  readonly #orders = new Map<string, Order>()
  #circuitOpenSince = new Map<string, number>()

  constructor(world: World) {
    this.#world = world
  }

  #breaks(invariant: string, detail: string): void {
    this.violations.push({ invariant, detail })
    this.#world.log('!!!', invariant, detail)
  }

  onWrite(table: string, key: string, after: Item | undefined): void {
    if (table === 'circuits') this.#onCircuit(key, after)
    if (table !== 'orders') return
    if (after === undefined) {
      this.#breaks('nothing lost', `${key} was deleted`)
      return
    }
    const now = unmarshall(after) as Order
    const was = this.#orders.get(key)
    this.#log(now)
    this.#orders.set(key, now)
    this.#checkTimeline(was, now)
    this.#checkMark(now)
    if (was && was.version >= now.version && JSON.stringify(was.timeline) !== JSON.stringify(now.timeline))
      this.#breaks('legal path', `${key}: its history changed and its version did not`)
    if (now.attention && now.deadLettered !== undefined && now.deadLettered !== was?.deadLettered)
      this.deadLetterings.push({ orderId: key, step: now.attention.step, number: now.deadLettered })
    if (now.status !== was?.status) this.finishedAt.set(key, this.#world.timeline.now)
  }

  /** Writes the order's new state as a line of the log. */
  #log({
    orderId,
    status,
    version,
    claim,
    attention,
    unknownOutcome,
    deadLettered,
    outboxEventId,
    outboxDueAt,
  }: Order) {
    const due = outboxDueAt && `${Math.round((Date.parse(outboxDueAt) - this.#world.timeline.now) / 1000)} s`
    this.#world.log(
      `    = ${orderId}: ${status} v${version}`,
      claim ? `claimed by ${claim.id}` : '',
      attention ? `${attention.state} (${attention.reason}, ${attention.attempts} failed)` : '',
      unknownOutcome ? 'outcome unknown' : '',
      deadLettered === undefined ? '' : `dead letter ${deadLettered}`,
      outboxEventId ? `owes ${outboxEventId.replace(`${orderId}:`, '')} in ${due}` : 'owes nothing',
    )
  }

  #checkTimeline(was: Order | undefined, now: Order): void {
    const { orderId, timeline, status } = now
    const earlier = was?.timeline ?? []
    if (JSON.stringify(timeline.slice(0, earlier.length)) !== JSON.stringify(earlier))
      this.#breaks('legal path', `${orderId}: its history was rewritten`)
    let at = ''
    let reached: OrderStatus | undefined
    for (const entry of timeline) {
      if (entry.at < at)
        this.#breaks('times never run back', `${orderId}: ${entry.type} at ${entry.at}, after ${at}`)
      at = entry.at
      const next = orderStatuses.find((each) => each === entry.type)
      if (next === undefined) continue
      const follows: readonly string[] = reached === undefined ? [placed.status] : nextStatuses(reached)
      if (!follows.includes(next))
        this.#breaks('legal path', `${orderId}: ${next} after ${reached ?? 'nothing'}`)
      reached = next
    }
    if (reached !== status)
      this.#breaks('legal path', `${orderId}: is ${status}, and its history says ${reached}`)
    if (was && now.updatedAt < was.updatedAt) this.#breaks('times never run back', `${orderId}: updatedAt`)
    for (const entry of timeline.slice(earlier.length)) this.#checkWait(orderId, entry)
  }

  /** After a failed attempt, the next one is not before the retry schedule's time. */
  #checkWait(orderId: string, { type, at, attempt, nextAttemptAt }: Order['timeline'][number]): void {
    if (type !== 'ATTEMPT_FAILED') return
    const due = times.retryDelaysMs[(attempt ?? 0) - 1]
    const waits = Date.parse(nextAttemptAt ?? at) - Date.parse(at)
    if (due === undefined || waits < due - 2 * this.#world.options.skewMs)
      this.#breaks(
        'no early retry',
        `${orderId}: attempt ${attempt} is followed by the next after ${waits} ms`,
      )
  }

  #checkMark({ orderId, status, deadLettered, outboxEventId, outboxDueAt, outboxPartition }: Order): void {
    const isMarked = outboxEventId !== undefined
    if (isMarked !== (outboxDueAt !== undefined) || isMarked !== (outboxPartition !== undefined))
      this.#breaks('marks', `${orderId}: half a mark`)
    const isOver = nextStatuses(status).length === 0
    const owes = deadLettered === undefined ? `${orderId}:${status}` : new RegExp(`:${deadLettered}$`)
    if (isMarked ? !outboxEventId.match(owes) : !isOver && deadLettered === undefined)
      this.#breaks('marks', `${orderId}: ${status} and owes ${outboxEventId ?? 'nothing'}`)
  }

  #onCircuit(vendor: string, after: Item | undefined): void {
    const state = after?.state
    if (state && 'S' in state && state.S === 'open') {
      if (!this.#circuitOpenSince.has(vendor)) this.#circuitOpenSince.set(vendor, this.#world.timeline.now)
    } else this.#circuitOpenSince.delete(vendor)
  }

  onVendorCall(call: { invocation: Invocation; vendor: VendorName; reference: string }): void {
    const { vendor, reference, invocation } = call
    const { timeline, options } = this.#world
    const order = this.#orders.get(reference)
    const early = Date.parse(order?.nextAttemptAt ?? '') - timeline.now
    if (early > 2 * options.skewMs)
      this.#breaks('no early retry', `${reference}: ${vendor} is called ${early} ms before its time`)
    // With a wrong clock, an instance may take a live claim for an ended one.
    if (options.skewMs === 0 && !order?.claim?.id.startsWith(`${invocation.id}:`))
      this.#breaks(
        'claims',
        `${reference}: ${vendor} is called by ${invocation.id}, and ${order?.claim?.id} holds the claim`,
      )
    this.#checkProbe(vendor, invocation)
  }

  /** While a circuit is open, the only vendor call is its probe's, once the caches of all instances have expired. */
  #checkProbe(vendor: VendorName, { id }: Invocation): void {
    const { timeline, dynamoDb, options } = this.#world
    const openMs = timeline.now - (this.#circuitOpenSince.get(vendor) ?? timeline.now)
    // Instances cache what they read, and a look-up may precede the create.
    const heardMs = times.breakerCacheMs + times.vendorTimeoutMs + 2 * options.skewMs + 30_000
    // An unreadable circuit counts as closed.
    const isOutOfReach = this.#world.injected.some(({ address }) => address.includes('circuit of'))
    if (openMs < heardMs || isOutOfReach) return
    const circuit = dynamoDb.items('circuits').get(vendor)
    const probe = circuit?.probeId
    if (!probe || !('S' in probe) || !probe.S.startsWith(`${id}:`))
      this.#breaks('one probe at a time', `${vendor} is called although its circuit is open`)
  }
}
