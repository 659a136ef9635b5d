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

/** An order's times come from a clock that may be wrong by this much. */
const maxSkewMs = 10_000

/** The operators: they have the cause corrected, and redrive dead letters. */
export class Operator {
  readonly #redrives: { step: VendorName; orderId: string }[] = []
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

  /** How often an order was redriven, at whichever step. */
  redrivesOf(orderId: string): number {
    return this.#redrives.filter((redrive) => redrive.orderId === orderId).length
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

  /** Where only a person can find out what became of a call, they ask the vendor. @returns undefined where nobody must */
  #findOut(step: VendorName, orderId: string): 'may be made' | 'nothing made' | undefined {
    const order = this.#world.dynamoDb.items('orders').get(orderId)
    const { attention, createdAt, unknownOutcome } = order ?? {}
    const reason = attention && 'M' in attention ? attention.M.reason : undefined
    const isAsked = reason && 'S' in reason && reason.S.startsWith('OUTCOME_UNKNOWN')
    if (!isAsked || unknownOutcome === undefined) return undefined
    const placedAt = createdAt && 'S' in createdAt ? Date.parse(createdAt.S) - maxSkewMs : 0
    return this.#world.vendor(step).mayHaveMade(orderId, placedAt) ? 'may be made' : 'nothing made'
  }

  /** https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_StartMessageMoveTask.html */
  #redrive(step: VendorName, id: string, orderId: string): void {
    const earlier = this.#redrives.filter((redrive) => redrive.orderId === orderId && redrive.step === step)
    if (earlier.length >= this.#habits.maxRedrives) return
    const world = this.#world
    const found = this.#findOut(step, orderId)
    if (found === 'may be made') {
      world.log('operator', `leaves ${orderId} of ${step}, which may have made something for it`)
      return
    }
    const message = world.sqs.take(`${step}-dlq`, id)
    if (!message) return
    this.#redrives.push({ step, orderId })
    world.log('operator', `redrives ${orderId} of ${step}`)
    const { fault } = world.inject(`operator: redrive ${orderId}`, 'redrive')
    const word = found && { nothingMade: { DataType: 'String', StringValue: 'true' } }
    const entry = { MessageBody: message.body, MessageAttributes: { ...message.attributes, ...word } }
    for (let copy = 0; copy < (fault === 'twice' ? 2 : 1); copy++)
      world.sqs.call('SendMessage', { QueueUrl: `${step}-queue`, ...entry })
    world.wake()
  }
}
