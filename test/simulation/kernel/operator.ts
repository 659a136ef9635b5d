import { type VendorName, vendorNames } from './options.ts'
import type { Shops } from './shop.ts'
import type { World } from './world.ts'

/** How the people on call behave. */
export interface OperatorHabits {
  /** How long after a dead letter they redrive it; they never do where it is undefined. */
  redriveAfterMs?: number | undefined
  /** Redrives of one order at the most: whatever fails again and again stays. */
  maxRedrives: number
}

/** A redrive, and whether nobody could know the outcome that it took a person's word for. */
export interface Redrive {
  step: VendorName
  orderId: string
  wasUnknown: boolean
}

/** The people on call: they correct the cause, and move dead letters back into their queue. */
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
    world.tell('operator', `redrives ${orderId} of ${step}`)
    const { fault } = world.strike(`operator: redrive ${orderId}`, 'redrive')
    const entry = { MessageBody: message.body, MessageAttributes: message.attributes }
    for (let copy = 0; copy < (fault === 'twice' ? 2 : 1); copy++)
      world.sqs.call('SendMessage', { QueueUrl: `${step}-queue`, ...entry })
    world.wake()
  }
}
