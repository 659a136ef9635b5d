import { unmarshall } from '@aws-sdk/util-dynamodb'
import type { StepName } from '../../../lambdas/domain/chain.ts'
import type { Order } from '../../../lambdas/domain/order.ts'
import { isConcurrentAction, repeatedBySdk } from '../kernel/fault-points.ts'
import type { Invocation } from '../kernel/invocation.ts'
import { stepOf, type VendorCall, type VendorName, type Watcher } from '../kernel/options.ts'
import type { World } from '../kernel/world.ts'
import type { Item } from '../models/expressions.ts'
import { times } from '../times.ts'
import {
  checkDeadLetter,
  checkMark,
  checkRerouting,
  checkRetries,
  checkTimeline,
  checkWaiting,
} from './order-checks.ts'
import { thingOf, vendorsOf } from './rest.ts'

/** A violated invariant, and how it was violated. */
export interface Violation {
  invariant: string
  detail: string
}

/** A dead-lettering, as of the write that records it. */
export interface DeadLettering {
  orderId: string
  step: StepName
  number: number
  reason: string
  at: number
  /** Whether a request for the order ever reached the step's vendor. */
  wasSent: boolean
}

/** An order until TTL removes it; placed again afterwards, it begins a new life. Times are virtual, in epoch ms. */
export interface Life {
  order: Order
  bornAt: number
  removedAt?: number
  /** Since when it has had its status. */
  statusAt: number
  /** When each vendor's identifier was stored on it. */
  knownAt: Partial<Record<VendorName, number>>
  /** The vendors that a request for it has reached. */
  sentTo: Set<VendorName>
  /** How often the relay sent it, and how many sends the order has counted. */
  relayed: number
  counted: number
}

/** Checks the invariants that must hold at every moment of a run, not only at rest. */
export class Watch implements Watcher {
  readonly violations: Violation[] = []
  readonly deadLetterings: DeadLettering[] = []
  readonly lives: Life[] = []
  readonly #world: World
  readonly #current = new Map<string, Life>()
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
    const life = this.#current.get(key)
    if (after === undefined) {
      this.#end(key, life)
      return
    }
    const was = life?.order
    const now = unmarshall(after) as Order
    this.#log(now)
    this.#live(life, now)
    const { skewMs, waitingLimitMs } = this.#world.options
    const checks = [
      checkTimeline(was, now),
      checkRetries(was, now, skewMs),
      checkWaiting(now, waitingLimitMs),
      checkRerouting(was, now),
      checkMark(now),
      checkDeadLetter(now),
    ]
    for (const check of checks) for (const { invariant, detail } of check) this.#breaks(invariant, detail)
  }

  /** Updates an order's life, or begins it. */
  #live(known: Life | undefined, now: Order): void {
    const at = this.#world.timeline.now
    const was = known?.order
    const life: Life = known ?? {
      order: now,
      bornAt: at,
      statusAt: at,
      knownAt: {},
      sentTo: new Set(),
      relayed: 0,
      counted: 0,
    }
    if (!known) {
      this.#current.set(now.orderId, life)
      this.lives.push(life)
    }
    life.order = now
    if (now.status !== was?.status) life.statusAt = at
    for (const vendor of vendorsOf(now)) if (thingOf(now, vendor) !== undefined) life.knownAt[vendor] ??= at
    if (now.attention && now.deadLettered !== undefined && now.deadLettered !== was?.deadLettered) {
      const { orderId, deadLettered: number } = now
      const { step, reason } = now.attention
      const wasSent = vendorsOf(now).some((vendor) => stepOf(vendor) === step && life.sentTo.has(vendor))
      this.deadLetterings.push({ orderId, step, number, reason, at, wasSent })
    }
    if ((now.outboxSends ?? 0) > (was?.outboxSends ?? 0)) {
      life.counted++
      // The relay counts a send before it sends. Without other faults the count is at most one ahead.
      const isCalm = this.#world.injected.every(({ fault }) => repeatedBySdk.includes(fault))
      if (isCalm && life.counted > life.relayed + 1)
        this.#breaks('sendings counted', `${now.orderId}: counted again before it was sent`)
    }
  }

  #end(orderId: string, life: Life | undefined): void {
    const { now } = this.#world.timeline
    if (life === undefined || !((life.order.expiresAt ?? Number.POSITIVE_INFINITY) * 1000 <= now))
      this.#breaks('nothing lost', `${orderId} was deleted`)
    if (life) life.removedAt = now
    this.#current.delete(orderId)
  }

  onOutboxRead({ id }: Invocation): void {
    const { dynamoDb, options, injected } = this.#world
    const holder = dynamoDb.items('locks').get('outbox-relay#0/1')?.leaseOwner
    // A run goes on without the locks table, and parallel reads outlive a run that one of them has failed.
    const isDisturbed =
      this.#world.isOut('locks') ||
      injected.some(({ fault, address }) => !isConcurrentAction(fault) && address.startsWith('outbox-relay'))
    // An instance with a wrong clock may take a live lease for an expired one.
    if (options.skewMs === 0 && !isDisturbed && !(holder && 'S' in holder && holder.S === id))
      this.#breaks('one relay run', `${id} looks into the outbox although it does not hold the lease`)
  }

  onRelayed(orderIds: readonly string[]): void {
    for (const orderId of orderIds) {
      const life = this.#current.get(orderId)
      if (life) life.relayed++
    }
  }

  /** Logs the order's new state. */
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

  #onCircuit(vendor: string, after: Item | undefined): void {
    const state = after?.state
    if (state && 'S' in state && state.S === 'open') {
      if (!this.#circuitOpenSince.has(vendor)) this.#circuitOpenSince.set(vendor, this.#world.timeline.now)
    } else this.#circuitOpenSince.delete(vendor)
  }

  onVendorCall({ vendor, orderId, invocation, arrives }: VendorCall): void {
    const { timeline, options } = this.#world
    const life = this.#current.get(orderId)
    if (arrives) life?.sentTo.add(vendor)
    const early = Date.parse(life?.order.nextAttemptAt ?? '') - timeline.now
    if (early > 2 * options.skewMs)
      this.#breaks('no early retry', `${orderId}: ${vendor} is called ${early} ms before its time`)
    const claim = life?.order.claim
    // An instance with a wrong clock may take a live claim for an expired one.
    if (options.skewMs === 0 && !claim?.id.startsWith(`${invocation.id}:`))
      this.#breaks(
        'claims',
        `${orderId}: ${vendor} is called by ${invocation.id}, and ${claim?.id} holds the claim`,
      )
    this.#checkProbe(vendor, invocation)
  }

  /** While a circuit is open, only the probe calls the vendor, as soon as the caches of all instances have expired. */
  #checkProbe(vendor: VendorName, { id }: Invocation): void {
    const { timeline, dynamoDb, options } = this.#world
    const openMs = timeline.now - (this.#circuitOpenSince.get(vendor) ?? timeline.now)
    // Instances cache the circuit's state, and a look-up may precede the create.
    const heardMs = times.breaker.cacheMs + times.vendorTimeoutMs + 2 * options.skewMs + 30_000
    // An unreadable circuit counts as closed.
    const isOutOfReach = this.#world.injected.some(({ address }) => address.includes('circuit of'))
    if (openMs < heardMs || isOutOfReach) return
    const circuit = dynamoDb.items('circuits').get(vendor)
    const probe = circuit?.probeId
    if (!probe || !('S' in probe) || !probe.S.startsWith(`${id}:`))
      this.#breaks('one probe at a time', `${vendor} is called although its circuit is open`)
  }
}
