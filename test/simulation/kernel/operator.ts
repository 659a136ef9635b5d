import { type VendorName, vendorNames } from './options.ts'
import type { Shops } from './shop.ts'
import type { World } from './world.ts'

/** What operators do. */
export interface OperatorHabits {
  /** How long after a dead-lettering they redrive it; undefined for never. */
  redriveAfterMs?: number | undefined
  /** The most redrives of one order. */
  maxRedrives: number
}

/** A redrive, and whether the order's outcome at the vendor was unknown then. */
export interface Redrive {
  step: VendorName
  orderId: string
  wasUnknown: boolean
}

/** The operators: they have the cause corrected, and redrive dead letters. */
export class Operator {
  readonly redrives: Redrive[] = []
  readonly #world: World
  readonly #shops: Shops
  readonly #habits: OperatorHabits
  readonly #seen = new Set<string>()

  constructor(world: World, shops: Shops, habits: OperatorHabits) {
    this.#world = world
    this.#shops = shops
    this.#habits = habits
    world.onQueued = () => this.#look()
  }

  #look(): void {
    const { redriveAfterMs } = this.#habits
    if (redriveAfterMs === undefined) return
    for (const step of vendorNames)
      for (const { id, body } of this.#world.sqs.messages(`${step}-dlq`)) {
        if (this.#seen.has(id)) continue
        this.#seen.add(id)
        const orderId = /ord_\w{32}/.exec(body)?.[0]
        if (orderId === undefined) continue
        const { timeline } = this.#world
        timeline.after(redriveAfterMs / 2, () => this.#shops.correctAddressOf(orderId))
        timeline.after(redriveAfterMs, () => this.#redrive(step, id, orderId))
      }
  }

  /** https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_StartMessageMoveTask.html */
  #redrive(step: VendorName, id: string, orderId: string): void {
    const earlier = this.redrives.filter((redrive) => redrive.orderId === orderId && redrive.step === step)
    if (earlier.length >= this.#habits.maxRedrives) return
    const world = this.#world
    const message = world.sqs.take(`${step}-dlq`, id)
    if (!message) return
    const order = world.dynamoDb.items('orders').get(orderId)
    this.redrives.push({ step, orderId, wasUnknown: order?.unknownOutcome !== undefined })
    world.log('operator', `redrives ${orderId} of ${step}`)
    const { fault } = world.inject(`operator: redrive ${orderId}`, 'redrive')
    const entry = { MessageBody: message.body, MessageAttributes: message.attributes }
    for (let copy = 0; copy < (fault === 'twice' ? 2 : 1); copy++)
      world.sqs.call('SendMessage', { QueueUrl: `${step}-queue`, ...entry })
    world.wake()
  }
}
