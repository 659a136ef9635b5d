import { unmarshall } from '@aws-sdk/util-dynamodb'
import { turnOf } from '../../../lambdas/domain/events.ts'
import type { Order } from '../../../lambdas/domain/order.ts'
import type { Settlement } from '../../../lambdas/domain/settlement.ts'
import type { Item } from '../models/expressions.ts'
import { productOf } from '../models/vendor.ts'
import { otherCarrier, type VendorName, vendorNames } from './options.ts'
import type { Shops } from './shop.ts'
import type { World } from './world.ts'

/** What the operators do, and when. */
export interface OperatorHabits {
  /** How long after a dead-lettering they redrive the order; undefined for never. */
  redriveAfterMs?: number | undefined
  /** The most redrives of one order. */
  maxRedrives: number
  /** When they reroute the first order to the other carrier, then back, and so on. In ms from the start. */
  reroutesAtMs?: readonly number[]
}

/** An order's times come from a clock that may be wrong by this much. */
const maxSkewMs = 10_000

const tries = 6
const waitMs = 2000

/** The operators: they get causes corrected, ask the vendors' staff about unknown outcomes, and redrive orders. */
export class Operator {
  readonly #redrives: { lane: VendorName; orderId: string }[] = []
  readonly #world: World
  readonly #shops: Shops
  readonly #habits: OperatorHabits
  readonly #seen = new Set<string>()

  constructor(world: World, shops: Shops, habits: OperatorHabits) {
    this.#world = world
    this.#shops = shops
    this.#habits = habits
    world.onQueued = () => this.#look()
    for (const atMs of habits.reroutesAtMs ?? []) world.timeline.after(atMs, () => this.rerouteNow())
  }

  /** How often an order was redriven, in all lanes together. */
  redrivesOf(orderId: string): number {
    return this.#redrives.filter((redrive) => redrive.orderId === orderId).length
  }

  /** Settles the first order by what its vendor's staff say now. */
  settleNow(): void {
    for (const orderId of [...this.#world.dynamoDb.items('orders').keys()].slice(0, 1)) this.#settle(orderId)
  }

  /** Reroutes the first order to the other carrier, if there is one. */
  rerouteNow(): void {
    if (!this.#world.options.hasCourier) return
    for (const orderId of [...this.#world.dynamoDb.items('orders').keys()].slice(0, 1)) {
      const to = otherCarrier(this.#order(orderId)?.vendors.logistics)
      this.#world.log('operator', `reroutes ${orderId} to ${to}`)
      this.#world.function('reroute-order').invoke({ orderId, to }, () => {})
    }
  }

  #look(): void {
    const { redriveAfterMs } = this.#habits
    if (redriveAfterMs === undefined) return
    for (const lane of vendorNames)
      for (const { id, body } of this.#world.sqs.messages(`${lane}-dlq`)) {
        if (this.#seen.has(id)) continue
        this.#seen.add(id)
        const orderId = /ord_\w{32}/.exec(body)?.[0]
        if (orderId === undefined) continue
        const { timeline } = this.#world
        timeline.after(redriveAfterMs / 2, () => this.#shops.correctAddressOf(orderId))
        timeline.after(redriveAfterMs, () => {
          const order = this.#order(orderId)
          const isPersons =
            order?.undo !== undefined || order?.attention?.reason.startsWith('OUTCOME_UNKNOWN')
          if (order?.deadLettered === undefined || !isPersons) this.#redrive(lane, id, orderId)
          else this.#settle(orderId, () => this.#redrive(lane, id, orderId))
        })
      }
  }

  #order(orderId: string): Order | undefined {
    const item = this.#world.dynamoDb.items('orders').get(orderId)
    return item && (unmarshall(item as Item) as Order)
  }

  /** What the staff of the order's current vendor say about it; undefined if they cannot say yet. */
  #word(order: Order): Settlement | undefined {
    const step = turnOf(order)
    if (step === undefined) return undefined
    const world = this.#world
    const vendor = world.vendor(order.vendors[step] ?? step)
    const since = Date.parse(order.createdAt) - maxSkewMs
    const things = vendor.goodOf(order.orderId, since)
    const [thing] = things
    if (thing === undefined)
      return vendor.mayHaveMade(order.orderId, since) ? undefined : { what: 'NOTHING_MADE' }
    const { kept } = productOf(step)
    if (order.undo === undefined || order.deadLettered === undefined)
      return { what: 'MADE', step, facts: { [kept]: kept === 'facts' ? { own: thing.id } : thing.id } }
    if (things.some((each) => vendor.hasLeft(each))) return { what: 'TOO_LATE' }
    for (const each of things) each.undoneAt = world.timeline.now
    return { what: 'UNDONE' }
  }

  /** Asks the vendor's staff and records their answer, with a few retries; then calls `then`. */
  #settle(orderId: string, then = () => {}, number = 1): void {
    const world = this.#world
    const order = this.#order(orderId)
    const settlement = order && this.#word(order)
    if (settlement === undefined) {
      world.log('operator', `learns nothing certain of ${orderId}`)
      then()
      return
    }
    world.log('operator', `settles ${orderId}: ${JSON.stringify(settlement)}`)
    world.function('settle-order').invoke({ orderId, settlement }, (ended) => {
      if (ended.kind === 'answered') then()
      else if (number < tries) world.timeline.after(waitMs, () => this.#settle(orderId, then, number + 1))
    })
  }

  /** https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_StartMessageMoveTask.html */
  #redrive(lane: VendorName, id: string, orderId: string): void {
    const earlier = this.#redrives.filter((redrive) => redrive.orderId === orderId && redrive.lane === lane)
    if (earlier.length >= this.#habits.maxRedrives) return
    const world = this.#world
    const message = world.sqs.take(`${lane}-dlq`, id)
    if (!message) return
    this.#redrives.push({ lane, orderId })
    world.log('operator', `redrives ${orderId} of ${lane}`)
    const { fault } = world.inject(`operator: redrive ${orderId}`, 'redrive')
    const entry = { MessageBody: message.body, MessageAttributes: message.attributes }
    for (let copy = 0; copy < (fault === 'twice' ? 2 : 1); copy++)
      world.sqs.call('SendMessage', { QueueUrl: `${lane}-queue`, ...entry })
    world.wake()
  }
}
