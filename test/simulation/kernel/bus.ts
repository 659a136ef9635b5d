import { firstStep } from '../../../lambdas/domain/chain.ts'
import type { Json } from '../models/aws-error.ts'
import { type BusEvent, createEventBridgeModel } from '../models/event-bridge.ts'
import { type VendorName, vendorNames } from './options.ts'
import type { World } from './world.ts'

const consumerOf = (event: BusEvent): VendorName | undefined =>
  vendorNames.find((lane) => lane === (event.detail as { data: { lane?: string } }).data.lane)

/** The lane to which a wrong rule delivers a lane's event: the other carrier's. */
const wrongLaneOf = (lane: VendorName): VendorName => (lane === firstStep ? 'courier' : firstStep)

/** The bus and its rules, which deliver each event to the queue of its lane. */
export class Bus {
  /** The events that EventBridge accepted. */
  readonly published: BusEvent[] = []
  readonly #world: World
  readonly #model = createEventBridgeModel({
    deliver: (event) => this.#route(event),
    now: () => this.#world.timeline.now,
  })

  constructor(world: World) {
    this.#world = world
  }

  call(action: string, input: Json, isRefused: boolean): Json {
    const isOut = this.#world.isOut('bus')
    if (isOut) this.#world.log('bus', 'refuses every event')
    return this.#model.call(action, input, isOut ? 'all' : isRefused ? 'first' : 'none')
  }

  /** Delivers each lane's last event once more. */
  redeliver(): void {
    for (const lane of vendorNames) {
      const last = this.published.findLast((event) => consumerOf(event) === lane)
      if (last) this.#enqueue(lane, last)
    }
  }

  #route(event: BusEvent): void {
    this.published.push(event)
    const consumer = consumerOf(event)
    if (!consumer) return
    const { chance, options, timeline } = this.#world
    const { orderId } = (event.detail as { data: { orderId: string } }).data
    const about = `${event['detail-type']} ${orderId}`
    const { repeatsAfterMs, hasCourier } = options
    const kind = hasCourier ? 'routing' : 'delivery'
    const { address, fault } = this.#world.inject(`bus: ${about} to ${consumer}`, kind)
    if (fault === 'lost' || this.#world.isOut('rules')) {
      this.#world.log('bus', `loses ${about}`)
      return
    }
    const lateMs = fault === 'late' ? chance.between(`${address} lateness`, 5000, 200_000) : 0
    const deliver = () => this.#enqueue(fault === 'astray' ? wrongLaneOf(consumer) : consumer, event)
    timeline.after(this.#world.latencyMs(address) + lateMs, deliver)
    if (repeatsAfterMs !== undefined) timeline.after(repeatsAfterMs, deliver)
    if (fault === 'twice') timeline.after(this.#world.latencyMs(`${address} again`), deliver)
  }

  #enqueue(consumer: VendorName, event: BusEvent): void {
    this.#world.sqs.call('SendMessage', {
      QueueUrl: `${consumer}-queue`,
      MessageBody: JSON.stringify(event),
    })
    this.#world.wake()
  }
}
